import { expect, test } from 'vitest'
import { compile, entry, grad, lstm, mean, square, tensor, variable } from '../../src/index'
import { memory, source } from '../../src/inspect/index'

const values = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => 0.2 * Math.sin(i * 1.7 + seed))

/** An LSTM over many steps that forgets slowly, with the gradients of its weights. */
const program = (steps: number, [batch, features, units]: readonly [number, number, number], bytes?: number) => {
  const kernel = variable('kernel', [features, 4 * units], values(features * 4 * units, 1))
  const recurrentKernel = variable('recurrentKernel', [units, 4 * units], values(units * 4 * units, 2))
  const bias = variable(
    'bias',
    [4 * units],
    Float32Array.from({ length: 4 * units }, (_, i) => Number(i >> 6 === 1) * 6),
  )
  return entry({ x: tensor([steps, batch, features]) }, ({ x }) => {
    const options = { timeMajor: true, ...(bytes === undefined ? {} : { memory: bytes }) } as const
    const { last } = lstm(x, { kernel, recurrentKernel, bias }, options)
    const loss = mean(square(last))
    const [dKernel, dRecurrent, dBias] = grad(loss, [kernel, recurrentKernel, bias])
    return { outputs: { loss, dKernel, dRecurrent, dBias } }
  })
}

test('code does not grow with the number of steps', () => {
  const texts = [60, 600].map((steps) => source(compile(program(steps, [4, 3, 8]), { target: 'js' })))
  const kernels = texts.map((text) => text.match(/^function /gm)!.length)
  expect(kernels[0]).toBeLessThan(80)
  expect(kernels[1]).toBe(kernels[0])
  expect(Math.abs(texts[1]!.length / texts[0]!.length - 1)).toBeLessThan(0.01)
})

test('bounded memory gives the same gradients over 5,000 steps', () => {
  const [steps, batch, features, units] = [5000, 32, 16, 64] as const
  const x = values(steps * batch * features, 5)
  const inputBytes = x.byteLength
  const run = (bytes?: number) => {
    const net = compile(program(steps, [batch, features, units], bytes), { target: 'wasm', threads: 1 })
    const results = net({ x })
    net.dispose()
    return { results, scratch: memory(net).workBytes - inputBytes }
  }
  const [saving, bounded] = [run(), run(48 * 2 ** 20)]
  expect(saving.scratch).toBeGreaterThan(256 * 2 ** 20)
  expect(bounded.scratch).toBeLessThan(64 * 2 ** 20)
  for (const key of ['dKernel', 'dRecurrent', 'dBias'] as const) {
    const size = Math.hypot(...saving.results[key])
    const miss = Math.hypot(...saving.results[key].map((v, i) => v - bounded.results[key][i]!))
    expect(size, key).toBeGreaterThan(0)
    expect(miss / size, key).toBeLessThan(1e-6)
  }
})
