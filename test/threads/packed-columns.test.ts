import { add, compile, type CompileOptions, conv2d, conv2dTranspose, einsum, entry, grad, mul, relu, sum, tensor, type Tensor } from 'gradloom' // prettier-ignore
import { source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'

const numbers = (n: number, scale: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => scale * Math.sin(1.7 * i + 0.3))
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b)
const threaded = (count: number): CompileOptions => ({ target: 'wasm', threads: { count, minWork: 0, spin: 0 } })

/** By its operand, of the sum of squares. */
const byOperand = (x: Tensor, y: Tensor): Tensor => grad(sum(mul(y, y)), [x])[0]

/** Products whose columns move along further axes: phases of a stride, groups, what a batch shares with others. */
const CASES: Readonly<
  Record<
    string,
    { readonly x: readonly number[]; readonly w: readonly number[]; readonly build: (x: Tensor, w: Tensor) => Tensor }
  >
> = {
  // prettier-ignore
  'transposed, two phases a side': {
    x: [3, 16, 17, 32],
    w: [4, 4, 32, 32],
    build: (x, w) => relu(add(conv2dTranspose(x, w, { strides: 2, padding: 'same' }), 0.1)),
  },
  'transposed, few channels': {
    x: [2, 16, 20, 24],
    w: [4, 4, 3, 24],
    build: (x, w) => conv2dTranspose(x, w, { strides: 2, padding: 'same' }),
  },
  'transposed patches': {
    x: [2, 17, 18, 16],
    w: [4, 4, 20, 16],
    build: (x, w) => conv2dTranspose(x, w, { strides: 4 }),
  },
  'few groups': { x: [3, 9, 18, 64], w: [3, 3, 32, 96], build: (x, w) => conv2d(x, w, { padding: 'same', groups: 2 }) },
  'many groups': { x: [3, 9, 18, 32], w: [3, 3, 4, 96], build: (x, w) => conv2d(x, w, { padding: 'same', groups: 8 }) },
  'by the operand, in groups': {
    x: [3, 9, 18, 64],
    w: [3, 3, 16, 64],
    build: (x, w) => byOperand(x, conv2d(x, w, { padding: 'same', groups: 4 })),
  },
  'by the operand, strided': {
    x: [3, 20, 36, 32],
    w: [3, 3, 32, 48],
    build: (x, w) => byOperand(x, conv2d(x, w, { padding: 'same', strides: 2 })),
  },
  'a product that others share': {
    x: [3, 5, 18, 40],
    w: [3, 40, 96],
    build: (x, w) => einsum('bhik,bkj->bhij', x, w),
  },
}

describe('columns that are packed once for each point that moves them', () => {
  it.each(Object.entries(CASES))('%s', async (_, { x, w, build }) => {
    const made = entry({ x: tensor(x), w: tensor(w) }, (fed) => ({ outputs: { y: build(fed.x, fed.w) } }))
    const feeds = { x: numbers(sizeOf(x), 1), w: numbers(sizeOf(w), 0.1) }
    const run = async (options: CompileOptions) => {
      const program = compile(made, options)
      await program.ready
      const found = [...(program(feeds) as unknown as { readonly y: Float32Array }).y]
      return { found, program }
    }
    const want = await run({ target: 'js' })
    const [one, two] = [await run(threaded(1)), await run(threaded(2))]
    const largest = (values: readonly number[]): number => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    expect(largest(one.found.map((v, i) => v - want.found[i]!)) / largest(want.found)).toBeLessThan(5e-6)
    expect(two.found).toEqual(one.found)
    expect(source(one.program, { target: 'wasm', schedule: 'fast' })).toMatch(/_panel\b/)
    two.program.dispose()
  })
})
