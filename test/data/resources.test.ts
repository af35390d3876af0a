import fc from 'fast-check'
import { dataset, type Dataset, FeedError } from 'gradloom'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A source that counts how often it was opened and closed, and how far it was read. */
function watched(length: number, isAsync: boolean, failAt = Infinity) {
  const seen = { opened: 0, closed: 0, given: 0 }
  const sync = function* (): Generator<number> {
    seen.opened++
    try {
      for (let i = 0; i < length; i++) {
        if (i === failAt) throw new Error('disk on fire')
        seen.given++
        yield i
      }
    } finally {
      seen.closed++
    }
  }
  const later = async function* (): AsyncGenerator<number> {
    seen.opened++
    try {
      for (let i = 0; i < length; i++) {
        await new Promise((resolve) => setImmediate(resolve))
        if (i === failAt) throw new Error('disk on fire')
        seen.given++
        yield i
      }
    } finally {
      await new Promise((resolve) => setImmediate(resolve))
      seen.closed++
    }
  }
  return { seen, source: isAsync ? dataset.from(later) : dataset.from(sync) }
}

const FAIL = 5
const fail = (): never => {
  throw new TypeError('bad row')
}
type Steps = (source: Dataset<number>) => Dataset<unknown>
/** Each stage behind a source of elements 0, 1, 2, ... */
const STAGES: Readonly<Record<string, Steps>> = {
  nothing: (d) => d,
  map: (d) => d.map((x) => x),
  'async map': (d) => d.map(async (x) => x),
  filter: (d) => d.filter(() => true),
  batch: (d) => d.batch(2),
  unbatch: (d) => d.batch(2).unbatch(),
  window: (d) => d.window({ size: 3, shift: 1 }),
  shuffle: (d) => d.shuffle(4),
  take: (d) => d.take(90),
  skip: (d) => d.skip(1),
  repeat: (d) => d.repeat(),
  concatenate: (d) => d.concatenate(d),
  zip: (d) => dataset.zip([d, d.skip(1)]),
  enumerate: (d) => d.enumerate(),
  prefetch: (d) => d.prefetch(3),
  cache: (d) => d.cache(),
  'prefetch of async map': (d) => d.map(async (x) => x).prefetch(4).prefetch(2), // prettier-ignore
}
const KINDS = Object.keys(STAGES).flatMap((stage) => [false, true].map((isAsync) => ({ stage, isAsync })))

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

let unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)
const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
beforeAll(() => {
  process.on('unhandledRejection', note)
})
afterAll(async () => {
  await idle()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
  unhandled = []
})

describe.each(KINDS)('sources behind $stage, asynchronous: $isAsync', ({ stage, isAsync }) => {
  const steps = STAGES[stage]!

  it('are closed when a loop stops early', async () => {
    const { seen, source } = watched(100, isAsync)
    let met = 0
    for await (const _ of steps(source)) if (++met === 3) break
    expect(seen.opened).toBeGreaterThan(0)
    expect(seen.closed).toBe(seen.opened)
  })

  it('are closed when the loop fails', async () => {
    const { seen, source } = watched(100, isAsync)
    await expect(steps(source).forEach(fail)).rejects.toThrow('dataset.forEach: the function failed at element 0: bad row') // prettier-ignore
    expect(seen.closed).toBe(seen.opened)
  })

  it('are closed when a later step fails, which tells the element', async () => {
    const { seen, source } = watched(100, isAsync)
    const error: unknown = await steps(source).map((x, i) => (i === FAIL ? fail() : x)).toArray().catch((e: unknown) => e) // prettier-ignore
    expect(error).toBeInstanceOf(FeedError)
    expect((error as Error).message).toBe('dataset.map: the function failed at element 5: bad row')
    expect((error as Error).cause).toBeInstanceOf(TypeError)
    expect(seen.closed).toBe(seen.opened)
  })

  it('that fail themselves tell the element, and the others are closed', async () => {
    const { seen, source } = watched(100, isAsync, FAIL)
    const other = watched(100, isAsync)
    const both = dataset.zip([other.source, steps(source)])
    await expect(both.forEach(() => undefined)).rejects.toThrow('dataset.from: the source failed at element 5: disk on fire') // prettier-ignore
    expect(seen.closed).toBe(seen.opened)
    expect(other.seen.closed).toBe(1)
  })

  it('are not opened by a pass that is closed before it begins', async () => {
    const { seen, source } = watched(100, isAsync)
    await steps(source).iterate().close()
    expect(seen.opened).toBe(0)
  })
})

describe('errors of functions', () => {
  const source = dataset.from([0, 1, 2, 3])
  const failing = (x: number): boolean => (x === 2 ? fail() : true)
  it.each([
    ['map', (d: Dataset<number>) => d.map(failing)],
    ['map', (d: Dataset<number>) => d.map(async (x) => failing(x))],
    ['filter', (d: Dataset<number>) => d.filter(failing)],
    ['filter', (d: Dataset<number>) => d.filter(async (x) => failing(x))],
    ['map', (d: Dataset<number>) => d.map(async (x) => failing(x)).prefetch(3)],
    ['map', (d: Dataset<number>) => d.skip(1).skip(0).map((_, i) => failing(i))], // prettier-ignore
  ])('of %s carry the index', async (name, make) => {
    await expect(make(source).toArray()).rejects.toThrow(`dataset.${name}: the function failed at element 2: bad row`)
  })

  it('come behind the elements before them, also from what was made ahead', async () => {
    const seen: unknown[] = []
    const made = source.map(async (x) => (failing(x), x)).prefetch(4)
    await expect(made.forEach((x) => void seen.push(x))).rejects.toThrow('element 2')
    expect(seen).toEqual([0, 1])
  })

  it('of closing reach a loop that stopped without one', async () => {
    const bad = dataset.from(async function* () {
      try {
        yield 1
        yield 2
      } finally {
        await Promise.reject(new Error('cannot close'))
      }
    })
    const loop = async (): Promise<void> => {
      for await (const _ of bad) break
    }
    await expect(loop()).rejects.toThrow('cannot close')
  })
})

