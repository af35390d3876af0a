import { callF } from '../ir/formula'
import { call, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import { mulT } from './arith'
import { elementwise } from './elementwise'
import { floats, like } from './unary'

export interface SincAttrs {
  /** Which derivative of sin(t) / t is taken, 0 for the function itself. */
  readonly order: number
}

/**
 * The derivative of sin(t) / t of some order at t = pi x. Near 0, where quotients lose their digits, it is the series of
 * the integral of u^order cos(t u + order pi / 2) over u from 0 to 1; beyond, each order follows from the one below it.
 */
export const sincOp = elementwise<'sinc', SincAttrs>('sinc', {
  dtype: floats,
  fn: ([x], { order }, { dtype }) => {
    const t = call('mul', literal(Math.PI, dtype), x!)
    const near = call('lt', call('abs', t), literal(reach(order), dtype))
    return call('select', near, series(t, order, dtype), quotients(x!, t, order, dtype))
  },
  vjp: ({ inputs: [x], attrs: { order }, cotangent }) => [
    mulT(cotangent, mulT(like(Math.PI, x!), sincT(x!, order + 1))),
  ],
  formula: ([x], { order }) => callF('sinc', [x!], ...(order === 0 ? [] : [`derivative ${order}`])),
})
export const sincT = (x: Tensor, order = 0): Tensor => apply(sincOp, [x], { order })

/** From here on the errors of quotients, order! / t^order, do not grow. */
const reach = (order: number): number => 1 + order / 2

function series(t: Scalar, order: number, dtype: DType): Scalar {
  const least = dtype === 'float64' ? 2 ** -56 : 2 ** -27
  const coefficients: number[] = []
  const lead = order % 2
  let [power, factorial] = [lead, 1]
  for (let size = 1; size > least; power += 2) {
    if (power > 1) factorial *= power * (power - 1)
    const sign = ((order + power) / 2) % 2 === 0 ? 1 : -1
    coefficients.push(sign / ((order + power + 1) * factorial))
    size = reach(order) ** power / factorial
  }
  const square = call('mul', t, t)
  const [last, ...rest] = coefficients.reverse().map((c) => literal(c, dtype))
  const sum = rest.reduce((total, c) => call('add', c, call('mul', total, square)), last!)
  return lead === 0 ? sum : call('mul', t, sum)
}

/** Half turns are taken off while x is exact: at whole numbers the sine is exactly 0. */
function quotients(x: Scalar, t: Scalar, order: number, dtype: DType): Scalar {
  const number = (value: number): Scalar => literal(value, dtype)
  const turns = call('nearest', x)
  const angle = call('mul', number(Math.PI), call('sub', x, turns))
  const pairs = call('mul', turns, number(0.5))
  const isOdd = call('ne', call('nearest', pairs), pairs)
  const signed = (wave: Scalar): Scalar => call('select', isOdd, call('neg', wave), wave)
  const [sine, cosine] = [signed(call('sin', angle)), signed(call('cos', angle))]
  const waves = [sine, cosine, call('neg', sine), call('neg', cosine)]
  let value = call('div', sine, t)
  for (let k = 1; k <= order; k++) value = call('div', call('sub', waves[k % 4]!, call('mul', number(k), value)), t)
  return value
}
