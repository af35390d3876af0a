import type { Tensor } from '../../../ir/tensor'
import { type Data, newData, sizeOf } from '../../../ir/type'
import type { NodeCall } from '../node-call'
import { constantOf } from '../values'

/** Slices of an axis as one line each, with what brings lines back into the shape. */
function linesOf(data: Data, shape: readonly number[], axis: number): number[][] {
  const [outer, extent, inner] = [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))]
  return Array.from({ length: extent }, (_, i) =>
    Array.from({ length: outer * inner }, (_, j) => {
      const block = Math.floor(j / inner)
      return data[(block * extent + i) * inner + (j % inner)]!
    }),
  )
}

function compareLines(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 ? 0 : a[at]! - b[at]!
}

/**
 * The different elements, or slices of an axis, of what is known when the graph is built; where each stands first, which one
 * each is, and how many there are of each. In order, or in that of their first places.
 */
export function uniqueOf(call: NodeCall): (Tensor | undefined)[] {
  const { dtype, shape, data } = call.values(0)
  if (data.some(Number.isNaN)) call.refuse('NaN')
  const given = call.attributes.int('axis')
  const [full, axis] = given === undefined ? [[data.length], 0] : [shape, call.axis(given, shape.length)]
  const lines = linesOf(data, full, axis)
  const order = lines.map((_, i) => i).sort((a, b) => compareLines(lines[a]!, lines[b]!) || a - b)
  // Equal ones stand side by side, the first of them first.
  const starts = order.filter((at, i) => i === 0 || compareLines(lines[at]!, lines[order[i - 1]!]!) !== 0)
  const firsts = call.attributes.flag('sorted', true) ? starts : [...starts].sort((a, b) => a - b)
  const own = new Map(firsts.map((at, i) => [at, i]))
  const inverse = new Int32Array(lines.length)
  let current = 0
  for (const at of order) {
    current = own.get(at) ?? current
    inverse[at] = current
  }
  const counts = new Int32Array(firsts.length)
  for (const i of inverse) counts[i]!++
  const whole = (values: Int32Array): Tensor => constantOf({ dtype: 'int32', shape: [values.length], data: values })
  const found = constantOf({
    dtype,
    shape: full.map((extent, i) => (i === axis ? firsts.length : extent)),
    data: fromLines(newData(dtype, firsts.length * (lines[0]?.length ?? 0)), firsts.map((at) => lines[at]!), full, axis), // prettier-ignore
  })
  return [found, whole(Int32Array.from(firsts)), whole(inverse), whole(counts)]
}

function fromLines(data: Data, lines: readonly (readonly number[])[], shape: readonly number[], axis: number): Data {
  const inner = sizeOf(shape.slice(axis + 1))
  for (const [i, line] of lines.entries())
    for (const [j, value] of line.entries())
      data[(Math.floor(j / inner) * lines.length + i) * inner + (j % inner)] = value
  return data
}
