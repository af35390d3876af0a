import { pad } from '../../../api/arrange'
import { range } from '../../../api/create'
import { abs, floorDiv, mod } from '../../../api/elementary'
import { fill } from '../../../api/leaf'
import { add, cast, mul, pow } from '../../../api/math'
import {
  averagePool1d,
  averagePool2d,
  averagePool3d,
  type AveragePoolOptions,
  globalAveragePool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PoolOptions,
} from '../../../api/pool'
import { scatter } from '../../../api/scatter'
import { reshape } from '../../../api/shape'
import { norm } from '../../../api/statistics'
import { apply, type Tensor } from '../../../ir/tensor'
import { showShape, sizeOf, stridesOf } from '../../../ir/type'
import { sumPoolOp } from '../../../ops/pool'
import { poolIndexT } from '../../../ops/pool-index'
import type { WindowsAttrs } from '../../../ops/windows'
import type { NodeCall, OnnxOps } from '../node-call'
import { padded, pairsOf, spatialExtents, type WindowNumbers, windowNumbers } from '../windows'

type Pool<O> = (x: Tensor, options: O) => Tensor
const MAX = [maxPool1d, maxPool2d, maxPool3d] as readonly unknown[] as readonly Pool<PoolOptions>[]
const AVERAGE = [
  averagePool1d,
  averagePool2d,
  averagePool3d,
] as readonly unknown[] as readonly Pool<AveragePoolOptions>[]

const numbersOf = (call: NodeCall, x: Tensor): WindowNumbers =>
  windowNumbers(call, spatialExtents(call, x), undefined, call.attributes.flag('ceil_mode'))

const optionsOf = (numbers: WindowNumbers): PoolOptions => ({
  size: numbers.kernel,
  strides: numbers.strides,
  dilations: numbers.dilations,
  padding: pairsOf(numbers),
  dataFormat: 'channelsFirst',
})

const attrsOf = (numbers: WindowNumbers): WindowsAttrs => ({
  window: numbers.kernel,
  strides: numbers.strides,
  dilations: numbers.dilations,
  before: numbers.before,
  after: pairsOf(numbers).map(([, after]) => after),
  format: 'channelsFirst',
})

function maxPool(call: NodeCall): readonly (Tensor | undefined)[] {
  const x = call.input(0)
  const numbers = numbersOf(call, x)
  const isColumnMajor = call.attributes.flag('storage_order')
  const largest = MAX[x.shape.length - 3]!(x, optionsOf(numbers))
  return [largest, call.wants(1) ? places(x, numbers, isColumnMajor) : undefined]
}

/** Where in the whole of x the largest element of each window lies, row-major over batch and channels. */
function places(x: Tensor, numbers: WindowNumbers, isColumnMajor: boolean): Tensor {
  const { kernel, strides, dilations, before } = numbers
  const spatial = x.shape.slice(2)
  const tap = poolIndexT(x, attrsOf(numbers))
  const rank = tap.shape.length
  const along = (axis: number, factor: number, offset = 0): Tensor => {
    const extent = tap.shape[axis]!
    const line = range(0, extent)
    return reshape(add(mul(line, factor), offset), tap.shape.map((_, i) => (i === axis ? extent : 1))) // prettier-ignore
  }
  const inside = isColumnMajor ? stridesOf(spatial.toReversed()).toReversed() : stridesOf(spatial)
  const inTaps = stridesOf(kernel)
  const plane = sizeOf(spatial)
  const planes = add(along(0, x.shape[1]! * plane), along(1, plane))
  return spatial.reduce<Tensor>((place, _, i) => {
    const nth = mod(floorDiv(tap, inTaps[i]!), kernel[i]!)
    const at = add(along(rank - spatial.length + i, strides[i]!, -before[i]!), mul(nth, dilations[i]!))
    return add(place, mul(at, inside[i]!))
  }, planes)
}

function averagePool(call: NodeCall): Tensor {
  const x = call.requireFloat(0)
  const numbers = numbersOf(call, x)
  const pool = AVERAGE[x.shape.length - 3]!
  if (!call.attributes.flag('count_include_pad')) return pool(x, optionsOf(numbers))
  // The padding that is asked for counts, what windows reach beyond it does not.
  const none = numbers.before.map(() => 0)
  const whole = padded(x, numbers.before, numbers.after)
  return pool(whole, optionsOf({ ...numbers, before: none, after: none }))
}

/** (sum |x|^p)^(1/p) of each window. */
function lpPool(call: NodeCall): Tensor {
  const x = call.requireFloat(0)
  const p = call.attributes.int('p', 2)
  if (p < 1) call.fail(`p is ${p}`)
  const total = apply(sumPoolOp, [pow(abs(x), p)], attrsOf(numbersOf(call, x)))
  return pow(total, 1 / p)
}

function globalPool(call: NodeCall, pool: (x: Tensor) => Tensor): Tensor {
  const x = call.requireFloat(0)
  return x.shape.length > 2 ? pool(x) : call.refuse(`a tensor of rank ${x.shape.length}`)
}

function globalLpPool(call: NodeCall): Tensor {
  const ord = call.attributes.int('p', 2)
  if (ord < 1) call.fail(`p is ${ord}`)
  const axis = call.requireFloat(0).shape.flatMap((_, i) => (i < 2 ? [] : [i]))
  return globalPool(call, (x) => norm(x, { axis, keepDims: true, ord }))
}

/** Values at places of a tensor of zeros of the size that max pooling had seen; a larger `output_shape` extends it. */
function maxUnpool(call: NodeCall): Tensor {
  const [x, index] = [call.input(0), call.input(1)]
  const spatial = spatialExtents(call, x)
  const { kernel, strides, before, after } = windowNumbers(call, spatial)
  const extents = spatial.map((n, i) => (n - 1) * strides[i]! + kernel[i]! - before[i]! - after[i]!)
  const shape = [...x.shape.slice(0, 2), ...extents]
  if (extents.some((n) => n < 1)) call.fail(`the result would be ${showShape(shape)}`)
  const size = sizeOf(shape)
  const flat = scatter(fill([size], 0, { dtype: x.dtype }), reshape(cast(index, 'int32'), [-1]), reshape(x, [-1]))
  const made = reshape(flat, shape)
  const wanted = call.optionalWholes(2)
  if (!wanted) return made
  const more = wanted.map((n, i): readonly [number, number] => [0, n - shape[i]!])
  if (wanted.length !== shape.length || more.some(([, n]) => n < 0))
    call.refuse(`an output_shape of ${showShape(wanted)} for ${showShape(shape)}`)
  return more.every(([, n]) => n === 0) ? made : pad(made, more)
}

/** Pools; what they see is [batch, channels, ...spatial]. */
export const POOLING: OnnxOps = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  GlobalAveragePool: (call) =>
    globalPool(call, (x) => globalAveragePool(x, { dataFormat: 'channelsFirst', keepDims: true })),
  GlobalMaxPool: (call) => globalPool(call, (x) => globalMaxPool(x, { dataFormat: 'channelsFirst', keepDims: true })),
  GlobalLpPool: globalLpPool,
  MaxUnpool: maxUnpool,
}
