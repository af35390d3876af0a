import * as loom from 'gradloom'
import { one, operand, type OpCase, SHAPES } from './operands'

type Name = 'layerNorm' | 'batchNorm'
type Part = 'mean' | 'variance' | 'gamma' | 'beta'

/** A batch norm of x, with parts of its channels as further operands. */
function batch(shape: readonly number[], axis: number, ...parts: readonly Part[]): OpCase {
  const channels = [shape.at(axis)!]
  return {
    inputs: [operand(shape), ...parts.map((name) => operand(channels, name === 'variance' ? 'positive' : 'any'))],
    build: (x, ...given) => {
      const named = Object.fromEntries(parts.map((name, i) => [name, given[i]!]))
      return loom.batchNorm(x, { ...named, axis, track: false, training: !('mean' in named) }).output
    },
  }
}

/** Normalisation and attention. */
export const NORM_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  layerNorm: [
    ...SHAPES.slice(1).map((shape) => one(shape, (x) => loom.layerNorm(x))),
    one([3, 5], (x) => loom.layerNorm(x, { axis: [0, 1], epsilon: 1e-5 })),
    one([2, 3, 4, 5], (x) => loom.layerNorm(x, { axis: [0, 2] })),
  ],
  batchNorm: [
    batch([4, 3], -1),
    batch([4, 3], -1, 'gamma', 'beta'),
    batch([1, 1], -1, 'gamma', 'beta'),
    batch([2, 3, 4, 5], 1, 'gamma', 'beta'),
    batch([2, 3, 4, 5], -1, 'gamma', 'beta'),
    batch([17, 19], 1, 'beta'),
    batch([4, 3], -1, 'mean', 'variance'),
    batch([2, 3, 4], 1, 'mean', 'variance', 'gamma', 'beta'),
    batch([17, 19], -1, 'mean', 'variance', 'gamma', 'beta'),
    batch([0, 3], -1, 'mean', 'variance', 'gamma'),
  ],
}
