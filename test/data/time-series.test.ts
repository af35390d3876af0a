import fc from 'fast-check'
import { dataset, GraphError, type TimeSeriesOptions } from 'gradloom'
import { describe, expect, it } from 'vitest'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const series = (n: number, at = (i: number): number => i): Float32Array => Float32Array.from(range(n), at)

/** What Keras computes: positions from 0 in the part of the data, as many as have room, each `sequenceStride`-th of them. */
function expected(
  steps: number,
  targets: number | null,
  options: TimeSeriesOptions,
): { starts: number[]; sequence: (start: number) => number[] } {
  // prettier-ignore
  const { sequenceLength, sequenceStride = 1, samplingRate = 1, startIndex = 0, endIndex = steps } = options
  let room = endIndex - startIndex - (sequenceLength - 1) * samplingRate
  if (targets !== null) room = Math.min(room, targets - startIndex)
  const starts = range(Math.max(0, room)).filter((p) => p % sequenceStride === 0).map((p) => p + startIndex) // prettier-ignore
  return { starts, sequence: (start) => range(sequenceLength).map((i) => start + i * samplingRate) }
}

const options = fc.record(
  {
    sequenceLength: fc.integer({ min: 1, max: 6 }),
    sequenceStride: fc.integer({ min: 1, max: 4 }),
    samplingRate: fc.integer({ min: 1, max: 3 }),
    startIndex: fc.nat(9),
    endIndex: fc.integer({ min: 10, max: 30 }),
    batchSize: fc.option(fc.integer({ min: 1, max: 9 })),
    seed: fc.integer(),
    shuffle: fc.boolean(),
  },
  { requiredKeys: ['sequenceLength'] },
)

