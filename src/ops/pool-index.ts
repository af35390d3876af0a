import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { countTo } from '../ir/count-to'
import { broadcastT, sumT } from './broadcast'
import { iotaT } from './iota'
import { dataConstant, scalarConstant } from './leaf'
import { isNaNOp, logicalAndOp, logicalOrOp } from './logic'
import { isFew, isPadded, pooledType, tapAxes, tapsOf } from './pool-windows'
import { argMaxOp, LOWEST, maxT } from './reduce'
import { equalOp, maximumOp, whereT } from './select'
import { reshapeT } from './view'
import type { DataFormat } from './window'
import { type WindowsAttrs, windowsOf, windowsT } from './windows'

export interface PoolIndexAttrs extends WindowsAttrs {
  /** What stands for each tap, in row-major order. */
  readonly codes: readonly number[]
}

/** Which tap of each window is the first largest one; a NaN counts as largest. Has no gradient. */
export const poolIndexOp: Op<'poolIndex', PoolIndexAttrs> = {
  name: 'poolIndex',
  kind: 'composite',
  keepsFormula: true,
  infer: ([x], attrs) => pooledType(x!, attrs, 'int32'),
  vjp: null,
  expand: ([x], { codes, ...attrs }) => {
    const border = LOWEST[x!.dtype]
    // An element may be as low as the border: padding is none all the same.
    const real = isPadded(x!, attrs) ? broadcastT(scalarConstant(1, 'bool'), x!.shape) : undefined
    if (!isFew(attrs)) {
      const options = { axes: tapAxes(attrs), keepDims: false }
      const seen = windowsT(x!, attrs, border)
      const largest = real && maxT(seen, { ...options, keepDims: true })
      const hits = real && largest && bothT(isLargest(seen, largest), windowsT(real, attrs, 0))
      const at = apply(argMaxOp, [hits ?? seen], options)
      return codes.every((c, i) => c === i) ? at : chosen(at, codes)
    }
    const taps = tapsOf(x!, attrs, border)
    const isReal = real && tapsOf(real, attrs, 0)
    const largest = taps.reduce((a, b) => apply(maximumOp, [a, b], {}))
    const isIt = (tap: Tensor, i: number): Tensor =>
      isReal ? bothT(isLargest(tap, largest), isReal[i]!) : isLargest(tap, largest)
    const code = (i: number): Tensor => scalarConstant(codes[i]!, 'int32')
    const last = broadcastT(code(codes.length - 1), largest.shape)
    return taps.slice(0, -1).reduceRight((rest, tap, i) => whereT(isIt(tap, i), code(i), rest), last)
  },
}

const bothT = (a: Tensor, b: Tensor): Tensor => apply(logicalAndOp, [a, b], {})
const isLargest = (x: Tensor, largest: Tensor): Tensor => {
  const isEqual = apply(equalOp, [x, largest], {})
  return x.dtype.startsWith('float') ? apply(logicalOrOp, [isEqual, apply(isNaNOp, [x], {})], {}) : isEqual
}

/** The code of each tap number. */
function chosen(at: Tensor, codes: readonly number[]): Tensor {
  const table = dataConstant(Int32Array.from(codes), { dtype: 'int32', shape: [codes.length] })
  const hits = apply(equalOp, [reshapeT(at, [...at.shape, 1]), iotaT(codes.length)], {})
  return sumT(whereT(hits, table, scalarConstant(0, 'int32')), { axes: [at.shape.length], keepDims: false })
}

export function poolIndexT(x: Tensor, attrs: WindowsAttrs, codes?: readonly number[]): Tensor {
  const numbers = codes ?? countTo(sizeOf(attrs.window))
  return apply(poolIndexOp, [x], { ...windowsOf(attrs), codes: numbers })
}

/** Numbers of the taps of a windowed tensor, to be compared with an index of its windows. */
export const tapNumbersT = (window: readonly number[], format: DataFormat): Tensor =>
  reshapeT(iotaT(sizeOf(window)), format === 'channelsLast' ? [...window, 1] : window)
