import { dataset } from 'gradloom'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csv, readCsv } from '../../src/formats/csv'
import { FormatError } from '../../src/formats/error'
import { GraphError } from '../../src/ir/errors'

const columns = { x: 'float64', n: 'int32', name: 'text', kind: ['a', 'b'] } as const
const text = 'name,x,other,n,kind\n"one, two",0.5,?,1,a\n"say ""hi""\nthere",-1e3,,-2,b\n'
const expected = {
  x: Float64Array.of(0.5, -1000),
  n: Int32Array.of(1, -2),
  name: ['one, two', 'say "hi"\nthere'],
  kind: Int32Array.of(0, 1),
}
const quote = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

async function rejection(source: Parameters<typeof csv>[0], options: object): Promise<Error> {
  const error: unknown = await readCsv(source, options as never).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(Error)
  return error as Error
}

describe('a CSV file', () => {
  it('is read from whatever gives text or bytes', async () => {
    const bytes = new TextEncoder().encode(`\ufeff${text}`)
    const pieces = Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1))
    const sources = [text, bytes, [text.slice(0, 9), text.slice(9)], pieces, new Blob([bytes]).stream()]
    for (const source of sources) expect(await readCsv(source, { columns })).toEqual(expected)
    const windows = text.replaceAll('there', 'THERE').replaceAll(/\n(?!T)/g, '\r\n')
    expect((await readCsv(windows, { columns })).n).toEqual(expected.n)
  })

  it('may be text in pieces that part a character', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', '𝄞', '👩‍🚀', 'é', '\u{10FFFF}', '\uE000'), minLength: 1 })
    await fc.assert(
      fc.asyncProperty(name, fc.integer({ min: 1, max: 3 }), async (name, size) => {
        const whole = `name\n${name}\n`
        const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
          whole.slice(i * size, (i + 1) * size),
        )
        expect(await readCsv(pieces, { columns: { name: 'text' } })).toEqual({ name: [name] })
      }),
      { numRuns: 50 },
    )
  })

  it.each<readonly [...(string | Uint8Array)[]]>([
    ['name\n\uD834'],
    ['name\n\uD834', 'x\n'],
    ['name\n\uD834', '', '\uD834\uDD1E'],
    ['name\n\uDD1E\n'],
    ['name\n\uDD1E\uD834\n'],
    ['name\n\uD834', Uint8Array.of(0x0a)],
    ['name\n\uD834', Uint8Array.of(0x0a), '\uDD1E\n'],
  ])('is refused where text has half of a character: %j', async (...pieces) => {
    const error = await rejection(pieces, { columns: { name: 'text' } })
    expect(error).toBeInstanceOf(FormatError)
    expect(error.message).toMatch(/^csv: the text has half of a character, a lone surrogate, near byte \d+$/)
  })

  it.each<readonly [unknown, string]>([
    [new ArrayBuffer(4), 'ArrayBuffer; pass new Uint8Array(buffer)'],
    [new DataView(new ArrayBuffer(4)), 'DataView'],
    [7, 'number'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{}, 'Object'],
    [Object.create(null), 'an object'],
    [new Blob(['x']), 'Blob'],
    [() => 'x', 'function'],
  ])('is not read from %o', async (source, kind) => {
    const error = await rejection(source as string, { columns: { name: 'text' } })
    expect(error).toBeInstanceOf(GraphError)
    expect(error.message).toBe(`csv: text or bytes are needed, whole or in pieces, got ${kind}`)
  })

  it('may end its lines in several ways, also between two pieces', async () => {
    for (const text of ['name\na\r\nb\rc\n', 'name\r\na\nb\r\nc\r\n', 'name\ra\rb\nc']) {
      const bytes = new TextEncoder().encode(text)
      const pieces = Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1))
      for (const source of [text, pieces])
        expect(await readCsv(source, { columns: { name: 'text' } })).toEqual({ name: ['a', 'b', 'c'] })
    }
  })

  it('gives back what was written', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '𝄞', "'") })
    const row = fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), cell)
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const lines = rows.map(([x, n, name]) => `${x},${n | 0},${quote(name)}`)
        const bytes = new TextEncoder().encode(['x,n,name', ...lines].join('\n') + '\n')
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.slice(i * size, (i + 1) * size),
        )
        const read = await readCsv(pieces, { columns: { x: 'float64', n: 'int32', name: 'text' } })
        expect([...read.x]).toEqual(rows.map(([x]) => Number(String(x))))
        expect([...read.n]).toEqual(rows.map(([, n]) => n | 0))
        expect(read.name).toEqual(rows.map(([, , name]) => name))
      }),
      { numRuns: 50 },
    )
  })

  it('may have no header, another delimiter and gaps', async () => {
    const options = { columns: { b: 'float32' }, header: ['a', 'b'], delimiter: ';', missing: -1 } as const
    expect(await readCsv('1;2\n\n3;\n4; NaN \n5;NA', options)).toEqual({ b: Float32Array.of(2, -1, -1, -1) })
  })

  it('is a dataset that memory need not hold', async () => {
    let lines = 0
    function* source(): Generator<string> {
      yield 'x,y\n'
      for (; lines < 1e6; lines += 100) yield `${lines},1\n`.repeat(100)
    }
    const rows = dataset.from(() => csv(source(), { columns: { x: 'float32', y: 'int32' } }))
    const seen: unknown[] = []
    for await (const batch of rows.batch(4, { dtype: { y: 'int32' } })) if (seen.push(batch) === 2) break
    const one = { x: expect.any(Float32Array), y: expect.any(Int32Array) }
    expect(seen).toEqual([one, one])
    // What is read ahead is a piece or two, not the file.
    expect(lines).toBeLessThan(1e6 / 2)
  })

  it('is refused with row and column where something is wrong', async () => {
    const one = { columns: { x: 'float32' } } as const
    const whole = { columns: { x: 'int32' } } as const
    const refused: readonly (readonly [source: string | Uint8Array, options: object, message: RegExp])[] = [
      ['', one, /the file is empty/],
      ['y\n1', one, /row 1, column "x": is missing; the file has "y"/],
      ['x,x\n1,2', one, /row 1, column "x": is there for the second time/],
      ['x\n1\ntwo', one, /^csv: row 3, column "x": "two" is no float32/],
      ['x\n""', one, /row 2, column "x": "" is no float32/],
      ...['0x10', '1e999', '1e39', 'Infinity', 'NaN', '1_0', '1,', '--1', '.', '1'.repeat(500)].map(
        (cell) => [`x\n"${cell}"`, one, /row 2, column "x": ".*" is no float32/] as const,
      ),
      ...['1.5', '2147483648', '-2147483649', '1e10'].map((cell) => [`x\n${cell}`, whole, /is no int32/] as const),
      ['x\nc', { columns: { x: ['a', 'b'] } }, /"c" is none of "a, b"/],
      ['x\n__proto__', { columns: { x: ['a', 'b'] } }, /"__proto__" is none of/],
      ['x,y\n1', one, /row 2 has 1 cells, not 2/],
      ['x\n1,2', one, /row 2 has 2 cells, not 1/],
      ['x\n"1', one, /Quote/],
      ['x\n1"2"', one, /Quote/],
      [Uint8Array.of(0x78, 10, 0xff), one, /no UTF-8/],
      [Uint8Array.of(0x78, 10, 0xc3), one, /no UTF-8/],
      [`x\n${'1'.repeat(100)}`, { ...one, maxRowBytes: 99 }, /more than 99 bytes/],
      [`x\n"${'1\n'.repeat(100)}"`, { ...one, maxRowBytes: 99 }, /Max Record Size/],
      [','.repeat(2 ** 20 + 1), one, /more than 1048576 bytes/],
    ]
    for (const [source, options, message] of refused) {
      const error = await rejection(source, options)
      expect(error.message).toMatch(message)
      expect(error).toBeInstanceOf(FormatError)
    }
    expect((await rejection('x\n1\ntwo', one)) as FormatError).toMatchObject({ at: 'row 3, column x', format: 'csv' })
  })

  it('is not read by options that make no sense', async () => {
    const wrong: readonly (readonly [options: object, message: RegExp])[] = [
      [{ columns: {} }, /columns must name/],
      [{ columns: { x: 'float16' } }, /column "x" must be float32/],
      [{ columns, headers: true }, /unknown option "headers"/],
      [{ columns, delimiter: '"' }, /delimiter/],
      [{ columns, maxRowBytes: 0 }, /maxRowBytes/],
      ...[false, null, 1, 'x', [1]].map((header) => [{ columns, header }, /header must be true, or the list/] as const),
      ...[NaN, 0.5, 2 ** 31].map((missing) => [{ columns, missing }, /int32 column "n" cannot hold/] as const),
      ...[null, 'x', true].map((missing) => [{ columns, missing }, /missing must be a number/] as const),
    ]
    for (const [options, message] of wrong) {
      const error = await rejection(text, options)
      expect(error).toBeInstanceOf(GraphError)
      expect(error.message).toMatch(message)
    }
  })

  it('hands on the error of its source', async () => {
    async function* source(): AsyncGenerator<string> {
      yield 'x\n1\n'
      throw new Error('the line is dead')
    }
    await expect(readCsv(source(), { columns: { x: 'float32' } })).rejects.toThrow('the line is dead')
  })
})
