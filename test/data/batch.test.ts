import fc from 'fast-check'
import { dataset, type DType, FeedError, GraphError } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { windowsOf } from './model'

const shaped = <A extends object>(array: A, shape: readonly number[]): A => Object.assign(array, { shape })
const ARRAYS = [Float32Array, Float64Array, Int32Array, Uint8Array, Int8Array, Int16Array, Uint16Array, Uint32Array, Uint8ClampedArray] as const // prettier-ignore

const rowShapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })
const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

describe('batch', () => {
  it('stacks rows of typed arrays into arrays of their type, and unbatch gives the rows back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ARRAYS), fc.nat(9), rowShapes, fc.integer({ min: 1, max: 5 }), fc.boolean(),
        (make, rows, row, n, dropRemainder) => {
          const data = new make(Array.from({ length: rows * sizeOf(row) }, (_, i) => i % 100))
          const size = sizeOf(row)
          const source = dataset.from({ x: data, y: Int32Array.from({ length: rows }, (_, i) => i) }, { rowShape: { x: row } })
          const batched = source.batch(n, { dropRemainder })
          const batches = [...batched]
          const wanted = windowsOf(Array.from({ length: rows }, (_, i) => i), { size: n, dropRemainder })
          expect(batched.size).toBe(wanted.length)
          expect(batches).toEqual(
            wanted.map((ids) => ({
              x: shaped(data.slice(ids[0]! * size, (ids.at(-1)! + 1) * size), [ids.length, ...row]),
              y: shaped(Int32Array.from(ids), [ids.length]),
            })),
          )
          const kept = wanted.flat().length
          expect([...batched.unbatch()]).toEqual([...source.take(kept)])
          // A second batching of the rows again, which holds what dtype single numbers have.
          expect([...batched.unbatch().batch(n, { dropRemainder })]).toEqual(batches)
        },
      ), // prettier-ignore
    )
  })

  it('cuts rows of typed arrays into numbers that know their type', () => {
    for (const make of ARRAYS) {
      const source = dataset.from(new make([1, 2, 3, 4]), { rowShape: [2] })
      const [batch] = source.unbatch().batch(4)
      expect(batch).toEqual(shaped(new make([1, 2, 3, 4]), [4]))
    }
    const exact = dataset.from(Int32Array.of(2 ** 24 + 1, 2), { rowShape: [2] })
    expect([...[...exact.unbatch().batch(2)][0]!]).toEqual([2 ** 24 + 1, 2])
  })

  it('keeps the types of parts of a tuple of which nothing is said', () => {
    const pair = dataset.zip([dataset.from(Int32Array.of(1, 2)), dataset.from(Int32Array.of(3, 4))])
    const [batch] = pair.batch(2, { dtype: ['float64'] } as never)
    expect(batch).toEqual([shaped(Float64Array.of(1, 2), [2]), shaped(Int32Array.of(3, 4), [2])])
  })

  it('stacks numbers as float32, booleans as bool, and either as it is told', () => {
    const first = (rows: readonly unknown[], options = {}): unknown => [...dataset.from(rows).batch(9, options)][0]
    expect(first([1.5, 2])).toEqual(shaped(Float32Array.of(1.5, 2), [2]))
    expect(first([true, false])).toEqual(shaped(Uint8Array.of(1, 0), [2]))
    expect(first([1, 2], { dtype: 'int32' })).toEqual(shaped(Int32Array.of(1, 2), [2]))
    expect(first([[[1, 2]], [[3, 4]], [[5, 6]]])).toEqual(shaped(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 1, 2]))
    expect(first([[], []])).toEqual(shaped(new Float32Array(0), [2, 0]))
    expect(
      first(
        [
          { a: 1, b: [2, 3] },
          { b: [4, 5], a: 6 },
        ],
        { dtype: { a: 'float64' } },
      ),
    ).toEqual({
      a: shaped(Float64Array.of(1, 6), [2]),
      b: shaped(Float32Array.of(2, 3, 4, 5), [2, 2]),
    })
    expect(first([Uint8Array.of(1, 255), Uint8Array.of(3, 4)], { dtype: 'float32' })).toEqual(shaped(Float32Array.of(1, 255, 3, 4), [2, 2])) // prettier-ignore
    expect(first(['one', 'two'])).toEqual(['one', 'two'])
    expect(
      first([
        { text: 'one', to: { n: 1 } },
        { text: 'two', to: { n: 2 } },
      ]),
    ).toEqual({
      text: ['one', 'two'],
      to: { n: shaped(Float32Array.of(1, 2), [2]) },
    })
  })

  it('stacks tuples part by part, and knows those of zip where all parts are numbers', () => {
    const pairs = dataset.zip([dataset.from(Int32Array.of(1, 2, 3)), dataset.from([4, 5, 6])])
    const wanted = [shaped(Int32Array.of(1, 2), [2]), shaped(Float32Array.of(4, 5), [2])]
    for (const source of [
      pairs,
      pairs.shuffle(1),
      pairs.filter(() => true),
      pairs.cache(),
      pairs.prefetch(2),
      pairs.repeat(2),
      pairs.concatenate(pairs),
    ])
      // prettier-ignore
      expect([...source.take(2).batch(2)]).toEqual([wanted])
    expect([...pairs.batch(2).unbatch()]).toEqual([...pairs])
    const mixed = dataset.from([[Float32Array.of(1, 2), 3], [Float32Array.of(4, 5), 6]] as const) // prettier-ignore
    expect([...mixed.batch(2)]).toEqual([[shaped(Float32Array.of(1, 2, 4, 5), [2, 2]), shaped(Float32Array.of(3, 6), [2])]]) // prettier-ignore
    expect([...dataset.from([7, 8]).enumerate().batch(2)]).toEqual([[shaped(Int32Array.of(0, 1), [2]), shaped(Float32Array.of(7, 8), [2])]]) // prettier-ignore
  })

  it('copies: a batch can be written to', () => {
    const data = Float32Array.of(1, 2)
    for (const batch of dataset.from(data, { rowShape: [1] }).batch(2)) batch.fill(0)
    expect([...data]).toEqual([1, 2])
  })

  const ROWS: readonly (readonly [what: string, rows: readonly unknown[], message: RegExp])[] = [
    ['typed arrays of other lengths', [new Float32Array(2), new Float32Array(2), new Float32Array(3)], /row 2 is Float32Array\[3\], row 0 is Float32Array\[2\]/], // prettier-ignore
    ['typed arrays of other types', [new Float32Array(2), new Int32Array(2)], /row 1 is Int32Array\[2\]/],
    ['typed arrays of other shapes', [shaped(new Float32Array(2), [1, 2]), shaped(new Float32Array(2), [2, 1])], /row 1 is Float32Array\[2, 1\], row 0 is Float32Array\[1, 2\]/], // prettier-ignore
    ['nested arrays of other shapes', [[1, 2], [1, 2, 3]], /row 1 is an array of shape \[3\], row 0 is an array of shape \[2\]/], // prettier-ignore
    ['uneven nested arrays', [[[1, 2], [3]]], /row 0 is an array of 2/],
    ['a number among arrays', [[1], 2], /row 1 is 2, row 0 is an array of shape \[1\]/],
    ['nothing among numbers', [1, undefined], /row 1 is undefined/],
    ['other keys', [{ a: 1 }, { b: 1 }], /row 1 is a record \{ b \}, row 0 is a record \{ a \}/],
    ['parts of other shapes', [{ a: { b: [1] } }, { a: { b: [1, 2] } }], /row 1 of a\.b is an array of shape \[2\]/],
  ]
  it.each(ROWS)('names the row: %s', (_, rows, message) => {
    expect(() => [...dataset.from(rows).batch(5)]).toThrow(FeedError)
    expect(() => [...dataset.from(rows).batch(5)]).toThrow(message)
  })

  it.each<[rows: readonly unknown[], dtype: DType, message: string]>([
    [[1, 2.5], 'int32', 'row 1 has the value 2.5, which Int32Array cannot hold'],
    [
      [
        [0, 1],
        [2, 2 ** 31],
      ],
      'int32',
      'row 1 has the value 2147483648, which Int32Array cannot hold',
    ],
    [[NaN], 'uint8', 'row 0 has the value NaN, which Uint8Array cannot hold'],
    [[Float32Array.of(1), Float32Array.of(-1)], 'uint8', 'row 1 has the value -1, which Uint8Array cannot hold'],
  ])('changes no value to fit a dtype: %j as %s', (rows, dtype, message) => {
    expect(() => [...dataset.from(rows).batch(5, { dtype })]).toThrow(FeedError)
    expect(() => [...dataset.from(rows).batch(5, { dtype })]).toThrow(message)
  })

  it('counts rows through the whole pass', () => {
    const rows = Array.from({ length: 9 }, (_, i) => (i === 7 ? [1] : [1, 2]))
    expect(() => [...dataset.from(rows).batch(2)]).toThrow('dataset.batch: row 7 is an array of shape [1], row 6 is')
    expect(() => [...dataset.from(rows).window({ size: 3, shift: 2, stride: 3 })]).toThrow('dataset.window: row 7 is an array of shape [1], row 4 is') // prettier-ignore
    expect(() => [...dataset.from(rows).batch(2).iterate({ skip: 3 })]).toThrow('row 7 is')
  })
})

