import fc from 'fast-check'
import { dataset } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { read, sourceKind, SOURCES, values } from './model'

const buffer = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(Infinity))
const sorted = (xs: readonly number[]): number[] => [...xs].sort((a, b) => a - b)
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

describe('shuffle', () => {
  it('gives every element once, in an order that is a function of seed and epoch', async () => {
    await fc.assert(
      fc.asyncProperty(sourceKind, values, buffer, fc.integer(), fc.nat(9), async (kind, xs, size, seed, epoch) => {
        const made = () => SOURCES[kind]!(xs).shuffle(size, { seed })
        const once = await read(made().iterate({ epoch }))
        expect(sorted(once)).toEqual(sorted(xs))
        expect(await read(made().iterate({ epoch }))).toEqual(once)
        const still = SOURCES[kind]!(xs).shuffle(size, { seed, reshuffle: false })
        expect(await read(still.iterate({ epoch }))).toEqual(await read(made().iterate({ epoch: 0 })))
      }),
    )
  })

  it('has the same order whether elements lie in memory or come one by one', async () => {
    await fc.assert(
      fc.asyncProperty(sourceKind, values, buffer, fc.integer(), async (kind, xs, size, seed) => {
        const wanted = [...dataset.from(xs).shuffle(size, { seed })]
        expect(await SOURCES[kind]!(xs).shuffle(size, { seed }).toArray()).toEqual(wanted)
      }),
    )
  })

  it('keeps to its buffer: no element comes earlier than the buffer reaches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer(), (size, seed) => {
        const order = [...dataset.from(range(40)).shuffle(size, { seed })]
        order.forEach((x, place) => expect(x).toBeLessThan(place + size))
      }),
    )
    expect([...dataset.from(range(9)).shuffle(1)]).toEqual(range(9))
  })

  it('has another order with another seed and in another epoch', () => {
    const orders = [0, 1, -1, 2 ** 40].flatMap((seed) =>
      [0, 1, 2].map((epoch) => [...dataset.from(range(30)).shuffle(30, { seed }).iterate({ epoch })].join()),
    )
    expect(new Set([...orders, range(30).join()]).size).toBe(13)
  })

  // Chi-square with 23 degrees of freedom is above 58.6 once in 20,000 draws; the seeds are fixed.
  it.each([4, 7, Infinity])('makes all orders of four equally likely with a buffer of %s', (size) => {
    const counts = new Map<string, number>()
    const source = dataset.from(range(4)).shuffle(size, { seed: 5 })
    for (const order of range(12_000).map((epoch) => [...source.iterate({ epoch })].join()))
      counts.set(order, (counts.get(order) ?? 0) + 1)
    expect(counts.size).toBe(24)
    expect([...counts.values()].reduce((sum, n) => sum + (n - 500) ** 2 / 500, 0)).toBeLessThan(58.6)
  })

  it('draws the first of many from all of a full buffer', () => {
    const source = dataset.from(new Float32Array(1000)).enumerate().map(([i]) => i).shuffle(Infinity) // prettier-ignore
    const firsts = range(400).map(
      (epoch) => (source.iterate({ epoch }).next() as IteratorResult<number>).value as number,
    )
    const mean = firsts.reduce((sum, x) => sum + x, 0) / 400
    // The deviation of the mean of 400 numbers uniform below 1000 is 14.4.
    expect(Math.abs(mean - 499.5)).toBeLessThan(60)
    expect(new Set(firsts).size).toBeGreaterThan(300)
  })

  it('makes each turn of a repetition an epoch', () => {
    const source = dataset.from(range(12)).shuffle(12, { seed: 3 })
    const epochs = range(6).map((epoch) => [...source.iterate({ epoch })])
    expect([...source.repeat(3).iterate({ epoch: 1 })]).toEqual(epochs.slice(3).flat())
    expect([...source.repeat().take(72)]).toEqual(epochs.flat())
    expect([...source.repeat().skip(30).take(42)]).toEqual(epochs.flat().slice(30))
    expect([...source.cache().iterate({ epoch: 4 })]).toEqual(epochs[0])
  })
})
