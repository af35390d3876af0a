import { compile, entry, tensor, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import * as layers from '../../src/layers/index'
import { maskOf, setMask } from '../../src/layers/pass'
import { at, pointwise, reduced, tabulate, total } from '../ops/values'
import { describeCases } from './cases'
import { biased } from './windows-meaning'

const SHAPE = [2, 3, 4]
const MASK = [2, 3]

describeCases('the core group', {
  identity: {
    make: () => layers.identity(),
    shapes: [SHAPE],
    masks: [MASK],
    mask: (_, [m]) => m,
    reference: ([x]) => x!,
  },
  'einsumDense over all axes': {
    make: () => layers.einsumDense({ equation: 'ab,bc->ac', outputShape: 3, biasAxes: 'c', activation: 'tanh' }),
    shapes: [[2, 4]],
    reference: ([x], [w, b]) =>
      tabulate([2, 3], 'float64', ([n, c]) =>
        Math.tanh(b!.data[c!]! + total(Array.from({ length: 4 }, (_, k) => at(x!, [n!, k]) * at(w!, [k, c!])))),
      ),
  },
  'einsumDense with dots in front': {
    make: () => layers.einsumDense({ equation: '...x,xy->...y', outputShape: 5, biasAxes: 'y' }),
    shapes: [SHAPE],
    reference: ([x], [w, b]) =>
      biased(
        tabulate([2, 3, 5], 'float64', (p) =>
          total(Array.from({ length: 4 }, (_, k) => at(x!, p.with(2, k)) * at(w!, [k, p[2]!]))),
        ),
        b!,
      ),
  },
  'einsumDense with dots behind': {
    make: () => layers.einsumDense({ equation: 'ab...,bc->ac...', outputShape: 5, biasAxes: 'c' }),
    shapes: [SHAPE],
    reference: ([x], [w, b]) =>
      tabulate(
        [2, 5, 4],
        'float64',
        ([n, c, t]) => b!.data[c!]! + total(Array.from({ length: 3 }, (_, k) => at(x!, [n!, k, t!]) * at(w!, [k, c!]))),
      ),
  },
  'einsumDense with a bias that skips an axis': {
    make: () => layers.einsumDense({ equation: 'abc,cde->abde', outputShape: [null, 2, 3], biasAxes: 'be' }),
    shapes: [SHAPE],
    reference: ([x], [w, b]) =>
      tabulate(
        [2, 3, 2, 3],
        'float64',
        ([n, t, d, e]) =>
          at(b!, [t!, 0, e!]) + total(Array.from({ length: 4 }, (_, k) => at(x!, [n!, t!, k]) * at(w!, [k, d!, e!]))),
      ),
  },
  embedding: {
    make: () => layers.embedding({ inputDim: 6, outputDim: 3, dtype: 'float64' }),
    shapes: [[2, 5]],
    below: 6,
    reference: ([x], [table]) => tabulate([2, 5, 3], 'float64', (p) => at(table!, [at(x!, p.slice(0, 2)), p[2]!])),
  },
  'embedding with a mask': {
    make: () => layers.embedding({ inputDim: 6, outputDim: 3, dtype: 'float64', maskZero: true }),
    shapes: [[2, 5, 2]],
    below: 6,
    mask: ([x]) => pointwise((v) => Number(v !== 0), 'bool')([x!]),
    reference: ([x], [table]) => tabulate([2, 5, 2, 3], 'float64', (p) => at(table!, [at(x!, p.slice(0, 3)), p[3]!])),
  },
  masking: {
    // As no input is 0 as it comes, steps are made so below.
    make: () => layers.masking({ maskValue: 0.25 }),
    shapes: [SHAPE],
    mask: ([x]) => reduced(x!, { axes: [2], keepDims: false }, 'bool', (row) => Number(row.some((v) => v !== 0.25))),
    reference: ([x]) => x!,
  },
})

describe.each(['js', 'wasm'] as const)('on %s', (target) => {
  it('masking puts 0 where a step is masked, and no gradient goes there', () => {
    const net = compile(
      entry({ x: tensor([2, 2, 2]) }, ({ x }) => {
        const y = layers.masking({ maskValue: 7 })(x)
        return { outputs: { y, mask: maskOf(y)! } }
      }),
      { target },
    )
    const { y, mask } = net({ x: Float32Array.of(7, 7, 7, 1, 2, 3, 7, 7) })
    expect([...(y as Float32Array)]).toEqual([0, 0, 7, 1, 2, 3, 0, 0])
    expect([...(mask as Uint8Array)]).toEqual([0, 1, 1, 0])
  })

  it('lambda is given what there is, and has the mask that it says', () => {
    const seen: unknown[] = []
    const both = layers.lambda({
      function: (xs, { training, masks }) => {
        seen.push(xs.length, training, masks.length)
        return [xs[1]!, xs[0]!]
      },
      mask: (masks) => [masks[1], masks[0]],
    })
    const net = compile(
      entry({ a: tensor([2, 3]), b: tensor([2, 3]), m: tensor([2], 'bool') }, ({ a, b, m }) => {
        setMask(a, m)
        const [first, second] = both([a, b], { training: true }) as unknown as readonly Tensor[]
        expect([maskOf(first!), maskOf(second!)]).toEqual([undefined, m])
        const one = layers.lambda({ function: (x) => x })(a)
        expect(maskOf(one)).toBeUndefined()
        return { outputs: { first: first!, one } }
      }),
      { target },
    )
    const { first } = net({
      a: Float32Array.of(1, 2, 3, 4, 5, 6),
      b: new Float32Array(6).fill(9),
      m: Uint8Array.of(1, 0),
    })
    expect([...(first as Float32Array)]).toEqual([9, 9, 9, 9, 9, 9])
    expect(seen.slice(0, 3)).toEqual([2, true, 2])
  })
})

it('the fans of a kernel of einsumDense are the axes that the result has not, and has', () => {
  const drawn: (readonly number[])[] = []
  const initializer = Object.assign(
    (shape: readonly number[]) => {
      drawn.push(shape)
      return new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1)
    },
    { className: 'GlorotUniform', config: {} },
  )
  const layer = layers.einsumDense({
    equation: 'abc,cde->abde',
    outputShape: [null, 5, 3],
    kernelInitializer: initializer,
  })
  const net = compile(
    entry({ x: tensor([2, 3, 4]) }, ({ x }) => ({ outputs: { y: layer(x) } })),
    { target: 'js' },
  )
  net({ x: new Float32Array(24) })
  expect(drawn).toEqual([[4, 15]])
})
