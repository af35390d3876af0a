import { toposort } from '../ir/graph'
import type { Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import type { TakeAttrs } from '../ops/gather'
import type { ReduceAttrs } from '../ops/axes'
import type { ContractAttrs } from '../ops/contract'
import type { PadAttrs, SliceAttrs } from '../ops/pieces'
import type { OpName } from '../ops/table'
import type { TransposeAttrs } from '../ops/view'

/** The axis along which the rows of a tensor lie; undefined where it does not depend on what has rows. */
type RowAxis = number | undefined
/** The axis of the rows of a result from those of its operands; undefined where rows mix, or nobody knows. */
type RowRule = (t: Tensor, axes: readonly RowAxis[]) => RowAxis

/** Where the rows of results lie if they are computed row by row, or the first tensor on the way that is not. */
export type Rows = { readonly axes: readonly RowAxis[] } | { readonly mixed: Tensor }

/** Follows the rows of tensors, along the given axes, through the graph of results. */
export function followRows(results: readonly Tensor[], sources: ReadonlyMap<Tensor, number>): Rows {
  const axes = new Map(sources)
  for (const t of toposort(results, sources)) {
    const own = t.inputs.map((x) => axes.get(x))
    if (axes.has(t) || own.every((axis) => axis === undefined)) continue
    const found = axisOf(t, own)
    if (found === undefined) return { mixed: t }
    axes.set(t, found)
  }
  return { axes: results.map((t) => axes.get(t)) }
}

function axisOf(t: Tensor, axes: readonly RowAxis[]): RowAxis {
  const rule = t.op.pointwise ? aligned : RULES[t.op.name as OpName]
  if (rule) return rule(t, axes)
  if (t.op.kind !== 'composite') return undefined
  const rows = followRows([t.op.expand(t.inputs, t.attrs)], new Map(t.inputs.flatMap((x, i) => (axes[i] === undefined ? [] : [[x, axes[i]]])))) // prettier-ignore
  return 'axes' in rows ? rows.axes[0] : undefined
}

/** The one value of all that there is. */
const same = (axes: readonly RowAxis[]): RowAxis => {
  const found = new Set(axes.filter((axis) => axis !== undefined))
  return found.size === 1 ? [...found][0] : undefined
}

const aligned: RowRule = (t, axes) => same(axes.map((a, i) => (a === undefined ? a : a + t.shape.length - t.inputs[i]!.shape.length))) // prettier-ignore

const reduced: RowRule = (t, [axis]) => {
  const { axes, keepDims } = t.attrs as ReduceAttrs
  if (axes.includes(axis!)) return undefined
  return keepDims ? axis! : axis! - axes.filter((i) => i < axis!).length
}

const contracted: RowRule = (t, axes) => {
  const { a, b, out } = t.attrs as ContractAttrs
  const label = same([a, b].map((labels, i) => (axes[i] === undefined ? undefined : labels[axes[i]])))
  const at = label === undefined ? -1 : out.indexOf(label)
  return at < 0 ? undefined : at
}

/** The axis stays where as much lies before it as before. */
const reshaped: RowRule = ({ shape, inputs: [x] }, [axis]) => {
  const before = sizeOf(x!.shape.slice(0, axis))
  const at = shape.findIndex((d, i) => d === x!.shape[axis!] && sizeOf(shape.slice(0, i)) === before)
  return at < 0 ? undefined : at
}

/** The axis stays whole, where others may be cut. */
const kept =
  <A>(isWhole: (attrs: A, axis: number, x: Tensor) => boolean): RowRule =>
  ({ attrs, inputs: [x] }, [axis]) =>
    isWhole(attrs as A, axis!, x!) ? axis : undefined

const RULES: Readonly<Partial<Record<OpName, RowRule>>> = {
  sum: reduced,
  max: reduced,
  min: reduced,
  prod: reduced,
  any: reduced,
  all: reduced,
  argMax: reduced,
  contract: contracted,
  reshape: reshaped,
  broadcastTo: aligned,
  transpose: ({ attrs }, [axis]) => (attrs as TransposeAttrs).permutation.indexOf(axis!),
  oneHot: (_, [axis]) => axis,
  flip: kept<Pick<ReduceAttrs, 'axes'>>(({ axes }, axis) => !axes.includes(axis)),
  slice: kept<SliceAttrs>(({ step, size }, axis, x) => size[axis] === x.shape[axis] && step[axis] === 1),
  pad: kept<PadAttrs>(({ before, after }, axis) => before[axis] === 0 && after[axis] === 0),
  barrier: (_, [axis]) => axis,
  concat: ({ attrs }, axes) => {
    const found = same(axes)
    return found === (attrs as TakeAttrs).axis ? undefined : found
  },
  gather: ({ attrs, inputs: [, indices] }, [axis, ofIndices]) => {
    const { axis: taken } = attrs as TakeAttrs
    if (axis === undefined || ofIndices !== undefined || axis === taken) return undefined
    return axis < taken ? axis : axis + indices!.shape.length - 1
  },
}
