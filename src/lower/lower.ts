import { type Affine, type Axis, axisIndex, constIndex } from '../ir/affine'
import type { Block } from '../ir/block'
import { GraphError } from '../ir/errors'
import { literal, type Scalar } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import { constantValue } from '../ops/leaf'

const SPACE_NAMES = ['i', 'j', 'l', 'm', 'n', 'o', 'p', 'q']

export interface Space {
  readonly axes: readonly Axis[]
  readonly index: readonly Affine[]
}

/** Tensors of one shape are defined over the same spatial axes, so that reading one another point by point renames nothing. */
export function spaces(): (shape: readonly number[]) => Space {
  const known = new Map<string, Space>()
  return (shape) => {
    const key = shape.join()
    const found = known.get(key)
    if (found) return found
    const axes: Axis[] = shape.map((extent, i) => ({ name: SPACE_NAMES[i] ?? `i${i}`, extent, kind: 'space' }))
    const made = { axes, index: axes.map(axisIndex) }
    known.set(key, made)
    return made
  }
}

/** Stands for the value of an op that gives its loops itself: no more is said of it than what it reads. */
const operandsOfLoops = (dtype: DType, args: readonly Scalar[]): Scalar => ({ kind: 'call', dtype, fn: 'add', args })

/** The definition of one tensor at a point of its space. */
export function lowerTensor(t: Tensor, spaceOf: (shape: readonly number[]) => Space): Block {
  if (t.op.kind === 'loops') {
    const operands = t.inputs.map((x) => load(x, [constIndex(0)], true))
    return { tensor: t, axes: spaceOf(t.shape).axes, value: operandsOfLoops(t.dtype, operands) }
  }
  if (t.op.kind !== 'point') throw new GraphError(`${t.op.name}: a ${t.op.kind} is not lowered`)
  const { axes, index } = spaceOf(t.shape)
  const definition = t.op.lower({
    inputs: t.inputs,
    output: t,
    attrs: t.attrs,
    index,
    reduceAxis: (extent, name = 'k') => ({ name, extent, kind: 'reduce' }),
    read: (i, index) => readAt(t.inputs[i]!, index),
    readFlat: (i, position, offset) => load(t.inputs[i]!, [position], true, offset),
  })
  const after = t.op.waitsFor?.map((i) => t.inputs[i]!)
  return { tensor: t, axes: definition.scatter?.axes ?? axes, ...definition, ...(after ? { after } : {}) }
}

/** An operand at a point: indices are right-aligned and an extent of 1 reads index 0. */
function readAt(x: Tensor, index: readonly Affine[]): Scalar {
  const lead = index.length - x.shape.length
  return load(
    x,
    x.shape.map((extent, i) => (extent === 1 ? constIndex(0) : index[lead + i]!)),
    false,
  )
}

/** A tensor at a point or a row-major position; a number is itself. */
export function load(from: Tensor, index: readonly Affine[], flat: boolean, offset?: Scalar): Scalar {
  const value = constantValue(from)
  if (value !== undefined) return literal(value, from.dtype)
  return { kind: 'load', dtype: from.dtype, from, index, flat, ...(offset ? { offset } : {}) }
}
