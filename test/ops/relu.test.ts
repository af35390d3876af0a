import { compile, entry, grad, mul, relu, type ReluOptions, sum, tensor, type Tensor } from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import { build } from './cases'
import { checkComposed, each, meaning } from './function-case'
import { integers, unary } from './operands'

const SLOPES = [0, 0.25, -0.5]
const LARGEST = [undefined, 0.75, 6]
const THRESHOLDS = [0, 0.5]
const OPTIONS = SLOPES.flatMap((negativeSlope) =>
  LARGEST.flatMap((most) =>
    THRESHOLDS.map((threshold) => ({ negativeSlope, threshold, ...(most === undefined ? {} : { maxValue: most }) })),
  ),
)
const scalar =
  ({ negativeSlope = 0, maxValue = Infinity, threshold = 0 }: ReluOptions) =>
  (x: number): number =>
    x > threshold ? Math.min(x, maxValue) : x <= threshold ? negativeSlope && negativeSlope * (x - threshold) : NaN

describe.each(OPTIONS.map((options) => [JSON.stringify(options), options] as const))('relu of %s', (_, options) => {
  // Kinks lie at multiples of 1/4, these between.
  const cases = meaning(
    unary((x) => relu(x, options), 'any'),
    each(scalar(options)),
  )
  it.each(cases.map((c) => [JSON.stringify(c.inputs[0]!.shape), c] as const))('%s', (_, c) => {
    checkComposed(c)
  })

  it('keeps NaN and infinities', () => {
    const x = [NaN, Infinity, -Infinity]
    const { run } = build({ x: { shape: [3], dtype: 'float64' } }, ({ x }) => ({ outputs: { y: relu(x!, options) } }))
    expect(Array.from(run({ x })['y']!)).toEqual(x.map(scalar(options)))
  })
})

it.each(
  meaning(
    integers((x) => relu(x, { maxValue: 4, threshold: 2 }), 1),
    each(scalar({ maxValue: 4, threshold: 2 })),
  ),
)('takes integers', (c) => {
  checkComposed(c)
})

test('without options it is the op, and the gradient at a kink is that below it, 0 at the largest', () => {
  const slopes = (options: ReluOptions, x: readonly number[]): number[] => {
    const { run } = build({ x: { shape: [x.length], dtype: 'float64' } }, ({ x }) => ({
      outputs: { g: grad(sum(relu(x!, options)), [x!])[0] },
    }))
    return Array.from(run({ x })['g']!)
  }
  expect(slopes({}, [0, 1])).toEqual([0, 1])
  expect(slopes({ negativeSlope: 0.5 }, [0, 1])).toEqual([0.5, 1])
  expect(slopes({ negativeSlope: 0.5, threshold: 2 }, [2, 3])).toEqual([0.5, 1])
  expect(slopes({ maxValue: 6 }, [0, 6, 3])).toEqual([0, 0, 1])
  let made: Tensor | undefined
  compile(entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: mul((made = relu(x, {})), 2) } })))
  expect(made!.op.name).toBe('relu')
})

test.each<[string, ReluOptions, 'float32' | 'int32']>([
  ['relu: negativeSlope must be a finite number, it is NaN', { negativeSlope: NaN }, 'float32'],
  ['relu: maxValue must be a number from 0, it is -1', { maxValue: -1 }, 'float32'],
  ['relu: threshold must be a finite number from 0, it is Infinity', { threshold: Infinity }, 'float32'],
  ['relu: 0.5 at position 0 is no int32', { negativeSlope: 0.5 }, 'int32'],
])('%s', (message, options, dtype) => {
  expect(() => entryOf(dtype, options)).toThrow(message)
})
const entryOf = (dtype: 'float32' | 'int32', options: ReluOptions): unknown =>
  compile(entry({ x: tensor([2], dtype) }, ({ x }) => ({ outputs: { y: relu(x, options) } })))
