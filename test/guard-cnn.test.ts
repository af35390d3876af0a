import * as loom from 'gradloom'
import type { CompileOptions, Tensor } from 'gradloom'
import { afterAll, describe, expect, it } from 'vitest'

// A NaN that is planted anywhere in a small convolutional network is named where it arises, and nowhere later.

const BATCH = 4
const SIZE = 8
const CLASSES = 3
const NOWHERE = 'nowhere'

const values = (size: number, seed: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => 0.5 * Math.sin(1.7 * i + seed))
const weights = (name: string, shape: readonly number[], seed: number) =>
  loom.variable(name, shape, values(shape.reduce((a, b) => a * b, 1), seed)) // prettier-ignore

/** The square root of -1 everywhere, by a name of its own. */
const root = (place: string, t: Tensor): Tensor =>
  loom.named(`root at ${place}`, loom.sqrt(loom.sub(loom.mul(t, 0), 1)))
/** The identity whose gradient is no number at a place. */
const brokenBack = (place: string, plantAt: string, t: Tensor): Tensor =>
  place !== plantAt
    ? t
    : loom.customGradient([t], (v) => loom.named('same', v), ({ cotangent }) => [loom.add(cotangent, root(place, cotangent))]) // prettier-ignore

/**
 * The network, with the square root of a negative number at one of its places. Whatever becomes of it there is used further
 * on, so that a name that came too late would be another one.
 */
function network(plantAt: string, options: CompileOptions) {
  const planted = (place: string, t: Tensor): Tensor =>
    place === plantAt ? loom.named(place, loom.add(t, root(place, t))) : loom.named(place, t)
  const K1 = weights('K1', [3, 3, 1, 4], 1)
  const b1 = weights('b1', [4], 2)
  const K2 = weights('K2', [3, 3, 4, 6], 3)
  const b2 = weights('b2', [6], 4)
  const W = weights('W', [24, CLASSES], 5)
  const train = loom.entry({ x: loom.tensor([BATCH, SIZE, SIZE, 1]), y: loom.tensor([BATCH], 'int32') }, ({ x, y }) => {
    const z1 = planted('z1', loom.add(loom.conv2d(planted('pixels', x) as never, K1 as never, { padding: 'same' }), b1))
    const p1 = planted('p1', loom.maxPool2d(loom.relu(z1) as never))
    const z2 = planted('z2', loom.add(loom.conv2d(p1 as never, K2 as never, { padding: 'same' }), b2))
    const h2 = planted('h2', brokenBack('d_h2', plantAt, loom.relu(z2)))
    const p2 = planted('p2', loom.averagePool2d(h2 as never))
    const logits = planted('logits', loom.matmul(loom.reshape(p2, [BATCH, 24]) as never, W as never))
    const losses = planted('losses', loom.sparseSoftmaxCrossEntropy(logits as never, y as never))
    const loss = planted('loss', loom.mean(losses))
    const updates = loom.sgd(loss as never, [K1, b1, K2, b2, W], { learningRate: 0.1 })
    const [target, next] = updates[0]!
    return {
      outputs: { loss },
      updates: [loom.update(target, planted('next', next) as never), ...updates.slice(1)],
    }
  })
  return loom.compile({ train }, { ...options, guard: true })
}

const MODES: Readonly<Record<string, CompileOptions>> = {
  js: { target: 'js' },
  ...('WebAssembly' in globalThis ? { wasm: { target: 'wasm', threads: 1 } as const } : {}),
}
/** Places in order, and the part of the step that each belongs to. */
const PLACES = {
  pixels: 'forward',
  z1: 'forward',
  p1: 'forward',
  z2: 'forward',
  h2: 'forward',
  p2: 'forward',
  logits: 'forward',
  losses: 'forward',
  loss: 'forward',
  d_h2: 'backward',
  next: 'update',
} as const

describe.each(Object.entries(MODES))('a NaN in a CNN on %s', (_, options) => {
  const opened: { dispose(): void }[] = []
  afterAll(() => {
    for (const net of opened) net.dispose()
  })
  const open = (place: string): ReturnType<typeof network> => {
    const net = network(place, options)
    opened.push(net)
    return net
  }
  const feeds = () => ({ x: values(BATCH * SIZE * SIZE, 9), y: Int32Array.of(0, 1, 2, 0) })

  it('raises no alarm where there is none', () => {
    expect(open(NOWHERE).train(feeds()).loss).toBeGreaterThan(0)
  })

  it.each(Object.entries(PLACES))('at %s is named at its first node', (place, part) => {
    const net = open(place)
    const before = net.state.get('K1')
    const error = ((): unknown => {
      try {
        return net.train(feeds())
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(loom.NonFiniteError)
    const found = error as loom.NonFiniteError
    expect(found.value).toBeNaN()
    expect(found.tensor).toBe(`root at ${place}`)
    expect(found.formula).toMatch(/sqrt/)
    expect(found.part).toBe(part)
    expect(found.site).toMatch(/guard-cnn\.test\.ts:\d+/)
    expect(found.operands.length).toBeGreaterThan(0)
    expect(net.state.get('K1')).toEqual(before)
  })

  it('in a weight or an image is laid to that', () => {
    const net = open(NOWHERE)
    const { x, y } = feeds()
    x[37] = NaN
    expect(() => net.train({ x, y })).toThrow(/"x".*NaN at \[0, 4, 5, 0\]/)
    const K2 = Float32Array.from(net.state.get('K2') as Float32Array)
    K2[10] = NaN
    net.state.set('K2' as never, K2 as never)
    expect(() => net.train(feeds())).toThrow(/"K2".*NaN/)
  })
})
