import { expect, test } from 'vitest'
import { compile, entry, matmul, mul, sub, tensor, transpose, variable, update } from '../../src/index'
import { source } from '../../src/inspect/index'

const values = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * 1.7 + seed))

/** What a gradient of weights is: a sum over many samples, which an update follows. */
const program = (samples: number, rows: number, columns: number) => {
  const W = variable('W', [rows, columns], values(rows * columns, 3))
  return entry({ x: tensor([samples, rows]), g: tensor([samples, columns]) }, ({ x, g }) => {
    const product = matmul(transpose(x), g)
    return { outputs: { product }, updates: [update(W, sub(W, mul(0.125, matmul(transpose(x), mul(g, 2)))))] }
  })
}

// Rows copied side by side; a stretch of the samples at a time where they are too many for that, or no whole tiles; where
// there are no even stretches either, or columns that fill no line, tiles as ever.
test.each([
  [896, 128, 128, 'rows'],
  [1024, 28, 144, 'rows'],
  [1009, 32, 128, 'rows'],
  [896, 32, 100, 'rows'],
  // Every column is packed too, a last vector that is cut with them.
  [128, 512, 64, 'rows'],
  [72, 264, 70, 'rows'],
  [640, 33, 96, 'stretches'],
  [2304, 128, 128, 'stretches'],
  [1009, 33, 128, 'tiles'],
  [896, 33, 100, 'tiles'],
])('a sum over %i samples of %i by %i is that of JavaScript', async (samples, rows, columns, form) => {
  const feeds = { x: values(samples * rows, 1), g: values(samples * columns, 2) }
  const run = async (target: 'js' | 'wasm', count: number) => {
    const net = compile({ main: program(samples, rows, columns) }, { target, threads: { count, minWork: 0, spin: 0 } })
    await net.ready
    const { product } = net.main(feeds)
    const W = net.state.get('W')
    const text = target === 'wasm' && count === 1 ? source(net.main, { target, schedule: 'fast', of: 'product' }) : ''
    net.dispose()
    return { product, W, text }
  }
  const [js, one, two] = [await run('js', 1), await run('wasm', 1), await run('wasm', 2)]
  expect(one.text.includes('x_rows') ? 'rows' : one.text.includes('sums') ? 'stretches' : 'tiles').toBe(form)
  for (const key of ['product', 'W'] as const) {
    const worst = Math.max(...js[key].map((v, i) => Math.abs(v - one[key][i]!)))
    expect(worst).toBeLessThan(2e-6 * samples)
    expect([...two[key]]).toEqual([...one[key]])
  }
})