describe('window', () => {
  it('slides over rows of any kind', () => {
    const options = fc.record({ size: fc.integer({ min: 1, max: 4 }), shift: fc.integer({ min: 1, max: 9 }), stride: fc.integer({ min: 1, max: 3 }), dropRemainder: fc.boolean() }) // prettier-ignore
    fc.assert(
      fc.property(fc.nat(20), options, (rows, sliding) => {
        const data = Float32Array.from({ length: rows * 2 }, (_, i) => i)
        const made = dataset.from(data, { rowShape: [2] }).window(sliding)
        const wanted = windowsOf(
          Array.from({ length: rows }, (_, i) => i),
          sliding,
        )
        expect(made.size).toBe(wanted.length)
        expect([...made].map((w) => [w.shape, [...w]])).toEqual(
          wanted.map((ids) => [[ids.length, 2], ids.flatMap((i) => [2 * i, 2 * i + 1])]),
        )
      }),
    )
  })

  it('is a batch where the shift is the size', () => {
    const source = dataset.from(Array.from({ length: 11 }, (_, i) => i))
    expect([...source.window({ size: 4 })]).toEqual([...source.batch(4)])
  })
})

describe('unbatch', () => {
  it.each([
    [[[[1]], 1], /failed at element 1: .*it is 1/],
    [[{ a: [1, 2], b: [1] }], /failed at element 0: dataset.unbatch: a has 2 rows and b has 1/],
    [[[1], [2], 'text'], /failed at element 2: .*it is string/],
  ])('says which element has no rows: %j', (elements, message) => {
    const source = dataset.from(elements as readonly unknown[]).unbatch()
    expect(() => [...source]).toThrow(FeedError)
    expect(() => [...source]).toThrow(message)
  })
})

