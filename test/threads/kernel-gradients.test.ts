import { compile, type CompileOptions, conv2d, entry, grad, mul, sub, sum, tanh, tensor } from 'gradloom'
import { source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'

const numbers = (n: number, scale: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => scale * Math.sin(1.7 * i + 0.3))

const threaded = (count: number): CompileOptions => ({ target: 'wasm', threads: { count, minWork: 0, spin: 0 } })

/** Images, the sides of the kernel, and what of it moves: each makes other stretches of pixels. */
const CASES = [
  { x: [4, 32, 32, 16], out: 16, side: 3 },
  { x: [4, 14, 14, 64], out: 48, side: 3 },
  { x: [3, 28, 30, 32], out: 32, side: 5, strides: 2 },
  { x: [11, 7, 7, 64], out: 32, side: 3 },
  { x: [4, 33, 17, 32], out: 32, side: 3, dilations: 2 },
  { x: [4, 20, 20, 64], out: 64, side: 3, groups: 2 },
  { x: [600, 1, 1, 32], out: 16, side: 1 },
  { x: [1100, 1, 1, 32], out: 16, side: 1 },
  { x: [3, 37, 41, 16], out: 16, side: 3 },
] as const

describe('gradients of kernels, a stretch of pixels at a time', () => {
  it.each(CASES)('$x, $out kernels of side $side', async ({ x: shape, out, side, ...options }) => {
    const [b, h, w, c] = shape
    const kernel = [side, side, c / ('groups' in options ? options.groups : 1), out] as const
    const made = entry({ x: tensor([b, h, w, c]), f: tensor(kernel) }, ({ x, f }) => {
      const y = conv2d(x, f, { padding: 'same', ...options })
      const [d] = grad(sum(mul(y, tanh(y))), [f])
      return { outputs: { d, next: sub(f, mul(d, 0.01)) } }
    })
    const feeds = { x: numbers(b * h * w * c, 1), f: numbers(side * side * kernel[2] * out, 0.1) }
    const run = async (options: CompileOptions) => {
      const program = compile(made, options)
      await program.ready
      const found = program(feeds)
      return { d: [...found.d], next: [...found.next], program }
    }
    const want = await run({ target: 'js' })
    const [one, two] = [await run(threaded(1)), await run(threaded(2))]
    const most = Math.max(...want.d.map(Math.abs))
    one.d.forEach((v, i) => expect(Math.abs(v - want.d[i]!) / most, `element ${i}`).toBeLessThan(5e-6))
    one.next.forEach((v, i) => expect(Math.abs(v - want.next[i]!) / most, `element ${i}`).toBeLessThan(5e-6))
    expect(two.d).toEqual(one.d)
    expect(two.next).toEqual(one.next)
    const text = source(one.program, { target: 'wasm', schedule: 'fast' })
    expect(text).toMatch(/\bsums\b/)
    two.program.dispose()
  })
})
