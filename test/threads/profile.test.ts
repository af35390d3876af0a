import { afterAll, expect, test } from 'vitest'
import { compile, entry, matmul, mean, sgd, square, sub, tensor, variable, zeros } from 'gradloom'
import { profile } from 'gradloom/inspect'

const w = variable('w', [64, 64], zeros())
const net = compile(
  entry({ x: tensor([64, 64]) }, ({ x }) => {
    const loss = mean(square(sub(x, matmul(x, w))))
    return { outputs: { loss }, updates: sgd(loss, [w]) }
  }),
  { target: 'wasm', threads: { count: 2, minWork: 0 } },
)
afterAll(() => net.dispose())

test('a profile says which kernels threads divide, and measures them against as many threads', async () => {
  const found = await profile(net, { feeds: { x: new Float32Array(4096).fill(0.1) }, steps: 3, warmup: 1 })
  expect(found.threads).toBe(2)
  expect(found.kernels.some((k) => k.threads === 2)).toBe(true)
  for (const { ofPeak, flopsPerSecond, threads } of found.kernels)
    expect(ofPeak).toBeCloseTo(flopsPerSecond / found.machine!.flopsPerSecond / threads, 8)
})
