import { add, compile, constant, entry, matmul, mean, mul, sgd, square, sub, sum, tensor, variable } from 'gradloom'
import { source } from 'gradloom/inspect'
import { expect, it } from 'vitest'
import { LinearMemory } from '../src/runtime/linear-memory'

/** A model whose memory grows with the batch: 64 numbers an example, and a constant. */
const model = (target: 'js' | 'wasm', cacheSize: number) => {
  const w = variable(
    'w',
    [64, 3],
    Float32Array.from({ length: 192 }, (_, i) => Math.sin(i) / 8),
  )
  const train = entry({ x: tensor(['B', 64]) }, ({ x }) => {
    const y = add(matmul(x, w), constant([0.5, -1, 2]))
    const loss = mean(square(sub(y, 1)))
    return { outputs: { loss, total: sum(mul(y, y)) }, updates: sgd(loss, [w], { learningRate: 0.01 }) }
  })
  return compile({ train }, { target, cacheSize })
}
const batch = (size: number): Float32Array => Float32Array.from({ length: size * 64 }, (_, i) => Math.cos(i * 0.7))

// 4,000 examples are a megabyte: far beyond the first page.
it.each([[[1, 4000, 1, 7, 4000, 9000, 1]], [[9000, 1, 9000, 2]]])(
  'grows and keeps its state: batches of %j',
  (sizes) => {
    for (const cacheSize of [1, 16]) {
      const [js, wasm] = [model('js', cacheSize), model('wasm', cacheSize)]
      for (const size of sizes) {
        const [want, got] = [js, wasm].map((net) => net.train({ x: batch(size) }))
        for (const name of ['loss', 'total'] as const)
          expect(Math.abs(got![name] / want![name] - 1), `${name} of ${size}`).toBeLessThan(1e-5)
      }
      const [a, b] = [js, wasm].map((net) => net.state.get('w') as Float32Array)
      b!.forEach((v, i) => expect(v).toBeCloseTo(a![i]!, 5))
      wasm.state.reset()
      expect(wasm.state.get('w')[1]).toBe(Math.fround(Math.sin(1) / 8))
    }
  },
)

it('inspecting another size than the last one leaves what runs as it is', () => {
  const net = model('wasm', 1)
  const first = net.train({ x: batch(2) }).loss
  // A cache of one: looking at another size takes the place of the one that ran, and makes the memory grow.
  source(net.train, { bindings: { B: 9000 } })
  net.state.reset()
  expect(net.train({ x: batch(2) }).loss).toBe(first)
})

it('tells of its growth until nobody wants to know', () => {
  const memory = new LinearMemory(100)
  const seen: string[] = []
  const release = memory.onMove(() => seen.push('gone'))
  memory.onMove((buffer) => seen.push(`kept ${buffer.byteLength === memory.buffer.byteLength}`))
  release()
  memory.reserve(1e6, 1e6)
  expect(seen).toEqual(['kept true'])
})
