import type { Call, Lanes } from '../../ir/scalar'
import type { FunctionScope } from './address'
import { repeated } from './operations'
import { isVector } from './splat'

/**
 * Below it the quotient of two float32 in float64 has the right whole part: whole numbers that it misses it misses by 2^-24
 * at least. Its product with the divisor is exact then, having fewer than 53 digits.
 */
const FAR = 2 ** 28
/** More than any float32: taken for infinity, it makes x its own remainder, where 0 times infinity would be NaN. */
const BEYOND = 2 ** 128
const EXPONENT = Int32Array.of(0, 0x7ff00000, 0, 0x7ff00000)
/** The two halves of a vector that begin at these bytes of two others. */
const halves = (...from: readonly [number, number]): number[] =>
  from.flatMap((start) => Array.from({ length: 8 }, (_, i) => start + i))

/** The remainder of two float32, exact as `%` is: two points at a time in float64, however far apart they are. */
export function pushRemainder(s: Call, scope: FunctionScope): Lanes {
  const { f } = scope
  const isWide = isVector(s)
  const [x, y] = s.args.map((arg) => {
    const operand = scope.temporary(isWide ? 'v128' : 'f32')
    scope.push(arg)
    f.op('local.set', operand)
    return operand
  }) as [number, number]
  const pair = { x: scope.temporary('v128'), y: scope.temporary('v128'), q: scope.temporary('v128') }
  /** Of two points, which `first` brings into the first lanes. */
  const two = (first: (operand: number) => void): void => {
    for (const [operand, to] of [[x, pair.x] as const, [y, pair.y] as const]) {
      first(operand)
      f.op('f32x4.abs').op('f64x2.promote_low_f32x4').op('local.set', to)
    }
    pushRest(pair, scope)
    f.op('f32x4.demote_f64x2_zero')
  }
  if (!isWide) {
    two((operand) => f.op('local.get', operand).op('f32x4.splat'))
    f.op('f32x4.extract_lane', 0).op('local.get', x).op('f32.copysign')
    return 1
  }
  two((operand) => f.op('local.get', operand))
  two((operand) => f.op('local.get', operand).op('local.get', operand).op('i8x16.shuffle', halves(8, 8)))
  f.op('i8x16.shuffle', halves(0, 16)).op('local.get', x)
  f.op('v128.const', repeated(0x7fffffff, 'int32')).op('v128.bitselect')
  return 4
}

/**
 * What is left of x when y, both at least 0, is taken from it as often as it can be. While the quotient of a point is far, y
 * times a power of 2 is taken, which changes no remainder and leaves 27 digits fewer of the quotient. A point that is near
 * comes to its remainder then, and stays; one whose quotient is infinite comes to NaN.
 */
function pushRest({ x, y, q }: Readonly<Record<'x' | 'y' | 'q', number>>, scope: FunctionScope): void {
  const { f } = scope
  const float = (value: number): void => void f.op('v128.const', repeated(value, 'float64'))
  const d = scope.temporary('v128')
  const divide = (): void => void f.op('local.get', x).op('local.get', y).op('f64x2.div').op('local.set', q)
  f.op('local.get', y)
  float(BEYOND)
  f.op('f64x2.pmin').op('local.set', y)
  divide()
  f.op('loop')
  float(FAR)
  f.op('local.get', q).op('f64x2.le').op('v128.any_true').op('if')
  f.op('local.get', q).op('v128.const', EXPONENT).op('v128.and')
  float(2 / FAR)
  f.op('f64x2.mul')
  float(1)
  f.op('f64x2.pmax').op('local.get', y).op('f64x2.mul').op('local.set', d)
  f.op('local.get', x).op('local.get', x).op('local.get', d).op('f64x2.div').op('f64x2.trunc')
  f.op('local.get', d).op('f64x2.mul').op('f64x2.sub').op('local.set', x)
  divide()
  f.op('br', 1).op('end').op('end')
  f.op('local.get', x).op('local.get', q).op('f64x2.trunc').op('local.get', y).op('f64x2.mul').op('f64x2.sub')
}
