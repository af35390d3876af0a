import { addScaled, type Affine, type Axis, axisIndex, constIndex } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF, indexF } from '../ir/formula'
import type { Stmt } from '../ir/loop'
import type { Op } from '../ir/op'
import { axisValue, call, int, type Scalar } from '../ir/scalar'
import { elementAt, loopOver, name, storeAt } from '../ir/statement'
import { apply, type Tensor } from '../ir/tensor'
import { sameShape, showType, sizeOf } from '../ir/type'
import { scaledWord } from './distributions'
import { requireWords } from './random'

const scaled = (axis: Axis, by: number): Affine => addScaled(constIndex(0), axisIndex(axis), by)

/**
 * The numbers from 0 up to n in a random order, int32[n], from two words of bits each [n]: each number takes a random place
 * among those before it, whose holder moves to the end. No order is likelier than another by more than n² / 2^64 of its
 * probability. Source: Durstenfeld 1964, inside out.
 */
export const permutationOp: Op<'permutation', Record<never, never>> = {
  name: 'permutation',
  kind: 'loops',
  infer: (words) => {
    requireWords(words)
    const [high, low] = words
    if (high!.shape.length !== 1 || !sameShape(high!.shape, low!.shape))
      throw new GraphError(`needs two words a position, got ${words.map(showType).join(' and ')}`)
    return { dtype: 'int32', shape: high!.shape }
  },
  vjp: null,
  loops: ({ output, operands: [high, low], result }) =>
    loopOver('i', output.shape[0]!, (i) => {
      const at = axisIndex(i)
      const count = name('count', call('add', axisValue(i), int(1)))
      const words = [name('high', elementAt(high!, at)), name('low', elementAt(low!, at))] as const
      const { value, lets } = scaledWord(words[0].value, words[1].value, count.value)
      const place = name('place', value)
      return [
        ...[count, ...words, ...lets, place].map((n) => n.set),
        storeAt(result, at, elementAt(result, constIndex(0), place)),
        storeAt(result, constIndex(0), axisValue(i), place),
      ]
    }),
}

export interface PermuteRowsAttrs {
  /** Rows go to where a permutation says, instead of coming from there. */
  readonly inverse: boolean
}

/** Rows of x [n, ...] in the order of a permutation [n] of their numbers, which `permutation` must have made. */
export const permuteRowsOp: Op<'permuteRows', PermuteRowsAttrs> = {
  name: 'permuteRows',
  kind: 'loops',
  infer: ([x, order]) => {
    if (order!.dtype !== 'int32' || x!.shape.length === 0 || !sameShape(order!.shape, x!.shape.slice(0, 1)))
      throw new GraphError(`needs the order of the rows of ${showType(x!)} as int32, got ${showType(order!)}`)
    return { dtype: x!.dtype, shape: x!.shape }
  },
  vjp: ({ inputs: [, order], cotangent, attrs: { inverse } }) => [permuteRowsT(cotangent, order!, !inverse), null],
  loops: ({ output: { shape }, attrs: { inverse }, operands: [x, order], result }) => {
    const columns = sizeOf(shape.slice(1))
    return loopOver('i', shape[0]!, (i): Stmt[] => {
      const row = elementAt(order!, axisIndex(i))
      const first: Scalar = columns === 1 ? row : call('mul', row, int(columns))
      const start = name('row', first)
      const move = (here: Affine, there: Affine): Stmt =>
        inverse
          ? storeAt(result, there, elementAt(x!, here), start)
          : storeAt(result, here, elementAt(x!, there, start))
      if (columns === 1) return [start.set, move(axisIndex(i), constIndex(0))]
      return [
        start.set,
        ...loopOver('j', columns, (j) => [move(addScaled(scaled(i, columns), axisIndex(j), 1), axisIndex(j))]),
      ]
    })
  },
  formula: ([x, order], { inverse }) => indexF(x!, [inverse ? callF('inverse', [order!]) : order!]),
}

export const permuteRowsT = (x: Tensor, order: Tensor, inverse = false): Tensor =>
  apply(permuteRowsOp, [x, order], { inverse })
