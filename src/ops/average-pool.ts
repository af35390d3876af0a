import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { addT, divT } from './arith'
import { broadcastT, sumT } from './broadcast'
import { dataConstant, scalarConstant } from './leaf'
import { isFew, pooledType, tapAxes, tapNumbers, tapsOf, windowed, withTaps } from './pool-taps'
import { toFloat } from './promote'
import { spatialOf } from './window'
import { foldT, type WindowsAttrs, windowsT } from './windows'

/** Sum of each window, padding counting as zero. */
export const sumPoolOp: Op<'sumPool', WindowsAttrs> = {
  name: 'sumPool',
  kind: 'composite',
  infer: ([x], attrs) => pooledType(x!, attrs),
  vjp: ({ inputs: [x], cotangent: g, attrs }) => [
    foldT(broadcastT(withTaps(g, attrs), windowed(g, attrs)), { ...attrs, size: spatialOf(x!.shape, attrs.format) }),
  ],
  expand: ([x], attrs) =>
    isFew(attrs)
      ? tapsOf(x!, attrs, 0).reduce(addT)
      : sumT(windowsT(x!, attrs, 0), { axes: tapAxes(attrs), keepDims: false }),
}

export interface AveragePoolAttrs extends WindowsAttrs {
  /** Padding counts as elements of value zero. */
  readonly includesPadding: boolean
}

/** Mean of each window over the elements that it really holds, or over all of its taps. */
export const averagePoolOp: Op<'averagePool', AveragePoolAttrs> = {
  name: 'averagePool',
  kind: 'composite',
  infer: ([x], attrs) => {
    const { dtype, shape } = pooledType(x!, attrs)
    return { dtype: dtype === 'float64' ? 'float64' : 'float32', shape }
  },
  vjp: 'expand',
  expand: ([x], { includesPadding, ...attrs }) => {
    const total = apply(sumPoolOp, [toFloat(x!)], attrs)
    return divT(total, divisor(total, spatialOf(x!.shape, attrs.format), attrs, includesPadding))
  },
}

/** How many elements each window holds: a number, or a small constant where padding makes a difference. */
function divisor(total: Tensor, size: readonly number[], attrs: WindowsAttrs, includesPadding: boolean): Tensor {
  const { window, strides, dilations, before, format } = attrs
  const counts = spatialOf(total.shape, format)
  const held = counts.map((n, i) =>
    Array.from({ length: n }, (_, o) => {
      const positions = Array.from({ length: window[i]! }, (_, k) => o * strides[i]! + k * dilations[i]! - before[i]!)
      return includesPadding ? window[i]! : positions.filter((p) => p >= 0 && p < size[i]!).length
    }),
  )
  if (held.every((list) => list.every((n) => n === list[0])))
    return scalarConstant(held.reduce((product, list) => product * (list[0] ?? 1), 1), total.dtype) // prettier-ignore
  const all = tapNumbers(counts).map((at) => at.reduce((product, o, i) => product * held[i]![o]!, 1))
  const shape = format === 'channelsLast' ? [...counts, 1] : counts
  const data = total.dtype === 'float64' ? Float64Array.from(all) : Float32Array.from(all)
  return dataConstant(data, { dtype: total.dtype, shape })
}
