import type { Call, Lanes } from '../../ir/scalar'
import type { FunctionScope } from './address'
import { laneOps, OPERATIONS, repeated } from './operations'

/** A function of one point, over operands on the stack. */
export function pushPoint(s: Call, scope: FunctionScope): void {
  const from = s.args[0]!.dtype
  const op = OPERATIONS[from][s.fn]?.[0]
  if (op) scope.f.op(op)
  else if (from === 'int32' || from === 'uint8') pushInteger(s.fn, scope)
  else pushImported(s, scope)
}

/** Where arithmetic has no digits left for the period of a function. */
const FAR = 12_800

/**
 * A periodic function of float32 whose second operand is its value near 0. The operands lie on the stack; the host is asked
 * only where a lane is far from 0, and its answer taken only there, so that no point depends on its neighbours.
 */
export function pushPeriodic(s: Call, lanes: Lanes, scope: FunctionScope): void {
  const { f } = scope
  const isWide = lanes > 1
  const type = isWide ? 'v128' : 'f32'
  const [x, near] = [scope.temporary(type), scope.temporary(type)]
  const far = { ...s, args: s.args.slice(0, 1) }
  f.op('local.set', near).op('local.set', x)
  if (isWide) {
    const isFar = scope.temporary('v128')
    f.op('v128.const', repeated(FAR, 'float32')).op('local.get', x).op('f32x4.abs').op('f32x4.lt')
    f.op('local.tee', isFar).op('v128.any_true').op('if', type).op('local.get', x)
    pushLanewise(far, lanes, scope)
    f.op('local.get', near).op('local.get', isFar).op('v128.bitselect')
  } else {
    f.op('f32.const', FAR).op('local.get', x).op('f32.abs').op('f32.lt').op('if', type).op('local.get', x)
    pushPoint(far, scope)
  }
  f.op('else').op('local.get', near).op('end')
}

/** The operands lie on the stack: each lane is computed by itself. */
export function pushLanewise(s: Call, lanes: Lanes, scope: FunctionScope): void {
  const { f } = scope
  const operands = s.args.map(() => scope.temporary('v128'))
  for (const t of operands.toReversed()) f.op('local.set', t)
  const result = scope.temporary('v128')
  // What a lane of a condition holds is all bits or none.
  const isCondition = s.dtype === 'bool'
  for (let lane = 0; lane < lanes; lane++) {
    f.op('local.get', result)
    if (isCondition) f.op('i32.const', 0)
    s.args.forEach((a, i) => {
      f.op('local.get', operands[i]!).op(laneOps(a.dtype).extract, lane)
      if (a.dtype === 'bool') f.op('i32.const', 1).op('i32.and')
    })
    pushPoint(s, scope)
    if (isCondition) f.op('i32.sub')
    f.op(laneOps(s.dtype).replace, lane).op('local.set', result)
  }
  f.op('local.get', result)
}

/** Functions of integers that are more than an instruction, over operands on the stack. */
export function pushInteger(fn: Call['fn'], scope: FunctionScope): void {
  const { f } = scope
  const [a, b] = [scope.temporary('i32'), scope.temporary('i32')]
  switch (fn) {
    case 'max':
    case 'min':
      f.op('local.set', b).op('local.tee', a).op('local.get', b).op('local.get', a).op('local.get', b)
      f.op(fn === 'max' ? 'i32.gt_s' : 'i32.lt_s').op('select')
      return
    case 'neg':
      f.op('i32.const', -1).op('i32.mul')
      return
    case 'abs':
      f.op('local.tee', a).op('i32.const', 31).op('i32.shr_s').op('local.tee', b)
      f.op('local.get', a).op('i32.xor').op('local.get', b).op('i32.sub')
      return
    case 'rem':
      // A division by 0 traps: like the other targets, its remainder is 0.
      f.op('local.tee', b).op('i32.const', 1).op('local.get', b).op('select').op('i32.rem_s')
      return
    default:
      throw new Error(`${fn} of integers is unknown to WebAssembly`)
  }
}

/** A function that the host computes in float64, over operands on the stack. */
function pushImported({ fn, args, dtype }: Call, scope: FunctionScope): void {
  const { f } = scope
  const isNarrow = args[0]!.dtype === 'float32'
  if (isNarrow && args.length === 2) {
    const second = scope.temporary('f32')
    f.op('local.set', second).op('f64.promote_f32').op('local.get', second).op('f64.promote_f32')
  } else if (isNarrow) f.op('f64.promote_f32')
  f.op('call', scope.imported(fn))
  if (dtype === 'float32') f.op('f32.demote_f64')
}
