import { type Affine, type Axis, axisIndex, constIndex } from '../ir/affine'
import type { Block } from '../ir/block'
import { GraphError } from '../ir/errors'
import { literal, type Scalar } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { constantValue } from '../ops/leaf'

const SPACE_NAMES = ['i', 'j', 'l', 'm', 'n', 'o', 'p', 'q']

/** The pointwise definition of one tensor over fresh axes. */
export function lowerTensor(t: Tensor): Block {
  if (t.op.kind !== 'point') throw new GraphError(`${t.op.name}: a ${t.op.kind} is not lowered`)
  const axes: Axis[] = t.shape.map((extent, i) => ({ name: SPACE_NAMES[i] ?? `i${i}`, extent, kind: 'space' }))
  const definition = t.op.lower({
    inputs: t.inputs,
    output: t,
    attrs: t.attrs,
    index: axes.map(axisIndex),
    reduceAxis: (extent, name = 'k') => ({ name, extent, kind: 'reduce' }),
    read: (i, index) => readAt(t.inputs[i]!, index),
    readFlat: (i, position) => load(t.inputs[i]!, [position], true),
  })
  return { tensor: t, axes, ...definition }
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

function load(from: Tensor, index: readonly Affine[], flat: boolean): Scalar {
  const value = constantValue(from)
  return value === undefined ? { kind: 'load', dtype: from.dtype, from, index, flat } : literal(value, from.dtype)
}
