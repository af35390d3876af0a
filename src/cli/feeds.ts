import type { Traced } from '../compile/trace-entry'
import { randomStream } from '../init/random'
import type { Tensor } from '../ir/tensor'
import { newData, sizeOf } from '../ir/type'

/**
 * Random feeds for an entry: floats from 0 to 1, where logarithms and roots have values too, and whole numbers in the range
 * that the graph wants of an index, below 2 where it says nothing. Always the same ones.
 */
export function randomFeeds({ inputs, indices }: Traced): Record<string, unknown> {
  return Object.fromEntries(
    [...inputs].map(([name, t]) => {
      const { uniform } = randomStream(0, name)
      const below = belowOf(t, indices)
      const isWhole = below !== undefined || !t.dtype.startsWith('float')
      const data = newData(t.dtype, sizeOf(t.shape)).map(() =>
        isWhole ? Math.floor(uniform() * (below ?? 2)) : uniform(),
      )
      return [name, t.shape.length === 0 ? data[0] : Object.assign(data, { shape: t.shape })]
    }),
  )
}

/** The smallest of the ranges that an input must keep where it, or a part of it, is used as an index. */
function belowOf(input: Tensor, indices: Traced['indices']): number | undefined {
  const ranges = indices.flatMap(({ index, below }) => (originOf(index) === input ? [below] : []))
  return ranges.length === 0 ? undefined : Math.min(...ranges)
}

/** What a tensor is made of, as long as that is a single one. */
function originOf(t: Tensor): Tensor {
  let now = t
  while (now.inputs.length === 1) now = now.inputs[0]!
  return now
}