describe('a loop without await over what comes asynchronously', () => {
  it('says so and closes the source', async () => {
    const { seen, source } = watched(9, true)
    expect(() => [...source]).toThrow('element 0 comes asynchronously; use for await instead of for')
    for (let turn = 0; turn < 30 && seen.closed < seen.opened; turn++) await idle()
    expect(seen.opened).toBe(1)
    expect(seen.closed).toBe(1)
    const mixed = dataset.from([1, 2]).map((x) => (x === 2 ? Promise.resolve(x) : x))
    expect(() => [...mixed]).toThrow('element 1 comes asynchronously')
  })
})

describe('what is asked for ahead', () => {
  it.each([1, 2, 5])('is %s elements with prefetch, while one is used', async (count) => {
    const { seen, source } = watched(40, true)
    let used = 0
    for await (const _ of source.prefetch(count)) {
      used++
      for (let i = 0; i < 30 && seen.given < Math.min(40, used + count); i++) await idle()
      expect(seen.given).toBe(Math.min(40, used + count))
    }
    expect(used).toBe(40)
  })

  it('is nothing without', async () => {
    const { seen, source } = watched(40, true)
    let used = 0
    for await (const _ of source.map((x) => x).filter(() => true)) {
      await new Promise((resolve) => setImmediate(resolve))
      expect(seen.given).toBe(++used)
    }
  })

  it('several that are asked for at once come in order', async () => {
    const { source } = watched(5, true)
    const pass = source.iterate()
    const results = await Promise.all(Array.from({ length: 6 }, async () => pass.next()))
    expect(results.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, undefined])
  })
})

describe('memory', () => {
  const ROWS = 1_000_000
  it('holds the buffers alone while a million rows go by', () => {
    let made = 0
    const rows = dataset.from(function* () {
      for (; made < ROWS; made++) yield { id: made }
    })
    // A row is alive from when it is made until it is given: nothing else may hold it, for what is given is counted.
    let given = 0
    let most = 0
    const batches = rows.shuffle(100).prefetch(10).skip(0).filter(() => true).window({ size: 32 }) // prettier-ignore
    for (const { id } of batches) {
      given += id.length
      most = Math.max(most, made - given)
    }
    expect(given).toBe(ROWS)
    expect(most).toBeLessThanOrEqual(100 + 10 + 32)
  })

  it('keeps no row that was given', async () => {
    const refs: WeakRef<object>[] = []
    const rows = dataset.from(function* () {
      for (let id = 0; id < 3000; id++) {
        const row = { id }
        refs.push(new WeakRef(row))
        yield row
      }
    })
    const alive: number[] = []
    let seen = 0
    for await (const _ of rows.shuffle(50).prefetch(5).batch(10)) {
      if (++seen % 100 > 0) continue
      // Weak references hold until the turn of the event loop is over.
      await idle()
      collect()
      alive.push(refs.filter((ref) => ref.deref()).length)
    }
    expect(seen).toBe(300)
    expect(alive).toHaveLength(3)
    // The last pass has emptied its buffers; before, they are full, and a batch is on its way.
    for (const count of alive.slice(0, 2)) expect(count).toBeGreaterThanOrEqual(50)
    expect(Math.max(...alive)).toBeLessThanOrEqual(50 + 5 + 2 * 10)
  })
})

describe('cache', () => {
  it('reads its source once, goes on where a pass stopped, and keeps the order of the first epoch', async () => {
    const { seen, source } = watched(9, true)
    const kept = source.shuffle(9, { seed: 1 }).cache()
    const wanted = await source.shuffle(9, { seed: 1 }).toArray()
    for await (const _ of kept) break
    expect(await kept.toArray()).toEqual(wanted)
    const given = seen.given
    expect(await kept.toArray()).toEqual(wanted)
    expect(await kept.iterate({ epoch: 3, skip: 4 }).next()).toEqual({ done: false, value: wanted[4] })
    expect(seen.given).toBe(given)
  })

  it('serves passes that run side by side, whichever is ahead', () => {
    const turns = fc.array(fc.record({ pass: fc.nat(2), steps: fc.integer({ min: 1, max: 4 }) }), { maxLength: 12 })
    fc.assert(
      fc.property(turns, (order) => {
        const kept = watched(7, false).source.cache()
        const passes = [0, 2, 0].map((skip) => ({ pass: kept.iterate({ skip }), next: skip }))
        for (const turn of order)
          for (let i = 0; i < turn.steps; i++) {
            const one = passes[turn.pass]!
            const value = one.next < 7 ? one.next++ : undefined
            expect(one.pass.next()).toEqual({ done: value === undefined, value })
          }
        expect([...kept]).toEqual([0, 1, 2, 3, 4, 5, 6])
      }),
    )
  })
})
