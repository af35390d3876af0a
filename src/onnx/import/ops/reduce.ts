import { abs, floorDiv, fmod } from '../../../api/elementary'
import { log, square, sub } from '../../../api/math'
import { max, mean, min, prod, sum } from '../../../api/reduce'
import { all, any, logSumExp, norm } from '../../../api/statistics'
import type { Tensor } from '../../../ir/tensor'
import { isFloat, showShape, showType, sizeOf } from '../../../ir/type'
import type { OnnxOp, OnnxOps } from '../node-call'

interface Along {
  readonly axis: readonly number[]
  readonly keepDims: boolean
}
interface Reduction {
  readonly build: (x: Tensor, along: Along) => Tensor
  /** Axes are an operand since this version, 18 by default. */
  readonly axesSince?: number
  /** What it takes: floats, whole numbers too (the default), or anything. */
  readonly takes?: 'floats' | 'anything'
  /** Whether it says nothing of no elements. */
  readonly needsSome?: boolean
  /** Whether the value of one element is that element. */
  readonly keepsOne?: boolean
}

/** Over axes that are given, over all if none are; with `noop_with_empty_axes` over none. */
const reduction =
  ({ build, axesSince = 18, takes, needsSome = false, keepsOne = false }: Reduction): OnnxOp =>
  (call) => {
    const x = call.input(0)
    const isFit = takes === 'anything' || isFloat(x.dtype) || (takes !== 'floats' && x.dtype === 'int32')
    if (!isFit) call.refuse(`a reduction of ${showType(x)}`)
    const given = call.wholesBefore(axesSince, 'axes', 1)
    const isNone = call.opset >= axesSince && call.attributes.flag('noop_with_empty_axes')
    const keepDims = call.attributes.flag('keepdims', true)
    if (isNone && !given?.length) return keepsOne ? x : call.refuse('a reduction over no axes')
    const axis = given?.length ? call.axes(given, x.shape.length) : x.shape.map((_, i) => i)
    if (needsSome && axis.some((i) => x.shape[i] === 0)) call.refuse(`a reduction of ${showShape(x.shape)}`)
    return build(x, { axis, keepDims })
  }

/** Of whole numbers what division towards 0 gives. */
function average(x: Tensor, along: Along): Tensor {
  if (isFloat(x.dtype)) return mean(x, along)
  const total: Tensor = sum(x, along)
  const count = sizeOf(along.axis.map((i) => x.shape[i]!))
  return floorDiv(sub(total, fmod(total, count)), count)
}

/** Reductions over axes. */
export const REDUCE: OnnxOps = {
  ReduceSum: reduction({ build: sum, axesSince: 13, keepsOne: true }),
  ReduceMean: reduction({ build: average, needsSome: true, keepsOne: true }),
  ReduceProd: reduction({ build: prod, keepsOne: true }),
  ReduceMax: reduction({ build: (x, along) => (x.dtype === 'bool' ? any(x, along) : max(x, along)), takes: 'anything', needsSome: true, keepsOne: true }), // prettier-ignore
  ReduceMin: reduction({ build: (x, along) => (x.dtype === 'bool' ? all(x, along) : min(x, along)), takes: 'anything', needsSome: true, keepsOne: true }), // prettier-ignore
  ReduceL1: reduction({ build: (x, along) => sum(abs(x), along) }),
  ReduceL2: reduction({ build: (x, along) => norm(x, along), takes: 'floats' }),
  ReduceSumSquare: reduction({ build: (x, along) => sum(square(x), along) }),
  ReduceLogSum: reduction({ build: (x, along) => log(sum(x, along)), takes: 'floats' }),
  ReduceLogSumExp: reduction({ build: logSumExp, takes: 'floats', needsSome: true }),
}