describe('timeSeries', () => {
  it('gives the sequences and targets that Keras does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 30 }), options, (targets, given) => {
        const { starts, sequence } = expected(30, targets, given)
        fc.pre(starts.length > 0)
        const made = dataset.timeSeries(series(30), Int32Array.from(range(targets), (i) => 100 + i), { ...given, batchSize: null }) // prettier-ignore
        expect(made.size).toBe(starts.length)
        const found = [...made].map(([x, y]) => [y, [...x]])
        const wanted = starts.map((start) => [100 + start, sequence(start)])
        if (given.shuffle) found.sort(([a], [b]) => Number(a) - Number(b))
        expect(found).toEqual(wanted)
        const { batchSize = 128 } = given
        if (batchSize === null) return
        const batches = dataset.timeSeries(series(30), Int32Array.from(range(targets)), { ...given, batchSize })
        const all = [...batches]
        expect(all).toHaveLength(Math.ceil(starts.length / batchSize))
        all.forEach(([x, y], i) => {
          const rows = Math.min(batchSize, starts.length - i * batchSize)
          expect([x.shape, y.shape, y.constructor]).toEqual([[rows, given.sequenceLength], [rows], Int32Array])
          // A row of the batch is the sequence of its target.
          y.forEach((start, row) =>
            expect([...x.subarray(row * given.sequenceLength, (row + 1) * given.sequenceLength)]).toEqual(
              sequence(start),
            ),
          )
        })
      }),
      { numRuns: 300 },
    )
  })

  // The three examples of Keras's documentation.
  it('takes 99 steps by 10 at rate 2 and stride 3, as in its first example', () => {
    const made = dataset.timeSeries(range(99), null, { sequenceLength: 10, samplingRate: 2, sequenceStride: 3, batchSize: null }) // prettier-ignore
    const sequences = [...made].map((s) => [...s])
    expect(sequences[0]).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
    expect(sequences[1]).toEqual([3, 5, 7, 9, 11, 13, 15, 17, 19, 21])
    expect(sequences.at(-1)).toEqual([78, 80, 82, 84, 86, 88, 90, 92, 94, 96])
  })

  it('predicts the next step from ten, as in its second', () => {
    const data = range(20)
    const [first] = [...dataset.timeSeries(data.slice(0, -10), data.slice(10), { sequenceLength: 10 })]
    const [x, y] = first!
    expect([[...x], [...y]]).toEqual([range(10), [10]])
  })

  it('cuts many to many by two series, as in its third', () => {
    const cut = (data: number[]) => dataset.timeSeries(data, null, { sequenceLength: 20, sequenceStride: 20 })
    const [first] = [...dataset.zip([cut(range(100)), cut(range(100).map((i) => 2 * i))])]
    const [x, y] = first!
    expect(x.shape).toEqual([5, 20])
    expect([...x.subarray(0, 20)]).toEqual(range(20))
    expect([...y.subarray(20, 40)]).toEqual(range(20).map((i) => 2 * (i + 20)))
  })

  it('keeps the shape and the dtype of steps', () => {
    const data = Object.assign(Float64Array.from(range(12)), { shape: [6, 2] })
    const [batch] = [...dataset.timeSeries(data, null, { sequenceLength: 3, sequenceStride: 2 })]
    expect(batch).toEqual(
      Object.assign(Float64Array.of(0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9), { shape: [2, 3, 2] }), // prettier-ignore
    )
  })

  it('shuffles by seed and epoch, and goes on from a place', () => {
    const make = (seed: number) => dataset.timeSeries(series(50), null, { sequenceLength: 1, shuffle: true, seed, batchSize: 7 }) // prettier-ignore
    const order = (seed: number, epoch: number) => [...make(seed).iterate({ epoch })].map((b) => [...b])
    expect(order(1, 2)).toEqual(order(1, 2))
    expect(order(1, 2)).not.toEqual(order(1, 3))
    expect(order(1, 2)).not.toEqual(order(2, 2))
    expect(order(1, 2).flat().sort((a, b) => a - b)).toEqual(range(50)) // prettier-ignore
    expect([...make(1).iterate({ epoch: 2, skip: 3 })].map((b) => [...b])).toEqual(order(1, 2).slice(3))
  })

  it.each<[string, Partial<TimeSeriesOptions>]>([
    ['sequenceLength must be a whole number from 1, it is 0', { sequenceLength: 0 }],
    ['sequenceStride must be a whole number from 1, it is 0', { sequenceStride: 0 }],
    ['samplingRate must be a whole number from 1, it is 1.5', { samplingRate: 1.5 }],
    ['sequenceStride must be below the 10 steps of the data, it is 10', { sequenceStride: 10 }],
    ['samplingRate must be below the 10 steps of the data, it is 12', { samplingRate: 12 }],
    ['startIndex must be below the 10 steps of the data, it is 10', { startIndex: 10 }],
    ['startIndex must be a whole number from 0, it is -1', { startIndex: -1 }],
    [
      'endIndex must be above startIndex 4 and at most the 10 steps of the data, it is 4',
      { startIndex: 4, endIndex: 4 },
    ],
    ['endIndex must be above startIndex 0 and at most the 10 steps of the data, it is 11', { endIndex: 11 }],
    ['no sequence fits: one takes 11 steps and a target, there are 10 steps and 8 targets', { sequenceLength: 6, samplingRate: 2 }], // prettier-ignore
    ['no sequence fits: one takes 2 steps and a target, there are 2 steps and 0 targets', { startIndex: 8 }],
    ['batchSize must be a whole number from 1, it is 0', { batchSize: 0 }],
    ['shuffle must be true or false, it is 1', { shuffle: 1 as never }],
    ['seed must be a safe integer, it is 0.5', { seed: 0.5 }],
    ['unknown option "stride"; known are sequenceLength, sequenceStride', { stride: 1 } as never],
  ])('%s', (message, given) => {
    const make = (): unknown => dataset.timeSeries(range(10), range(8), { sequenceLength: 2, ...given })
    expect(make).toThrow(GraphError)
    expect(make).toThrow(`dataset.timeSeries: ${message}`)
  })

  it('needs arrays', () => {
    expect(() => dataset.timeSeries({ x: [1] } as never, null, { sequenceLength: 1 })).toThrow('data must be an array or a typed array, it is a record { x }') // prettier-ignore
    expect(() => dataset.timeSeries([1, 2], new Set() as never, { sequenceLength: 1 })).toThrow('targets must be an array or a typed array, it is a Set') // prettier-ignore
  })
})
