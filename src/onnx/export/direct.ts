import type { Tensor } from '../../ir/tensor'
import { type DType, isFloat } from '../../ir/type'
import type { ReduceAttrs } from '../../ops/axes'
import type { PadAttrs, SliceAttrs } from '../../ops/pieces'
import type { TransposeAttrs } from '../../ops/view'
import { float, int, type Value } from './value'
import type { GraphWriter } from './writer'

/** An op that ONNX has one for. Where `takes` says no, the tensor is written as if there were none. */
export interface Direct {
  takes?(t: Tensor): boolean
  write(to: GraphWriter, t: Tensor, inputs: readonly Value[]): Value
}

const attrs = <A>(t: Tensor): A => t.attrs as A
export const isFloatTensor = ({ dtype }: Tensor): boolean => isFloat(dtype)
export const isSingle = ({ dtype }: Tensor): boolean => dtype === 'float32'

/** No operand is without elements. */
export const hasElements = ({ inputs }: Tensor): boolean => inputs.every((x) => !x.shape.includes(0))

/** An op of the same meaning and without attributes. */
export const plainly = (type: string, takes?: (t: Tensor) => boolean): Direct => ({
  ...(takes ? { takes } : {}),
  write: (to, t, inputs) => to.compute(type, inputs, t.shape, {}, t.dtype === 'bool' ? 'bool' : undefined),
})

/** The last axes are reduced by an op of that name. */
export const reduction = (type: string, isTaken?: (dtype: DType) => boolean): Direct => ({
  takes: (t) => hasElements(t) && (isTaken?.(t.inputs[0]!.dtype) ?? true),
  write: (to, t, [x]) => {
    const { axes, keepDims } = attrs<ReduceAttrs>(t)
    return to.reduce(type, x!, axes, keepDims)
  },
})

export const alongAxis = (type: string): Direct => ({
  takes: isFloatTensor,
  write: (to, t, [x]) => to.compute(type, [x!], t.shape, { axis: int(attrs<{ axis: number }>(t).axis) }),
})

export const itself: Direct = { write: (_, __, [x]) => x! }
export const shaped: Direct = { write: (to, t, [x]) => to.reshape(x!, t.shape) }
export const stretched: Direct = { write: (to, t, [x]) => to.expand(x!, t.shape) }
export const transposed: Direct = {
  write: (to, t, [x]) => to.transpose(x!, attrs<TransposeAttrs>(t).permutation),
}
export const sliced: Direct = {
  write: (to, t, [x]) => {
    const { start, step, size } = attrs<SliceAttrs>(t)
    return to.slice(x!, start, step, size)
  },
}
export const padded: Direct = {
  takes: hasElements,
  write: (to, t, [x]) => {
    const { before, after, value } = attrs<PadAttrs>(t)
    return to.node('Pad', [x, to.wholes([...before, ...after]), to.number(value, x!.type)], t.shape)
  },
}
export const joined: Direct = {
  takes: hasElements,
  write: (to, t, inputs) => to.node('Concat', inputs, t.shape, { axis: int(attrs<{ axis: number }>(t).axis) }),
}
export const gathered: Direct = {
  write: (to, t, [x, at]) =>
    to.node('Gather', [x, indices(to, at!)], t.shape, { axis: int(attrs<{ axis: number }>(t).axis) }),
}
export const takenAlong: Direct = {
  write: (to, t, [x, at]) => {
    const { axis } = attrs<{ axis: number }>(t)
    // All extents but that of the axis are those of the result.
    const from = to.expand(x!, t.shape.with(axis, x!.shape[axis]!))
    return to.node('GatherElements', [from, to.expand(indices(to, at!), t.shape)], t.shape, { axis: int(axis) })
  },
}
const indices = (to: GraphWriter, x: Value): Value => to.cast(x, 'int32')

export const raised: Direct = {
  write: (to, t, [x]) => to.compute('Pow', [x!, to.number(attrs<{ exponent: number }>(t).exponent, x!.type)], t.shape),
}
export const leaky: Direct = {
  takes: isSingle,
  write: (to, t, [x]) => to.node('LeakyRelu', [x], t.shape, { alpha: float(attrs<{ slope: number }>(t).slope) }),
}
export const elu: Direct = {
  takes: isSingle,
  write: (to, t, [x]) => to.node('Elu', [x], t.shape, { alpha: float(attrs<{ alpha: number }>(t).alpha) }),
}
export const selu: Direct = {
  takes: isSingle,
  write: (to, t, [x]) =>
    to.node('Selu', [x], t.shape, { alpha: float(1.6732632423543772), gamma: float(1.0507009873554805) }),
}

/** x (1 + erf(x / √2)) / 2, as other exporters have it. */
export const gelu: Direct = {
  takes: (t) => isSingle(t) && !attrs<{ approximate: boolean }>(t).approximate,
  write: (to, t, [x]) => {
    const binary = (op: string, a: Value, b: number): Value => to.node(op, [a, to.number(b, a.type)], t.shape)
    const erf = to.node('Erf', [binary('Div', x!, Math.SQRT2)], t.shape)
    return binary('Mul', to.node('Mul', [x, binary('Add', erf, 1)], t.shape), 0.5)
  },
}

/** Of whole numbers by way of float64; what is divided by 0 is 0. */
export const wholeQuotient: Direct = {
  takes: (t) => !isFloatTensor(t),
  write: (to, t, [a, b]) => {
    const isZero = to.compute('Equal', [b!, to.number(0, b!.type)], b!.shape, {}, 'bool')
    const quotient = to.node('Div', [to.cast(a!, 'float64'), to.cast(b!, 'float64')], t.shape)
    const whole = to.cast(to.node('Floor', [quotient], t.shape), t.dtype)
    return to.node('Where', [isZero, to.number(0, t.dtype), whole], t.shape, {}, t.dtype)
  },
}
