import { asFloat } from '../../api/build'
import { constant, type Nested } from '../../api/leaf'
import { add, div, maximum, mul, sqrt, sub } from '../../api/math'
import { constantInit, ones, zeros } from '../../init/initializers'
import { GraphError } from '../../ir/errors'
import { explained, type Tensor } from '../../ir/tensor'
import { type DType, sameShape, showShape, sizeOf } from '../../ir/type'
import { normalizeAxes } from '../../ops/axes'
import { broadcastT } from '../../ops/broadcast'
import { flattenNested } from '../../ops/leaf'
import { reshapeT } from '../../ops/view'
import { type AnyLayer, type Call, defineLayer } from '../layer'
import { flag, type Option, optional, plain } from '../option'
import { title } from '../title'
import { Weight } from '../weight'
import { batchesOf, type HostArray, type HostData } from './host'
import { momentsOf } from './moments'
import { nested } from './options'

type Axis = number | readonly number[] | null
/** Null is an answer here: no axis is kept. */
const axisOption: Option<Axis, Axis, false> = {
  ...plain<Axis>(
    'an axis, a list of axes, or null',
    (v) => v === null || Number.isSafeInteger(v) || (Array.isArray(v) && v.every(Number.isSafeInteger)),
    -1,
  ),
  takesNull: true,
}

/** The axes that keep statistics of their own, in order. */
const keptAxes = (where: string, axis: Axis, shape: readonly number[]): number[] =>
  axis === null ? [] : [...normalizeAxes(where, axis, shape)].sort((a, b) => a - b)

/** Below it a deviation counts as this. Source: Keras's epsilon. */
const LEAST = 1e-7

/**
 * (x - mean) / sqrt(variance), or its inverse, in the shape of x; each index of the axes has a mean and a variance of its own
 * (`axis: null` has one for all). They are given, or `adapt(data)` finds them: then they are weights.
 */
export const normalization = defineLayer({
  className: 'Normalization',
  name: 'normalization',
  options: { axis: axisOption, mean: optional(nested()), variance: optional(nested()), invert: flag(false) },
  mask: 'pass',
  check({ axis, mean, variance }, where) {
    if ((mean === undefined) !== (variance === undefined))
      throw new GraphError(`${where}: mean and variance are given together`)
    if (mean === undefined || variance === undefined) return
    const [a, b] = [flattenNested(where, mean).shape, flattenNested(where, variance).shape]
    if (!sameShape(a, b))
      throw new GraphError(`${where}: mean ${showShape(a)} and variance ${showShape(b)} have one shape`)
    const count = axis === null ? 0 : typeof axis === 'number' ? 1 : axis.length
    if (a.length > count)
      throw new GraphError(`${where}: mean ${showShape(a)} has more axes than the ${count} that keep statistics`)
  },
  call([x], { axis, mean, variance, invert }, at) {
    const values = asFloat('Normalization', x!)
    const kept = keptAxes('Normalization', axis, values.shape)
    const wide = values.shape.map((d, i) => (kept.includes(i) ? d : 1))
    const given = (value: Nested): Tensor => broadcastGiven(value, kept, wide, values)
    const [m, v] =
      mean === undefined || variance === undefined
        ? statistics(at, kept.map((a) => values.shape[a]!)).map((w) => reshapeT(w, wide)) // prettier-ignore
        : [given(mean), given(variance)]
    const deviation = maximum(sqrt(v!), LEAST)
    return invert ? add(m!, mul(values, deviation)) : div(sub(values, m!), deviation)
  },
  methods: (layer, { axis, mean }) => ({
    /** Finds mean and variance of an array, or of all batches, the first axis of which is the batch; anew at each call. */
    adapt(data: HostData): void {
      if (mean !== undefined) throw new GraphError(`${title(layer)}: it was given a mean; leave it out to find it`)
      const where = `${title(layer)}.adapt`
      const kept = (batch: HostArray): number[] => keptAxes(where, axis, batch.shape)
      const found = momentsOf(where, batchesOf(where, data), kept)
      for (const [name, values] of [
        ['mean', found.mean],
        ['variance', found.variance],
        ['count', [found.count]],
      ] as const)
        weightOf(layer, name, found.shape).write(values)
    },
  }),
})

const untrained = { trainable: false } as const
/** Weights as Keras has them. */
const WEIGHTS = {
  mean: { initializer: zeros(), ...untrained },
  variance: { initializer: ones(), ...untrained },
  count: { initializer: constantInit(0), dtype: 'int32', ...untrained },
} as const

function statistics(at: Call, shape: readonly number[]): [mean: Tensor, variance: Tensor] {
  const [mean, variance] = [at.weight('mean', shape, WEIGHTS.mean), at.weight('variance', shape, WEIGHTS.variance)]
  at.weight('count', [], WEIGHTS.count)
  return [mean, variance]
}

function weightOf(layer: AnyLayer, name: keyof typeof WEIGHTS, shape: readonly number[]): Weight {
  const { state } = layer
  const own = name === 'count' ? [] : shape
  const dtype: DType = name === 'count' ? 'int32' : (state.shared.dtype ?? 'float32')
  const weight = state.weights.get(name) ?? new Weight(name, own, dtype, WEIGHTS[name])
  if (weight.size !== sizeOf(own))
    throw new GraphError(
      `${title(layer)}.adapt: its ${name} is ${showShape(weight.shape)}, data make it ${showShape(own)}`,
    )
  state.weights.set(name, weight)
  return weight
}

/** Values for axes that keep statistics, the last of them where there are more, over the shape that broadcasts. */
function broadcastGiven(value: Nested, kept: readonly number[], wide: readonly number[], x: Tensor): Tensor {
  const { shape, values } = flattenNested('Normalization', value)
  const full = wide.map(() => 1)
  shape.forEach((d, i) => (full[kept[kept.length - shape.length + i]!] = d))
  if (full.some((d, i) => d !== 1 && d !== wide[i]))
    throw explained('Normalization', `mean and variance ${showShape(shape)} do not fit ${showShape(wide)}`, [x])
  return broadcastT(constant(values, { shape: full, dtype: x.dtype }), wide)
}
