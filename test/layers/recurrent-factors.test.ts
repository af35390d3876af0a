import {
  compile,
  concat,
  constant,
  entry,
  GraphError,
  gru,
  lstm,
  mul,
  reshape,
  simpleRnn,
  split,
  tensor,
  type Tensor,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'
import { TARGETS, wave } from './layer-cases'

const [T, F, H] = [4, 3, 2]
type Weights = { readonly kernel: Tensor; readonly recurrentKernel: Tensor; readonly bias: Tensor }
type Run = (x: Tensor<[2, number, number]>, weights: Weights, options: object) => { readonly outputs: Tensor }
const LAYERS: readonly (readonly [name: string, gates: number, biases: readonly number[], run: Run])[] = [
  ['simpleRnn', 1, [], simpleRnn],
  ['lstm', 4, [], lstm],
  ['gru', 3, [2], gru],
  ['gru that resets before', 3, [], (x, w, o) => gru(x, w, { ...o, resetAfter: false })],
]
const known = (shape: readonly number[], by: number): Tensor =>
  constant(wave(shape.reduce((a, b) => a * b, 1), by), { shape }) // prettier-ignore

describe.each(TARGETS)('factors of gates on %s', (target) => {
  // A factor that is the same for the batch may as well be in the kernel.
  it.each(LAYERS)('of %s are factors of its kernels', (_, gates, biases, run) => {
    for (const count of new Set([1, gates])) {
      const net = compile(
        entry({ x: tensor([2, T, F], 'float64') }, ({ x }) => {
          const weights = {
            kernel: known([F, gates * H], 0.7),
            recurrentKernel: known([H, gates * H], 1.1),
            bias: known([...biases, gates * H], 0.3),
          }
          const of = (extent: number, by: number): Tensor[] =>
            Array.from({ length: count }, (_, k) => known([1, extent], by + k / 3))
          const [inputFactors, stateFactors] = [of(F, 0.4), of(H, 0.9)]
          const scaled = (kernel: Tensor, factors: readonly Tensor[]): Tensor => {
            const parts = split(kernel, gates, { axis: 1 }) as readonly Tensor[]
            const scale = (k: number): Tensor => reshape(factors[count === 1 ? 0 : k]!, [kernel.shape[0]!, 1])
            return concat(parts.map((part, k) => mul(part, scale(k))), { axis: 1 }) // prettier-ignore
          }
          const kernel = scaled(weights.kernel, inputFactors)
          const recurrentKernel = scaled(weights.recurrentKernel, stateFactors)
          return {
            outputs: {
              y: run(x, weights, { inputFactors, stateFactors }).outputs,
              right: run(x, { ...weights, kernel, recurrentKernel }, {}).outputs,
              plain: run(x, weights, {}).outputs,
            },
          }
        }),
        { target },
      )
      const { y, right, plain } = net({ x: wave(2 * T * F) }) as unknown as Record<string, Float64Array>
      right!.forEach((v, i) => expect(y![i], `at ${i}`).toBeCloseTo(v, 12))
      expect([...plain!]).not.toEqual([...y!])
      net.dispose()
    }
  })
})

describe('factors that do not fit', () => {
  const build = (options: object) => (): unknown =>
    compile(
      entry({ x: tensor([2, T, F], 'float64') }, ({ x }) => ({
        outputs: {
          y: lstm(x, { kernel: known([F, 4 * H], 1), recurrentKernel: known([H, 4 * H], 1) }, options).outputs,
        },
      })),
    )
  it.each([
    ['too few', { inputFactors: [known([1, F], 1), known([1, F], 2)] }, ['lstm: inputFactors', 'one tensor or 4']],
    ['other features', { inputFactors: [known([2, F + 1], 1)] }, ['lstm: inputFactors must be float64[?, 3]']],
    ['other units', { stateFactors: [known([2, F], 1)] }, ['lstm: stateFactors must be float64[?, 2]']],
  ] as const)('%s', (_, options, parts) => {
    expectFault(build(options), GraphError, ...parts)
  })
})
