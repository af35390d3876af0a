import { Worker } from 'node:worker_threads'
import { RuntimeError } from 'gradloom'
import { describe, expect, it, vi } from 'vitest'
import { programInternals } from '../../src/compile/internals'
import type { ThreadPool } from '../../src/runtime/threads'
import { child } from '../cases/child'
import { DIVIDED } from '../cases/modes'
import { classifier, tiny } from './models'

const SMALL = [64, 32, 10]
const LARGE = [784, 512, 256, 10]
const poolOf = (net: object): ThreadPool | undefined => programInternals('test', net).pool
/** The handles of the workers, to end one as the system would. */
const workersOf = (net: object) => (poolOf(net) as unknown as { workers: readonly { terminate(): void }[] }).workers

describe('numbers', () => {
  it.each([2, 3])('are those of one thread on %i threads, bit for bit, whatever the sizes', async (count) => {
    const one = classifier([37, 23, 10], { threads: 1 })
    const many = classifier([37, 23, 10], { threads: { ...DIVIDED, count }, cacheSize: 2 })
    vi.spyOn(console, 'warn').mockReturnValueOnce(undefined)
    // More sizes than stay compiled, a memory that grows, and back.
    for (const size of [1, 5, 64, 3000, 5, 1, 64]) {
      const { net, feeds } = many
      const [want, got] = [one.net.train(feeds(size)).loss, net.train(feeds(size)).loss]
      expect(got, `loss of ${size}`).toBe(want)
      await net.ready
      one.net.train(feeds(size))
      net.train(feeds(size))
      const { x } = feeds(size)
      expect(net.infer({ x })).toEqual(one.net.infer({ x }))
    }
    for (const name of one.net.state.names) expect(many.net.state.get(name)).toEqual(one.net.state.get(name))
    expect(poolOf(many.net)!.splits).toBeGreaterThan(20)
    many.net.dispose()
  })

  it('do not change when the workers end', async () => {
    const [one, two] = [classifier(SMALL, { threads: 1 }, 32), classifier(SMALL, { threads: DIVIDED }, 32)]
    await two.net.ready
    const losses = [one, two].map(({ net, feeds }) => {
      const before = [net.train(feeds(32)).loss, net.train(feeds(32)).loss]
      net.dispose()
      return [...before, net.train(feeds(32)).loss]
    })
    expect(losses[1]).toEqual(losses[0])
  })
})

describe('dispose', () => {
  it('before the first step lets no worker start', () => {
    const [one, two] = [classifier(SMALL, { threads: 1 }), classifier(SMALL, { threads: DIVIDED })]
    two.net.dispose()
    for (const size of [32, 5]) expect(two.net.train(two.feeds(size)).loss).toBe(one.net.train(one.feeds(size)).loss)
    expect(workersOf(two.net)).toEqual([])
    two.net.dispose()
  })
})

describe('the cost model', () => {
  it('gives no kernel of a small net to a worker, and starts none', () => {
    const small = classifier(SMALL, { threads: 2 }, 32)
    small.net.train(small.feeds(32))
    expect(poolOf(small.net)).toBeUndefined()
    const net = tiny({ threads: 2 })
    net.train({ x: [[0, 1]], y: [[1]] })
    expect(poolOf(net)).toBeUndefined()
  })

  it('divides the kernels of a large one', async () => {
    const { net, feeds } = classifier(LARGE, { threads: 2 }, 128)
    await net.ready
    net.train(feeds(128))
    expect(poolOf(net)!.splits).toBeGreaterThanOrEqual(5)
    net.dispose()
  })
})

it('workers are those of Node where a package has put some under the name of the web', async () => {
  vi.stubGlobal('Worker', Worker)
  try {
    const { net, feeds } = classifier(SMALL, { threads: DIVIDED }, 32)
    await net.ready
    net.train(feeds(32))
    expect(poolOf(net)!.splits).toBeGreaterThan(0)
    net.dispose()
  } finally {
    vi.unstubAllGlobals()
  }
})

describe('a worker that dies', () => {
  const options = { threads: { ...DIVIDED, deadline: 200 } }

  it('while nobody looks is an error within the deadline, then and afterwards', async () => {
    const { net, feeds } = classifier(SMALL, options, 32)
    await net.ready
    net.train(feeds(32))
    workersOf(net)[0]!.terminate()
    const started = performance.now()
    const step = (): unknown => net.train(feeds(32))
    // Until the thread is gone it may still do its part.
    expect(() => {
      while (performance.now() - started < 5000) step()
    }).toThrow(RuntimeError)
    expect(step).toThrow(/a worker thread has died: .*threads: 1/s)
  })

  it('is an error once its end was seen', async () => {
    const { net, feeds } = classifier(SMALL, options, 32)
    await net.ready
    workersOf(net)[0]!.terminate()
    await vi.waitFor(() => expect(poolOf(net)).toHaveProperty('failure', 'it ended with code 1'))
    expect(() => net.train(feeds(32))).toThrow(/it ended with code 1/)
  })

  it('is an error for sizes that are compiled only then, too', async () => {
    const { net, feeds } = classifier(SMALL, options)
    net.train(feeds(32))
    await net.ready
    workersOf(net)[0]!.terminate()
    await vi.waitFor(() => expect(poolOf(net)).toHaveProperty('failure', 'it ended with code 1'))
    for (const size of [5, 64]) {
      expect(() => net.train(feeds(size))).toThrow(/it ended with code 1/)
      expect(() => net.infer({ x: feeds(size).x })).toThrow(/it ended with code 1/)
    }
  })
})

describe('a process', () => {
  it('ends by itself, whether or not the workers were told to', async () => {
    for (const how of ['dispose', 'leave', 'unready'])
      expect(await child<number>('threads.ts', { args: [how] }), how).toBeGreaterThan(0)
  })
})
