import { repeat } from '../../../api/arrange'
import { batchNorm } from '../../../api/batch-norm'
import { rsqrt } from '../../../api/elementary'
import { add, cast, div, mul, pow, square, sub } from '../../../api/math'
import { groupNorm, instanceNorm, layerNorm } from '../../../api/normalize'
import { mean } from '../../../api/reduce'
import { reshape } from '../../../api/shape'
import { moments, norm, std } from '../../../api/statistics'
import { apply, type Tensor } from '../../../ir/tensor'
import { sizeOf } from '../../../ir/type'
import { sumPoolOp } from '../../../ops/pool'
import type { NodeCall, OnnxOps } from '../node-call'

const EPSILON = 1e-5

/** Running statistics are results of their own: a training program keeps them by updates of the variables. */
function batchNormalization(call: NodeCall): readonly (Tensor | undefined)[] {
  const x = call.requireFloat(0)
  const inXs = (t: Tensor): Tensor => cast(t, x.dtype)
  const [gamma, beta] = [inXs(call.input(1)), inXs(call.input(2))]
  const [running, spread] = [call.statistic(3), call.statistic(4)]
  const epsilon = call.attributes.float('epsilon', EPSILON)
  const momentum = call.attributes.float('momentum', 0.9)
  if (call.opset < 9 && call.attributes.int('spatial', 1) !== 1) call.refuse('normalising each position by itself')
  const isTraining = call.opset >= 14 && call.attributes.flag('training_mode')
  if (!isTraining) {
    if (call.opset < 14 && [1, 2, 3, 4].some((i) => call.wants(i))) call.refuse(`training in opset ${call.opset}`)
    const options = { mean: inXs(running), variance: inXs(spread), gamma, beta, epsilon, axis: 1, training: false }
    return [batchNorm(x, options).output]
  }
  const { output } = batchNorm(x, { gamma, beta, epsilon, axis: 1, training: true, track: false })
  const axis = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]))
  const batch = moments(x, { axis })
  const moved = (old: Tensor, now: Tensor): Tensor => add(mul(old, momentum), mul(cast(now, old.dtype), 1 - momentum))
  return [output, moved(running, batch.mean), moved(spread, batch.variance)]
}

function instanceNormalization(call: NodeCall): Tensor {
  const epsilon = call.attributes.float('epsilon', EPSILON)
  return instanceNorm(call.requireFloat(0), { gamma: call.input(1), beta: call.input(2), epsilon, axis: 1 })
}

/** Over all axes from one on, with mean and 1 / deviation where they are asked for. */
function layerNormalization(call: NodeCall): readonly (Tensor | undefined)[] {
  const x = call.requireFloat(0)
  const first = call.axis(call.attributes.int('axis', -1), x.shape.length)
  const epsilon = call.attributes.float('epsilon', EPSILON)
  if (call.attributes.int('stash_type', 1) !== 1) call.refuse('a stash_type that is not float')
  const axis = x.shape.flatMap((_, i) => (i < first ? [] : [i]))
  const scaled = mul(layerNorm(x, { axis, epsilon }), call.input(1))
  const bias = call.optional(2)
  const made = bias ? add(scaled, bias) : scaled
  if (!call.wants(1) && !call.wants(2)) return [made]
  const found = moments(x, { axis, keepDims: true })
  return [made, cast(found.mean, 'float32'), cast(rsqrt(add(found.variance, epsilon)), 'float32')]
}

/** Before opset 21 there is one scale and bias for each group, from then on for each channel. */
function groupNormalization(call: NodeCall): Tensor {
  const x = call.requireFloat(0)
  const groups = call.attributes.int('num_groups') ?? call.fail('num_groups is missing')
  const epsilon = call.attributes.float('epsilon', EPSILON)
  call.attributes.ignore('stash_type')
  const channels = x.shape[1]!
  if (groups < 1 || channels % groups !== 0) call.fail(`${groups} groups do not divide ${channels} channels`)
  const part = (at: number): Tensor =>
    call.opset < 21 ? repeat(call.input(at), channels / groups, { axis: 0 }) : call.input(at)
  return groupNorm(x, { groups, axis: 1, epsilon, gamma: part(1), beta: part(2) })
}

function lpNormalization(call: NodeCall): Tensor {
  const x = call.requireFloat(0)
  const axis = call.axis(call.attributes.int('axis', -1), x.shape.length)
  const ord = call.attributes.int('p', 2)
  if (ord !== 1 && ord !== 2) call.fail(`p is ${ord}, neither 1 nor 2`)
  return div(x, norm(x, { axis, keepDims: true, ord }))
}

/** What ONNX's own definition adds to the deviation. */
const MVN_EPSILON = 1e-9

function meanVarianceNormalization(call: NodeCall): Tensor {
  const x = call.requireFloat(0)
  const axis = call.axes(call.attributes.ints('axes') ?? [0, 2, 3], x.shape.length)
  const options = { axis, keepDims: true }
  return div(sub(x, mean(x, options)), add(std(x, options), MVN_EPSILON))
}

/** x / (bias + alpha / size * sum of x² over `size` channels around)^beta; of an even size there is one more behind. */
function lrn(call: NodeCall): Tensor {
  const x = call.requireFloat(0)
  const size = call.attributes.int('size') ?? call.fail('the attribute size is missing')
  if (size < 1 || x.shape.length < 3) call.refuse(`size ${size} for a tensor of rank ${x.shape.length}`)
  const alpha = call.attributes.float('alpha', 1e-4)
  const beta = call.attributes.float('beta', 0.75)
  const bias = call.attributes.float('bias', 1)
  const [batch, channels] = x.shape as [number, number]
  const total = apply(sumPoolOp, [reshape(square(x), [batch, channels, sizeOf(x.shape.slice(2))])], {
    window: [size],
    strides: [1],
    dilations: [1],
    before: [Math.floor((size - 1) / 2)],
    after: [Math.ceil((size - 1) / 2)],
    format: 'channelsLast',
  })
  return div(x, pow(add(mul(reshape(total, x.shape), alpha / size), bias), beta))
}

/** Norms. */
export const NORMS: OnnxOps = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  GroupNormalization: groupNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LRN: lrn,
}
