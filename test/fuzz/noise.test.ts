import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { expect, it } from 'vitest'
import { build } from '../ops/cases'
import { expectedOf } from './noise'

const { cast, flip, floor, less, sign, sin, softmax, sub } = loom
/** What is expected of a function of five floats at a point. */
function expectation(graph: (x: Tensor) => Tensor, x = [-1.3, 0.7, 2, 0.1, -0.45]) {
  const { traced } = build({ x: { shape: [5], dtype: 'float32' } }, (xs) => ({ outputs: { y: graph(xs['x']!) } }))
  const found = expectedOf(traced, { x: x.map(Math.fround) })
  return typeof found === 'string' ? found : found.get(traced.roots.outputs.get('y')!)!
}
const copy = (x: Tensor): Tensor => flip(flip(x))
const zero = (x: Tensor): Tensor => sub(x, x)

it.each<[string, (x: Tensor) => Tensor]>([
  ['equal values of different origin', (x) => sub(softmax(zero(x)), softmax(sin(zero(x))))],
  ['equal distributions', (x) => loom.klDivergence(softmax(zero(x)), softmax(sin(zero(x))))],
  ['a value and its copy', (x) => sub(sin(x), copy(sin(x)))],
  ['a logarithm of a sum that is 1', (x) => loom.logSumExp(loom.logSoftmax(x))],
])('says that errors stay where %s cancel', (_, graph) => {
  expect(expectation(graph)).toMatchObject({ noise: expect.closeTo(2e-7, 6) as number })
  expect((expectation(graph) as { noise: number }).noise).toBeGreaterThan(1e-8)
})

it.each<[string, (x: Tensor) => Tensor]>([
  ['differences of whole numbers', (x) => sub(floor(x), copy(floor(x)))],
  ['steps of whole numbers', (x) => floor(loom.add(floor(x), copy(floor(x))))],
  ['comparisons of copies', (x) => less(sin(x), copy(sin(x)))],
  ['conversions of copies', (x) => cast(sign(copy(sin(x))), 'int32')],
])('has none in %s', (_, graph) => expect(expectation(graph)).toMatchObject({ noise: 0 }))

it('tells what hangs on the last digit', () => {
  expect(expectation((x) => sign(sub(sin(x), copy(sin(x)))))).toMatch('sign is ill-conditioned')
  expect(expectation((x) => less(loom.logSumExp(loom.logSoftmax(x)), 0))).toMatch('less depends')
  expect(expectation((x) => loom.mul(sub(sin(x), copy(sin(x))), 1e6))).toMatch('ill-conditioned')
})