describe('options', () => {
  const source = dataset.from([1, 2, 3])
  it.each([
    ['batch: size must be a whole number from 1, it is 0', () => source.batch(0)],
    ['batch: size must be a whole number from 1, it is 1.5', () => source.batch(1.5)],
    ['batch: unknown option "drop"; known are dropRemainder, dtype', () => source.batch(1, { drop: true } as never)],
    ['batch: dropRemainder must be true or false, it is 1', () => source.batch(1, { dropRemainder: 1 as never })],
    ['batch: dtype must be one of float32, float64, int32, uint8, bool, it is "int"', () => source.batch(1, { dtype: 'int' as never })], // prettier-ignore
    ['window: shift must be a whole number from 1, it is 0', () => source.window({ size: 2, shift: 0 })],
    ['window: stride must be a whole number from 1, it is -1', () => source.window({ size: 2, stride: -1 })],
    ['window: size must be a whole number from 1, it is undefined', () => source.window({} as never)],
    ['shuffle: bufferSize must be a whole number from 1, or Infinity, it is 0', () => source.shuffle(0)],
    ['shuffle: seed must be a safe integer, it is 0.5', () => source.shuffle(2, { seed: 0.5 })],
    ['shuffle: unknown option "reshuffleEachIteration"', () => source.shuffle(2, { reshuffleEachIteration: true } as never)], // prettier-ignore
    ['shuffle: an endless dataset needs a buffer of a size', () => source.repeat().shuffle(Infinity)],
    ['take: count must be a whole number from 0, or Infinity, it is -1', () => source.take(-1)],
    ['skip: count must be a whole number from 0, it is Infinity', () => source.skip(Infinity)],
    ['repeat: count must be a whole number from 0, or Infinity, it is NaN', () => source.repeat(NaN)],
    ['prefetch: count must be a whole number from 1, it is 0', () => source.prefetch(0)],
    ['map: a function is needed, it is number', () => source.map(1 as never)],
    ['filter: a function is needed, it is undefined', () => source.filter(undefined as never)],
    ['iterate: unknown option "step"; known are epoch, skip', () => source.iterate({ step: 1 } as never)],
    ['iterate: epoch must be a whole number from 0, it is -1', () => source.iterate({ epoch: -1 })],
    ['concatenate: a dataset is needed, it is an array of 1', () => source.concatenate([1] as never)],
    ['zip: b: a dataset is needed, it is 3', () => dataset.zip({ a: source, b: 3 as never })],
    ['zip: there are no datasets', () => dataset.zip([])],
    ['zip: an array or a record of datasets is needed, it is 3', () => dataset.zip(3 as never)],
  ])('%s', (message, make) => {
    expect(make).toThrow(GraphError)
    expect(make).toThrow(`dataset.${message}`)
  })

  it('endless datasets become no array', async () => {
    await expect(source.repeat().toArray()).rejects.toThrow(
      'dataset.toArray: the dataset is endless; take(n) comes first',
    )
  })
})
