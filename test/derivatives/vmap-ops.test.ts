import { add, grad, mul, slice, squeeze, stack, sum, type Tensor, vmap } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { toposort } from '../../src/ir/graph'
import { isFloat } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { build, CASES, type Inputs, type OpCase, randomNumbers, sample, VARIANTS } from '../ops/cases'
import { expectNear } from './near'

const ROWS = 3
/** Ops that run in a loop over the rows, at least where other operands than usual have rows. */
const LOOPED: readonly OpName[] = [
  'conv',
  'convInput',
  'convKernel',
  'permutation',
  'permuteRows',
  'randomBits',
  'randomKey',
  'reverseSequence',
  'windowProduct',
  'windowScatter',
]

type Map = (f: (...slices: Tensor[]) => Tensor, batches: readonly Tensor[]) => Tensor
const mapped: Map = (f, batches) => vmap(f as never, ...batches) as Tensor
const rowOf = (x: Tensor, row: number): Tensor => squeeze(slice(x, [{ start: row, end: row + 1 }]), 0)
/** The slices one after another, written out. */
const byHand: Map = (f, batches) => stack(Array.from({ length: ROWS }, (_, row) => f(...batches.map((x) => rowOf(x, row))))) // prettier-ignore

const named = (letter: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(tensors.map((t, i) => [`${letter}${i}`, t]))

/** The op over rows of some operands, the gradient of its square, and the gradient of the square of that. */
const bodyOf =
  (name: OpName, test: OpCase, isBatched: readonly boolean[], map: Map) => (xs: Record<string, Tensor>) => {
    const operands = test.inputs.map((_, i) => xs[`x${i}`]!)
    const y = map(
      (...slices) => {
        let next = 0
        return test.build(...operands.map((x, i) => (isBatched[i] ? slices[next++]! : x)))
      },
      operands.filter((_, i) => isBatched[i]),
    )
    const by = operands.filter((x) => isFloat(x.dtype))
    if (OPS[name].vjp === null || !isFloat(y.dtype) || by.length === 0) return { outputs: { y } }
    const zeros = { disconnected: 'zeros' } as const
    const squares = (ts: readonly Tensor[]): Tensor<[]> => ts.map((t) => sum(mul(t, t))).reduce((a, b) => add(a, b) as never) // prettier-ignore
    const g = grad(squares([y]), by, zeros)
    return { outputs: { y, ...named('g', g), ...named('h', grad(squares(g), by, zeros)) } }
  }

const looped = new Set<OpName>()

function check(name: OpName, test: OpCase, isBatched: readonly boolean[]): void {
  const random = randomNumbers(5)
  const inputs: Record<string, Inputs[string]> = {}
  const feeds: Record<string, number[]> = {}
  test.inputs.forEach((spec, i) => {
    const rows = Array.from({ length: isBatched[i] ? ROWS : 1 }, () => sample(spec, random, i))
    const dtype = spec.dtype === 'float' ? 'float64' : spec.dtype
    inputs[`x${i}`] = { shape: isBatched[i] ? [ROWS, ...spec.shape] : spec.shape, dtype }
    feeds[`x${i}`] = rows.flat()
  })
  const expected = build(inputs, bodyOf(name, test, isBatched, byHand), VARIANTS.fast).run(feeds)
  const variants = isBatched.includes(false) ? [VARIANTS.fast] : [VARIANTS.fast, VARIANTS.wasm]
  for (const options of variants) {
    const ran = build(inputs, bodyOf(name, test, isBatched, mapped), options)
    const { outputs } = ran.traced.roots
    if (toposort([outputs.get('y')!]).some((t) => t.op.name === 'scan')) looped.add(name)
    const results = ran.run(feeds)
    for (const [key, values] of Object.entries(expected))
      expectNear(`${options.target} ${key}`, results[key]!, values, outputs.get(key)!.dtype)
  }
}

const WITH_OPERANDS = (Object.keys(CASES) as OpName[]).filter((name) => CASES[name].some((c) => c.inputs.length > 0))

describe.each(WITH_OPERANDS)('%s', (name) => {
  const cases = CASES[name].flatMap((test, i) => {
    const subsets = Array.from({ length: 2 ** test.inputs.length - 1 }, (_, s) =>
      test.inputs.map((_, k) => ((s + 1) >> k) % 2 === 1),
    )
    return subsets.map((isBatched) => {
      const operands = test.inputs.map((x, k) => `${isBatched[k] ? 'rows of ' : ''}${x.dtype}[${x.shape.join()}]`)
      return { label: `${i}: ${operands.join(' ')}`, run: () => check(name, test, isBatched) }
    })
  })
  it.each(cases)('$label', ({ run }) => run())
})

it('runs no other op in a loop', () => {
  expect([...looped].sort()).toEqual(LOOPED)
})
