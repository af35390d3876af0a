import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { showShape, sizeOf, type TensorType } from '../ir/type'
import { broadcastT, sumT } from './broadcast'
import { iotaT } from './iota'
import { dataConstant, scalarConstant } from './leaf'
import { isNaNOp, logicalOrOp } from './logic'
import { isFew, pooledType, tapAxes, tapsOf, windowed, windowsOf, withTaps } from './pool-taps'
import { argMaxOp, LOWEST, maxT } from './reduce'
import { equalOp, maximumOp, whereT } from './select'
import { like } from './unary'
import { reshapeT } from './view'
import { channelsOf, type DataFormat, spatialOf, withLayout } from './window'
import { type FoldAttrs, foldT, type WindowsAttrs, windowsT } from './windows'

/** Largest element of each window, padding not counted, NaN if one is NaN; the first of equal ones takes the gradient. */
export const maxPoolOp: Op<'maxPool', WindowsAttrs> = {
  name: 'maxPool',
  kind: 'composite',
  infer: ([x], attrs) => pooledType(x!, attrs),
  vjp: ({ inputs: [x], cotangent, attrs }) => [
    placeT(cotangent, poolIndexT(x!, attrs), { ...attrs, size: spatialOf(x!.shape, attrs.format) }),
  ],
  expand: ([x], attrs) => {
    const border = LOWEST[x!.dtype]
    if (isFew(attrs)) return tapsOf(x!, attrs, border).reduce((a, b) => apply(maximumOp, [a, b], {}))
    return maxT(windowsT(x!, attrs, border), { axes: tapAxes(attrs), keepDims: false })
  },
}

export interface PoolIndexAttrs extends WindowsAttrs {
  /** What stands for each tap, in row-major order. */
  readonly codes: readonly number[]
}

/** Which tap of each window is the first largest one; a NaN counts as largest. Has no gradient. */
export const poolIndexOp: Op<'poolIndex', PoolIndexAttrs> = {
  name: 'poolIndex',
  kind: 'composite',
  infer: ([x], attrs) => pooledType(x!, attrs, 'int32'),
  vjp: null,
  expand: ([x], { codes, ...attrs }) => {
    const border = LOWEST[x!.dtype]
    if (!isFew(attrs)) {
      const at = apply(argMaxOp, [windowsT(x!, attrs, border)], { axes: tapAxes(attrs), keepDims: false })
      return codes.every((c, i) => c === i) ? at : chosen(at, codes)
    }
    const taps = tapsOf(x!, attrs, border)
    const largest = taps.reduce((a, b) => apply(maximumOp, [a, b], {}))
    const isIt = (tap: Tensor): Tensor => {
      const isEqual = apply(equalOp, [tap, largest], {})
      return tap.dtype.startsWith('float') ? apply(logicalOrOp, [isEqual, apply(isNaNOp, [tap], {})], {}) : isEqual
    }
    const code = (i: number): Tensor => scalarConstant(codes[i]!, 'int32')
    const last = broadcastT(code(codes.length - 1), largest.shape)
    return taps.slice(0, -1).reduceRight((rest, tap, i) => whereT(isIt(tap), code(i), rest), last)
  },
}

/** The code of each tap number. */
function chosen(at: Tensor, codes: readonly number[]): Tensor {
  const table = dataConstant(Int32Array.from(codes), { dtype: 'int32', shape: [codes.length] })
  const hits = apply(equalOp, [reshapeT(at, [...at.shape, 1]), iotaT(codes.length)], {})
  return sumT(whereT(hits, table, scalarConstant(0, 'int32')), { axes: [at.shape.length], keepDims: false })
}

export function poolIndexT(x: Tensor, attrs: WindowsAttrs, codes?: readonly number[]): Tensor {
  const { strides, dilations, before, after, format, window } = attrs
  const numbers = codes ?? Array.from({ length: sizeOf(window) }, (_, i) => i)
  return apply(poolIndexOp, [x], { strides, dilations, before, after, format, window, codes: numbers })
}

/** Numbers of the taps of a windowed tensor, to be compared with an index of its windows. */
const tapNumbersT = (window: readonly number[], format: DataFormat): Tensor =>
  reshapeT(iotaT(sizeOf(window)), format === 'channelsLast' ? [...window, 1] : window)

// Elements at the place of one tap a window and what is picked from there are each other's gradients.

/** Each element at the tap of its window that an index names, zeros elsewhere; where windows overlap, sums. */
export const placeOp: Op<'place', FoldAttrs> = {
  name: 'place',
  kind: 'composite',
  infer: ([g, index], { size, format }) => {
    if (!sameWindows(g!, index!)) throw new GraphError(`${showShape(g!.shape)} and ${showShape(index!.shape)} differ`)
    return { dtype: g!.dtype, shape: withLayout(g!.shape[0]!, size, channelsOf(g!.shape, format), format) }
  },
  vjp: ({ inputs: [, index], cotangent, attrs }) => [pickT(cotangent, index!, attrs), null],
  expand: ([g, index], attrs) => {
    const isThere = apply(equalOp, [withTaps(index!, attrs), tapNumbersT(attrs.window, attrs.format)], {})
    const routed = whereT(isThere, broadcastT(withTaps(g!, attrs), windowed(g!, attrs)), like(0, g!))
    return foldT(routed, attrs)
  },
  formula: ([g, index]) => `place(${g}, ${index})`,
}

/** The element of each window at the tap that an index names. */
export const pickOp: Op<'pick', WindowsAttrs> = {
  name: 'pick',
  kind: 'composite',
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
    return sumT(whereT(isThere, windowsT(x!, attrs, 0), like(0, x!)), { axes: tapAxes(attrs), keepDims: false })
  },
  formula: ([x, index]) => `pick(${x}, ${index})`,
}

const sameWindows = (a: TensorType, b: TensorType): boolean =>
  b.dtype === 'int32' && a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape[i])

export const placeT = (g: Tensor, index: Tensor, attrs: FoldAttrs): Tensor =>
  apply(placeOp, [g, index], { ...windowsOf(attrs), size: attrs.size })
export const pickT = (x: Tensor, index: Tensor, attrs: WindowsAttrs): Tensor =>
  apply(pickOp, [x, index], windowsOf(attrs))
export const maxPoolT = (x: Tensor, attrs: WindowsAttrs): Tensor => apply(maxPoolOp, [x], windowsOf(attrs))
