import type { Call, Lanes } from '../../ir/scalar'
import type { DType } from '../../ir/type'
import type { FunctionScope } from './address'
import { laneOps, OPERATIONS } from './operations'
import { pushInteger } from './points'

/** Turns the integer on the stack into a vector that counts up from it. */
export function pushRamp({ f }: FunctionScope): Lanes {
  f.op('i32x4.splat')
    .op('v128.const', Int32Array.of(0, 1, 2, 3))
    .op('i32x4.add')
  return 4
}

const FOLDED = { foldAdd: 'add', foldMul: 'mul', foldMax: 'max', foldMin: 'min' } as const

/** Combines the lanes of the vector on the stack: the first two, the last two, then both results. */
export function pushFold(fold: keyof typeof FOLDED, dtype: DType, lanes: Lanes, scope: FunctionScope): Lanes {
  const { f } = scope
  const fn = FOLDED[fold]
  const vector = scope.temporary('v128')
  f.op('local.set', vector)
  // A condition on float64 is as wide as that.
  const width = dtype === 'bool' && lanes === 2 ? 2 : 1
  const lane = (i: number): void => void f.op('local.get', vector).op(laneOps(dtype).extract, i * width)
  const combine = (): void => {
    const op = OPERATIONS[dtype][fn]?.[0]
    if (op) f.op(op)
    else pushInteger(fn, scope)
  }
  for (let first = 0; first < lanes; first += 2) {
    lane(first)
    lane(first + 1)
    combine()
    if (first > 0) combine()
  }
  // A lane of a condition is all bits or none.
  if (dtype === 'bool') f.op('i32.const', 1).op('i32.and')
  return 1
}

/** Comparisons of two conditions: masks of bits, as wide as the lanes of what they belong to. */
export function pushMasks(fn: Call['fn'], scope: FunctionScope): void {
  const { f } = scope
  switch (fn) {
    case 'eq':
      f.op('v128.xor').op('v128.not')
      return
    case 'le':
      f.op('v128.andnot').op('v128.not')
      return
    case 'lt': {
      const b = scope.temporary('v128')
      f.op('local.tee', b).op('v128.xor').op('local.get', b).op('v128.and')
      return
    }
    default:
      throw new Error(`${fn} of conditions is unknown to WebAssembly`)
  }
}
