import fc from 'fast-check'
import { FormatError } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/formats/json'

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('JSON of files', () => {
  it('is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!text.includes('__proto__'))
        expect(parseJson('test', text)).toEqual(JSON.parse(text))
        expect(parseJson('test', new TextEncoder().encode(text))).toEqual(JSON.parse(text))
      }),
      { numRuns: 500 },
    )
  })

  it('may have long strings, with marks and quotes in them', () => {
    const value = { text: 'x'.repeat(20_000_000), marks: '{"a":1,"a":["\\'.repeat(500_000) }
    expect(parseJson('test', JSON.stringify(value))).toEqual(value)
  })

  it('is as deep as it may be', () => {
    expect(parseJson('test', nested(128))).toEqual(JSON.parse(nested(128)))
    expect(parseJson('test', nested(500), 500)).toEqual(JSON.parse(nested(500)))
  })

  it.each<[string, string | Uint8Array, string]>([
    ['no JSON', '{"a":', 'no JSON'],
    ['nothing', '', 'no JSON'],
    ['a string without end', '{"a', 'no JSON'],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'no UTF-8'],
    ['a key twice', '{"a":1,"b":{"a":2},"a":3}', 'the key "a" stands twice, at character 19'],
    ['a key twice, once in other letters', '{"a":1,"\\u0061":3}', 'the key "a" stands twice'],
    ['a key that reaches for a prototype', '{"x":{"__proto__":{}}}', 'the key "__proto__" at character 6'],
    ['a number beyond float64', '[1e999]', 'a number is Infinity'],
    ['NaN', '[NaN]', 'no JSON'],
    ['nesting without bottom', nested(100_000), 'nested deeper than 128'],
    ['nesting that is a little deep', nested(129), 'nested deeper than 128'],
  ])('is refused where it has %s', (_, text, said) => {
    expect(() => parseJson('test', text)).toThrow(FormatError)
    expect(() => parseJson('test', text)).toThrow(said)
  })
})
