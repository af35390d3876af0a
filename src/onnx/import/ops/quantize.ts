import { clip, round } from '../../../api/elementary'
import { add, cast, div, equal, mul, sub, where } from '../../../api/math'
import { max, min } from '../../../api/reduce'
import { matmul, reshape } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import { ELEMENT_TYPES } from '../../types'
import type { NodeCall, OnnxOps } from '../node-call'
import { convolvedWhole, perChannel } from './conv'
import { centred, perLine } from './matrix'

const MOST = 255

/** Rounded, moved to the zero point and cut to uint8. */
const saturated = (x: Tensor, zeroPoint: Tensor | undefined): Tensor => {
  const whole = round(x)
  const moved = zeroPoint ? add(whole, cast(zeroPoint, x.dtype)) : whole
  return cast(clip(moved, 0, MOST), 'uint8')
}

function requireBytes(call: NodeCall, zeroPoint: Tensor | undefined): void {
  if (zeroPoint && zeroPoint.dtype !== 'uint8') call.refuse(`quantising to ${zeroPoint.dtype}`)
}

/** A scale or zero point for x: one, or one for each position of an axis. */
function alongAxis(call: NodeCall, t: Tensor, x: Tensor, axis: number): Tensor {
  if (t.shape.length === 0 || (t.shape.length === 1 && t.shape[0] === 1)) return reshape(t, [])
  if (t.shape.length !== 1) call.refuse('quantising in blocks')
  const place = call.axis(axis, x.shape.length)
  return reshape(t, x.shape.map((_, i) => (i === place ? t.shape[0]! : 1))) // prettier-ignore
}

function parts(call: NodeCall): { x: Tensor; scale: Tensor; zeroPoint: Tensor | undefined } {
  const [x, scale, zeroPoint] = [call.input(0), call.input(1), call.optional(2)]
  const axis = call.attributes.int('axis', 1)
  if (call.attributes.int('block_size', 0) !== 0) call.refuse('quantising in blocks')
  return {
    x,
    scale: alongAxis(call, scale, x, axis),
    zeroPoint: zeroPoint && alongAxis(call, zeroPoint, x, axis),
  }
}

function quantizeLinear(call: NodeCall): Tensor {
  const { x, scale, zeroPoint } = parts(call)
  // Only of effect where the result is of 8-bit floats.
  call.attributes.ignore('saturate')
  const type = call.attributes.int('output_dtype', 0)
  if (type !== 0 && ELEMENT_TYPES[type] !== 'uint8') call.refuse(`quantising to ${ELEMENT_TYPES[type] ?? type}`)
  requireBytes(call, zeroPoint)
  return saturated(div(x, scale), zeroPoint)
}

function dequantizeLinear(call: NodeCall): Tensor {
  const { x, scale, zeroPoint } = parts(call)
  const whole = cast(x, 'int32')
  const from = zeroPoint ? sub(whole, cast(zeroPoint, 'int32')) : whole
  return mul(cast(from, scale.dtype), scale)
}

/** To uint8 by the range of the values, 0 included. */
function dynamicQuantizeLinear(call: NodeCall): readonly Tensor[] {
  const x = call.requireFloat(0)
  const [least, most] = [clip(min(x), -Infinity, 0), clip(max(x), 0, Infinity)]
  const range = div(sub(most, least), MOST)
  // Where all is 0 any scale does.
  const scale = where(equal(range, 0), 1, range)
  const zeroPoint = saturated(div(sub(0, least), scale), undefined)
  return [saturated(div(x, scale), zeroPoint), scale, zeroPoint]
}

/** Sums of products of whole numbers at the scale of the result. In float64, which holds every int32. */
function rescaled(total: Tensor, scales: readonly Tensor[], zeroPoint: Tensor | undefined): Tensor {
  const [a, b, y] = scales.map((t) => cast(t, 'float64')) as [Tensor, Tensor, Tensor]
  return saturated(mul(cast(total, 'float64'), div(mul(a, b), y)), zeroPoint)
}

type Eight = [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]

function qLinearMatMul(call: NodeCall): Tensor {
  const [a, scaleA, zeroA, b, scaleB, zeroB, scaleY, zeroY] = Array.from({ length: 8 }, (_, i) =>
    call.input(i),
  ) as Eight
  requireBytes(call, zeroY)
  const total = matmul(centred(cast(a, 'int32'), zeroA, 'row'), centred(cast(b, 'int32'), zeroB, 'column'))
  return rescaled(
    total,
    [perLine(scaleA, 'row'), perLine(scaleB, 'column'), perLine(scaleY, 'row')],
    perLine(zeroY, 'row'),
  )
}

function qLinearConv(call: NodeCall): Tensor {
  const at = (i: number): Tensor => call.input(i)
  const one = (t: Tensor): Tensor => (t.shape.length === 1 && t.shape[0] === 1 ? reshape(t, []) : t)
  const zeroY = one(at(7))
  requireBytes(call, zeroY)
  const total = convolvedWhole(call, at(0), at(3), [at(2), at(5)])
  const bias = call.optional(8)
  const scaleKernel = one(at(4))
  const scale = scaleKernel.shape.length === 0 ? scaleKernel : perChannel(call, scaleKernel, total)
  const sum = bias ? add(total, perChannel(call, bias, total)) : total
  return rescaled(sum, [one(at(1)), scale, one(at(6))], zeroY)
}

/** Between floats and uint8. */
export const QUANTIZED: OnnxOps = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  QLinearMatMul: qLinearMatMul,
  QLinearConv: qLinearConv,
}
