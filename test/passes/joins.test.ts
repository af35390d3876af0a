import * as loom from 'gradloom'
import { compile, entry, grad, tensor, type Tensor } from 'gradloom'
import { inspect } from 'gradloom/inspect'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stridesThrough } from '../../src/lower/strides'
import { indexAt, sizeOf, stridesOf } from '../../src/ir/type'

type Feeds = Readonly<Record<string, Tensor>>
interface Program {
  readonly inputs: Readonly<Record<string, readonly number[]>>
  /** Kernels that remain. */
  readonly kernels: number
  readonly build: (x: Feeds) => Tensor
}

const image = { x: [2, 5, 6, 4], v: [3] }
const up = { ...image, k: [4, 4, 3, 4] }
const layer = (y: Tensor, v: Tensor): Tensor => loom.relu(loom.add(y, v))
/** The gradient of a convolution by what it reads, of an image with 3 channels. */
const byOperand = (kernel: Tensor, image: Tensor, options: loom.ConvOptions): Tensor =>
  grad(loom.sum(loom.square(loom.conv2d(image, kernel, options))), [image])[0]

const PROGRAMS: Readonly<Record<string, Program>> = {
  // A border, and one product for all phases with what stands behind it.
  'transposed, four taps by two': {
    inputs: up,
    kernels: 2,
    build: ({ x, k, v }) => layer(loom.conv2dTranspose(x!, k!, { strides: 2, padding: 'same' }), v!),
  },
  // Two taps reach an even position, one an odd one: a product for each phase.
  'transposed, three taps by two': {
    inputs: { ...image, k: [3, 3, 3, 4] },
    kernels: 5,
    build: ({ x, k, v }) => layer(loom.conv2dTranspose(x!, k!, { strides: 2, padding: 'same' }), v!),
  },
  'transposed without overlap': {
    inputs: { ...image, k: [2, 2, 3, 4] },
    kernels: 1,
    build: ({ x, k, v }) => layer(loom.conv2dTranspose(x!, k!, { strides: 2 }), v!),
  },
  'transposed patches': {
    inputs: { ...image, k: [4, 4, 3, 4] },
    kernels: 1,
    build: ({ x, k, v }) => layer(loom.conv2dTranspose(x!, k!, { strides: 4 }), v!),
  },
  // Rows have both phases in one product, columns one each.
  'transposed, channels first': {
    inputs: { x: [2, 4, 5, 6], k: [4, 4, 3, 4], v: [3, 1, 1] },
    kernels: 3,
    build: ({ x, k, v }) => layer(loom.conv2dTranspose(x!, k!, { strides: 2, padding: 'same', dataFormat: 'channelsFirst' }), v!), // prettier-ignore
  },
  'transposed in one dimension, three phases': {
    inputs: { x: [2, 5, 4], k: [5, 3, 4], v: [3] },
    kernels: 4,
    build: ({ x, k, v }) => layer(loom.conv1dTranspose(x!, k!, { strides: 3, padding: 'same' }), v!),
  },
  // Elements behind the last are made and cut off.
  'transposed to an odd size': {
    inputs: { ...image, k: [3, 3, 3, 4] },
    kernels: 6,
    build: ({ x, k, v }) => layer(loom.conv2dTranspose(x!, k!, { strides: 2 }), v!),
  },
  // Twice as far apart as the stride: only every other element is reached.
  'transposed with taps apart': {
    inputs: { ...image, k: [3, 3, 3, 4] },
    kernels: 3,
    build: ({ x, k }) => loom.conv2dTranspose(x!, k!, { strides: 2, dilations: 2, padding: 'same' }),
  },
  'the gradient of single taps': {
    inputs: { x: [2, 6, 8, 3], k: [1, 1, 3, 4] },
    kernels: 3,
    build: ({ x, k }) => byOperand(k!, x!, { strides: 2 }),
  },
  'the gradient of a strided convolution behind relu': {
    inputs: { x: [2, 6, 8, 3], k: [3, 3, 3, 4] },
    // Forward: relu with its border and the convolution; back: a border and four products, each behind its mask.
    kernels: 7,
    build: ({ x, k }) => grad(loom.sum(loom.square(loom.conv2d(loom.relu(x!), k!, { strides: 2, padding: 'same' }))), [x!])[0], // prettier-ignore
  },
  'the gradient of a strided convolution in groups': {
    inputs: { x: [2, 6, 8, 4], k: [3, 3, 2, 6] },
    kernels: 7,
    build: ({ x, k }) => byOperand(k!, x!, { strides: 2, padding: 'same', groups: 2 }),
  },
  'a grouped convolution': {
    inputs: { x: [2, 6, 6, 8], k: [3, 3, 4, 8], v: [8] },
    kernels: 1,
    build: ({ x, k, v }) => layer(loom.conv2d(x!, k!, { groups: 2 }), v!),
  },
  'scaled at every point': {
    inputs: { ...up, s: [2, 10, 12, 3] },
    kernels: 2,
    build: ({ x, k, s }) => loom.mul(s!, loom.conv2dTranspose(x!, k!, { strides: 2, padding: 'same' })),
  },
  'a result in another shape': {
    inputs: { a: [6, 4], b: [4, 8] },
    kernels: 1,
    build: ({ a, b }) => loom.reshape(loom.tanh(loom.matmul(a!, b!)), [3, 2, 2, 4]),
  },
  'a join in another shape': {
    inputs: { a: [6, 4], b: [4, 8], c: [4, 8] },
    kernels: 2,
    build: ({ a, b, c }) => loom.reshape(loom.concat([loom.matmul(a!, b!), loom.sin(loom.matmul(a!, c!))], { axis: 1 }), [12, 8]), // prettier-ignore
  },
  'a join of joins and what is moved': {
    inputs: { a: [6, 4], b: [4, 8], c: [4, 8], d: [3, 8] },
    kernels: 4,
    build: ({ a, b, c, d }) => {
      const both = loom.concat([loom.matmul(a!, b!), loom.exp(loom.matmul(a!, c!))], { axis: 1 })
      const rows = loom.broadcastTo(loom.slice(d!, [{ start: 1, end: 2 }]), [6, 2, 8])
      return loom.concat([loom.reshape(both, [6, 2, 8]), rows, loom.matmul(loom.reshape(a!, [6, 1, 4]), b!)], {
        axis: 1,
      })
    },
  },
  'a part that others read, in long rows': {
    inputs: { a: [6, 4], b: [4, 16], c: [4, 16], d: [32, 16] },
    // Both parts, the product of what is joined, which adds the first.
    kernels: 3,
    build: ({ a, b, c, d }) => {
      const part = loom.tanh(loom.matmul(a!, b!))
      return loom.add(loom.matmul(loom.concat([part, loom.matmul(a!, c!)], { axis: 1 }), d!), part)
    },
  },
  'a part that two joins read': {
    inputs: { a: [6, 4], b: [4, 16], d: [32, 5] },
    // What is computed of it with it, the join that does not take it for its own, and both products.
    kernels: 4,
    build: ({ a, b, d }) => {
      const part = loom.tanh(loom.matmul(a!, b!))
      const one = loom.matmul(loom.concat([part, loom.exp(part)], { axis: 1 }), d!)
      return loom.add(one, loom.matmul(loom.concat([loom.sin(part), part], { axis: 1 }), d!))
    },
  },
}

