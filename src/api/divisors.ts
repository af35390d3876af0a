import { apply, type Arg, explained, type Tensor } from '../ir/tensor'
import { broadcastShapes } from '../ir/type'
import { mulT } from '../ops/arith'
import { floorDivOp, fmodOp } from '../ops/binary'
import { broadcastT } from '../ops/broadcast'
import { absT } from '../ops/rounding'
import { isZero, whereT } from '../ops/select'
import { like } from '../ops/unary'
import { alikePair } from './build'
import { iterate } from './scan'
import type { Binary } from './signatures'

/** More divisions than any two numbers of the dtype need: those of neighbours in the Fibonacci sequence are the most. */
const DIVISIONS = { int32: 46, uint8: 13 } as const

/**
 * The greatest whole number that divides both a and b, 0 of two zeros; int32 or uint8, operands broadcast. Euclid's algorithm
 * in a loop of fixed length. No gradient.
 */
export const gcd = ((a: Arg, b: Arg) => divisorOf(...wholePair('gcd', a, b))) as Binary<'gcd'>

/** The least positive number that a and b divide, 0 where one is 0, wrapped to the dtype; otherwise as `gcd`. No gradient. */
export const lcm = ((a: Arg, b: Arg) => {
  const [p, q] = wholePair('lcm', a, b)
  const divisor = divisorOf(p, q)
  const multiple = absT(mulT(apply(floorDivOp, [p, divisor], {}), q))
  return whereT(isZero(divisor), like(0, p), multiple)
}) as Binary<'lcm'>

function wholePair(op: string, a: Arg, b: Arg): [Tensor, Tensor] {
  const [p, q] = alikePair(op, a, b)
  if (p.dtype !== 'int32' && p.dtype !== 'uint8')
    throw explained(op, `whole numbers are needed, int32 or uint8, got ${p.dtype}`, [p, q])
  const shape = broadcastShapes(p.shape, q.shape)!
  return [broadcastT(p, shape), broadcastT(q, shape)]
}

function divisorOf(a: Tensor, b: Tensor): Tensor {
  const count = DIVISIONS[a.dtype as 'int32' | 'uint8']
  const { last } = iterate(count, { last: a, rest: b }, ({ last, rest }) => {
    const isDone = isZero(rest)
    const remainder = apply(fmodOp, [last, rest], {})
    return { last: whereT(isDone, last, rest), rest: whereT(isDone, rest, remainder) }
  })
  return absT(last)
}
