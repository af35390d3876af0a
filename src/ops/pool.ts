import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { sameShape, showShape, type TensorType } from '../ir/type'
import { addT, divT } from './arith'
import { broadcastT, sumT } from './broadcast'
import { anyOp } from './extrema'
import { dataConstant, scalarConstant } from './leaf'
import { logicalAndOp } from './logic'
import { poolIndexT, tapNumbersT } from './pool-index'
import { computedType, heldAlong, isFew, pooledType, tapAxes, tapsOf } from './pool-windows'
import { toFloat } from './promote'
import { LOWEST, maxT } from './reduce'
import { equalOp, maximumOp, whereT } from './select'
import { like } from './unary'
import { reshapeT } from './view'
import { channelsOf, spatialOf, tapNumbers, windowCounts, withLayout } from './window'
import { type FoldAttrs, foldT, type WindowsAttrs, windowsOf, windowsT } from './windows'

/** Largest element of each window, padding not counted, NaN if one is NaN; the first of equal ones takes the gradient. */
export const maxPoolOp: Op<'maxPool', WindowsAttrs> = {
  name: 'maxPool',
  kind: 'composite',
  keepsFormula: true,
  infer: ([x], attrs) => computedType(x!, attrs),
  vjp: ({ inputs: [x], cotangent, attrs }) => [
    placeT(cotangent, poolIndexT(x!, attrs), { ...attrs, size: spatialOf(x!.shape, attrs.format) }),
  ],
  expand: ([x], attrs) => {
    const border = LOWEST[x!.dtype]
    if (isFew(attrs)) return tapsOf(x!, attrs, border).reduce((a, b) => apply(maximumOp, [a, b], {}))
    return maxT(windowsT(x!, attrs, border), { axes: tapAxes(attrs), keepDims: false })
  },
}

/** [batch, ...positions, channels] with taps of extent 1. */
const withTaps = (x: Tensor, { window, format }: WindowsAttrs): Tensor =>
  reshapeT(x, withLayout(x.shape[0]!, [...spatialOf(x.shape, format), ...window.map(() => 1)], channelsOf(x.shape, format), format)) // prettier-ignore

const windowed = ({ shape }: Tensor, { window, format }: WindowsAttrs): number[] =>
  withLayout(shape[0]!, [...spatialOf(shape, format), ...window], channelsOf(shape, format), format)

// Elements at the place of one tap a window and what is picked from there are each other's gradients.

/** Each element at the tap of its window that an index names, zeros elsewhere; where windows overlap, sums. */
export const placeOp: Op<'place', FoldAttrs> = {
  name: 'place',
  kind: 'composite',
  infer: ([g, index], attrs) => {
    const { size, format, window } = attrs
    if (!sameWindows(g!, index!)) throw new GraphError(`${showShape(g!.shape)} and ${showShape(index!.shape)} differ`)
    const counts = windowCounts(size, window, attrs)
    if (!sameShape(spatialOf(g!.shape, format), counts))
      throw new GraphError(
        `windows over ${showShape(size)} have ${showShape(counts)} positions, ${showShape(g!.shape)} has others`,
      )
    return { dtype: g!.dtype, shape: withLayout(g!.shape[0]!, size, channelsOf(g!.shape, format), format) }
  },
  vjp: ({ inputs: [, index], cotangent, attrs }) => [pickT(cotangent, index!, attrs), null],
  expand: ([g, index], attrs) => {
    const isThere = apply(equalOp, [withTaps(index!, attrs), tapNumbersT(attrs.window, attrs.format)], {})
    const routed = whereT(isThere, broadcastT(withTaps(g!, attrs), windowed(g!, attrs)), like(0, g!))
    return foldT(routed, attrs)
  },
}

/** The element of each window at the tap that an index names. */
export const pickOp: Op<'pick', WindowsAttrs> = {
  name: 'pick',
  kind: 'composite',
  keepsFormula: true,
  infer: ([x, index], attrs) => {
    const type = pooledType(x!, attrs)
    if (!sameWindows(type, index!))
      throw new GraphError(`${showShape(index!.shape)} is no index of ${showShape(type.shape)}`)
    return type
  },
  vjp: ({ inputs: [x, index], cotangent, attrs }) => [
    placeT(cotangent, index!, { ...attrs, size: spatialOf(x!.shape, attrs.format) }),
    null,
  ],
  expand: ([x, index], attrs) => {
    if (isFew(attrs)) {
      const taps = tapsOf(x!, attrs, 0)
      const isTap = (i: number): Tensor => apply(equalOp, [index!, scalarConstant(i, 'int32')], {})
      return taps.slice(0, -1).reduceRight((rest, tap, i) => whereT(isTap(i), tap, rest), taps.at(-1)!)
    }
    const isThere = apply(equalOp, [withTaps(index!, attrs), tapNumbersT(attrs.window, attrs.format)], {})
    const [seen, taps] = [windowsT(x!, attrs, 0), { axes: tapAxes(attrs), keepDims: false }]
    if (x!.dtype === 'bool') return apply(anyOp, [apply(logicalAndOp, [isThere, seen], {})], taps)
    return sumT(whereT(isThere, seen, like(0, x!)), taps)
  },
}

const sameWindows = (a: TensorType, b: TensorType): boolean =>
  b.dtype === 'int32' && a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape[i])

export const placeT = (g: Tensor, index: Tensor, attrs: FoldAttrs): Tensor =>
  apply(placeOp, [g, index], { ...windowsOf(attrs), size: attrs.size })
export const pickT = (x: Tensor, index: Tensor, attrs: WindowsAttrs): Tensor =>
  apply(pickOp, [x, index], windowsOf(attrs))
export const maxPoolT = (x: Tensor, attrs: WindowsAttrs, title?: string): Tensor =>
  apply(maxPoolOp, [x], windowsOf(attrs), title)

/** Sum of each window, padding counting as zero. */
export const sumPoolOp: Op<'sumPool', WindowsAttrs> = {
  name: 'sumPool',
  kind: 'composite',
  keepsFormula: true,
  infer: ([x], attrs) => computedType(x!, attrs),
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
  keepsFormula: true,
  infer: ([x], attrs) => {
    const { dtype, shape } = computedType(x!, attrs)
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
  const { window, format } = attrs
  const counts = spatialOf(total.shape, format)
  const held = counts.map((n, i) =>
    includesPadding ? Array.from({ length: n }, () => window[i]!) : heldAlong(i, size[i]!, n, attrs),
  )
  if (held.every((list) => list.every((n) => n === list[0])))
    return scalarConstant(held.reduce((product, list) => product * (list[0] ?? 1), 1), total.dtype) // prettier-ignore
  const all = tapNumbers(counts).map((at) => at.reduce((product, o, i) => product * held[i]![o]!, 1))
  const shape = format === 'channelsLast' ? [...counts, 1] : counts
  const data = total.dtype === 'float64' ? Float64Array.from(all) : Float32Array.from(all)
  return dataConstant(data, { dtype: total.dtype, shape })
}
