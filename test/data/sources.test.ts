import { dataset, type Dataset, FeedError, GraphError } from 'gradloom'
import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'

const shaped = <A extends object>(array: A, shape: readonly number[]): A => Object.assign(array, { shape })

describe('from', () => {
  it('cuts typed arrays by their shape, or by the one that is given, without a copy', () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    expect([...dataset.from(data)]).toEqual([...data])
    expect([...dataset.from(data, { rowShape: [] })]).toEqual([...data])
    const rows = [...dataset.from(data, { rowShape: [4] })]
    expect(rows).toEqual([Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)])
    expect(rows.every((row) => row.buffer === data.buffer)).toBe(true)
    const squares = [shaped(Float32Array.of(1, 2, 3, 4), [2, 2]), shaped(Float32Array.of(5, 6, 7, 8), [2, 2])]
    expect([...dataset.from(data, { rowShape: [2, 2] })]).toEqual(squares)
    expect([...dataset.from(shaped(data.slice(), [2, 2, 2]))]).toEqual(squares)
    expect([...dataset.from(shaped(data.slice(), [8]))]).toEqual([...data])
    expect([...dataset.from(Buffer.from([1, 2, 3, 4]), { rowShape: [2] }).batch(2)]).toEqual([
      shaped(Uint8Array.of(1, 2, 3, 4), [2, 2]),
    ])
  })

  it('cuts records column by column, to any depth', () => {
    const record = { x: [[1, 2], [3, 4]], y: Uint8Array.of(5, 6), more: { z: ['a', 'b'] } } // prettier-ignore
    const made = dataset.from(record)
    expect(made.size).toBe(2)
    expect([...made]).toEqual([
      { x: [1, 2], y: 5, more: { z: 'a' } },
      { x: [3, 4], y: 6, more: { z: 'b' } },
    ])
  })

  it.each([
    [{ x: [1, 2, 3], y: [1, 2] }, {}, 'dataset.from: x has 3 rows and y has 2; columns are cut along their first axes'],
    [{ x: new Float32Array(6), y: [1] }, { rowShape: { x: [2] } }, 'dataset.from: x has 3 rows and y has 1'],
    [{ a: { b: [1], c: [] } }, {}, 'dataset.from: a.b has 1 rows and a.c has 0'],
    [{ x: 3 }, {}, 'dataset.from: x must be an array, a typed array or a record of such, it is 3'],
    [{}, {}, 'dataset.from: the source is a record without columns'],
    [new Float32Array(7), { rowShape: [2] }, 'the source has 7 values, which are no whole number of rows of shape [2]'],
    [new Float32Array(7), { rowShape: [0] }, 'rowShape of the source must be an array of whole numbers from 1'],
    [new Float32Array(7), { rowShape: 2 }, 'rowShape of the source must be an array of whole numbers from 1'],
    [{ x: new Float32Array(2) }, { rowShape: { z: [1] } }, 'rowShape has "z"; the columns are x'],
    [{ x: new Float32Array(2) }, { rowShape: [1] }, 'rowShape of the source must be a record, as the source is one'],
    [[1, 2], { rowShape: [1] }, 'rowShape is for typed arrays; the source is an array of 2'],
    [() => [], { rowShape: [1] }, 'rowShape is for typed arrays and records of them'],
    [shaped(new Float32Array(1), []), {}, 'the source has no axis to cut along, its shape is []'],
    [shaped(new Float32Array(5), [2, 3]), {}, 'the source has 5 values and says its shape is [2, 3]'],
    ['text', {}, 'the source must be an array, a typed array'],
    [7, {}, 'it is 7'],
    [null, {}, 'it is null'],
    [new DataView(new ArrayBuffer(2)), {}, 'it is a DataView'],
    [[1], { shape: [1] }, 'dataset.from: unknown option "shape"; known are rowShape'],
  ])('refuses sources: row %$', (source, options, message) => {
    const make = (): unknown => (dataset.from as (...args: unknown[]) => unknown)(source, options)
    expect(make).toThrow(GraphError)
    expect(make).toThrow(message)
  })

  it('says what a function should have returned', () => {
    expect(() => [...dataset.from((() => 3) as never)]).toThrow('what the function returns must be iterable, it is 3')
  })

  it('asks a source for nothing before the first element is asked for', () => {
    const begin = vi.fn(() => [1, 2].values())
    const made = dataset.from(begin).map((x) => x + 1).batch(2).shuffle(3).prefetch(2).repeat() // prettier-ignore
    const pass = made.iterate()
    expect(begin).not.toHaveBeenCalled()
    void pass.next()
    expect(begin).toHaveBeenCalled()
  })
})

const numbers = function* (): Generator<number> {
  yield* [1, 2, 3]
}
const later = async function* (): AsyncGenerator<number> {
  yield* [1, 2, 3]
}
/** An iterator that is not iterable. */
const bare = (): Iterator<number> => {
  const iterator = numbers()
  return { next: () => iterator.next() }
}
const ONCE: Readonly<Record<string, () => Dataset<number>>> = {
  'a generator object': () => dataset.from(numbers()),
  'an async generator object': () => dataset.from(later()),
  'the iterator of an array': () => dataset.from([1, 2, 3].values()),
  'an iterator alone': () => dataset.from(bare()),
  'a function that gives one object': () => {
    const object = numbers()
    return dataset.from(() => object)
  },
  'a stream of Node': () => dataset.from(Readable.from([1, 2, 3]) as AsyncIterable<number>),
}

describe('a source that gives its elements once', () => {
  const second = /gives its elements once, and .*; give a function .* or keep its elements with cache\(\)/
  it.each(Object.keys(ONCE))('says so at the second pass: %s', async (kind) => {
    const made = ONCE[kind]!()
    expect(await made.toArray()).toEqual([1, 2, 3])
    const error: unknown = await made.toArray().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(FeedError)
    expect((error as Error).message).toMatch(second)
    await expect(ONCE[kind]!().repeat(2).batch(2).toArray()).rejects.toThrow(second)
  })

  it.each(Object.keys(ONCE))('can be kept: %s', async (kind) => {
    const kept = ONCE[kind]!().cache()
    const all = kept.repeat(2).shuffle(3)
    for (const _ of [1, 2]) expect((await all.toArray()).sort()).toEqual([1, 1, 2, 2, 3, 3])
    expect(await kept.toArray()).toEqual([1, 2, 3])
  })

  it.each([
    ['generator function', () => dataset.from(numbers)],
    ['async generator function', () => dataset.from(later)],
    ['function that makes a stream', () => dataset.from(() => Readable.from([1, 2, 3]) as AsyncIterable<number>)],
    ['set', () => dataset.from(new Set([1, 2, 3]))],
  ])('is not a %s', async (_, make) => {
    const made = make()
    for (const _ of [1, 2, 3]) expect(await made.toArray()).toEqual([1, 2, 3])
  })

  it('is closed with the pass that stops early, after which the rest is gone', async () => {
    const made = dataset.from(numbers())
    for (const x of made) if (x === 2) break
    await expect(made.toArray()).rejects.toThrow(second)
  })
})
