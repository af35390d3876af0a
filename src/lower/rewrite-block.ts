import { type AxisMap, substitute } from '../ir/affine'
import type { Accumulator, Block } from '../ir/block'
import { indexValue, mapScalars, type Scalar } from '../ir/scalar'

/** The scalars of a block: accumulator bodies first, its value last. */
export const scalarsOf = (block: Pick<Block, 'value' | 'reduce' | 'scatter'>): Scalar[] => [
  ...(block.reduce?.accumulators.map((a) => a.body) ?? []),
  ...(block.scatter ? [block.scatter.offset] : []),
  block.value,
]

/** Rewrites all scalars of a block as one DAG; accumulators are made anew and references to them follow. */
export function mapBlock(block: Block, change: (s: Scalar) => Scalar | undefined): Block {
  const { scatter } = block
  if (scatter) {
    const [value, offset] = mapScalars([block.value, scatter.offset], change) as [Scalar, Scalar]
    return { ...block, value, scatter: { ...scatter, offset } }
  }
  if (!block.reduce) return { ...block, value: mapScalars([block.value], change)[0]! }
  const memo = new Map<Scalar, Scalar>()
  const renewed = new Map<Accumulator, Accumulator>()
  const accumulators = block.reduce.accumulators.map((a) => {
    const body = mapScalars([a.body], change, memo)[0]!
    const made: Accumulator = { ...a, body, ...(a.of ? { of: renewed.get(a.of)! } : {}) }
    renewed.set(a, made)
    return made
  })
  const follow = (s: Scalar): Scalar | undefined =>
    s.kind === 'acc' ? { ...s, of: renewed.get(s.of) ?? s.of } : change(s)
  return {
    ...block,
    value: mapScalars([block.value], follow)[0]!,
    reduce: { axes: block.reduce.axes, accumulators },
  }
}

/** A change for `mapScalars` that replaces axes by affine indices in loads and axis values. */
export const reindex =
  (map: AxisMap) =>
  (s: Scalar): Scalar | undefined => {
    if (s.kind === 'load') return { ...s, index: s.index.map((a) => substitute(a, map)) }
    if (s.kind === 'axis') {
      const to = map.get(s.axis)
      return to && indexValue(to)
    }
    return undefined
  }