const feedsOf = (inputs: Program['inputs']) =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, shape], n) => {
      const count = shape.reduce((p, q) => p * q)
      return [name, Float32Array.from({ length: count }, (_, i) => Math.sin(5 * i + n) / 2)]
    }),
  )
const specOf = (inputs: Program['inputs']) =>
  Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, tensor(shape)]))

const WAYS: Readonly<Record<string, loom.CompileOptions>> = {
  js: { target: 'js' },
  plain: { target: 'js', schedule: 'plain' },
  wasm: { target: 'wasm', threads: 1 },
}

describe('what is computed for one place is computed there', () => {
  it.each(Object.entries(PROGRAMS))('%s', (_name, { inputs, kernels, build }) => {
    const made = entry(specOf(inputs), (x) => ({ outputs: { y: build(x as Feeds) } }))
    expect(inspect(compile(made, WAYS['js'])).kernels.map((k) => k.name)).toHaveLength(kernels)
    const feeds = feedsOf(inputs)
    const run = (options: loom.CompileOptions) =>
      (compile(made, options) as unknown as (x: object) => { readonly y: Float32Array })(feeds).y
    const want = [...run({ target: 'js', fuse: false, passes: { simplify: false } })]
    expect(Math.max(...want)).toBeGreaterThan(0.01)
    for (const [way, options] of Object.entries(WAYS)) {
      const y = run(options)
      want.forEach((v, i) => expect(y[i], `${way}, element ${i}`).toBeCloseTo(v, 4))
    }
  })
})

describe('distances of elements seen in another shape', () => {
  const factors = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
  /** Neighbouring extents multiplied. */
  const grouped = (extents: readonly number[], cuts: readonly boolean[]): number[] =>
    extents.reduce<number[]>(
      (made, d, i) => (i > 0 && cuts[i] ? [...made.slice(0, -1), made.at(-1)! * d] : [...made, d]),
      [],
    )
  const cuts = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 })
  const place = (shape: readonly number[], strides: readonly number[], n: number): number =>
    indexAt(shape, n).reduce((sum, at, i) => sum + at * strides[i]!, 0)

  it('are those of the elements', () => {
    let found = 0
    fc.assert(
      fc.property(
        factors,
        cuts,
        cuts,
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 5, maxLength: 5 }),
        (extents, a, b, gaps) => {
          // prettier-ignore
          const [shape, seen] = [grouped(extents, a), grouped(extents, b)]
          // Rows with gaps behind them, as of a part of a join.
          const strides = stridesOf(seen.map((d, i) => d + gaps[i]!))
          const own = stridesThrough(shape, seen, strides)
          if (!own) return
          found++
          for (let n = 0; n < sizeOf(shape); n++) expect(place(shape, own, n)).toBe(place(seen, strides, n))
        },
      ),
    )
    expect(found).toBeGreaterThan(20)
  })

  it('are there wherever the elements lie without gaps', () => {
    fc.assert(
      fc.property(factors, cuts, cuts, (extents, a, b) => {
        const [shape, seen] = [grouped(extents, a), grouped(extents, b)]
        const own = stridesThrough(shape, seen, stridesOf(seen))
        expect(own).toBeDefined()
        shape.forEach((d, i) => d !== 1 && expect(own![i]).toBe(stridesOf(shape)[i]))
      }),
    )
  })
})
