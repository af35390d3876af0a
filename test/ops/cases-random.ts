import type { Tensor } from 'gradloom'
import { apply } from '../../src/ir/tensor'
import { gumbelOp, normalOp, normalTruncatedOp, randintOp, uniformOp } from '../../src/ops/distributions'
import { alphaDropoutOp, dropoutOp } from '../../src/ops/dropout'
import { permutationOp, permuteRowsT } from '../../src/ops/permutation'
import { randomBitsOp, randomKeyOp } from '../../src/ops/random'
import type { RANDOM } from '../../src/ops/table-random'
import { type Build, operand, type OpCase, SHAPES } from './operands'

// Ops of the state of random numbers, over seeds and bits that are fed: tests of the whole are in test/random.

const FLOATS = ['float32', 'float64'] as const

/** Over words of random bits, all of a shape. */
const ofWords = (count: number, build: Build): OpCase[] =>
  SHAPES.map((shape) => ({ inputs: Array.from({ length: count }, () => operand(shape, 'wide', 'int32')), build }))
const keyed = (shape: readonly number[], block: number, word: 0 | 1): OpCase => ({
  inputs: [operand([2], 'wide', 'int32')],
  build: (key) => apply(randomBitsOp, [key], { shape, block, word }),
})
const dropped = (op: typeof dropoutOp | typeof alphaDropoutOp): OpCase[] =>
  [
    ...SHAPES.map((shape) => [shape, shape]),
    [
      [17, 3, 19],
      [17, 1, 19],
    ],
    [[4, 6], []],
  ].flatMap(([x, noise], i) => ({
    inputs: [operand(x!), operand(noise!, 'wide', 'int32')],
    build: (...inputs: Tensor[]) => apply(op, inputs, { rate: [0.5, 0.2, 0.9, 1e-12][i % 4]! }),
  }))

export const RANDOM_CASES: { readonly [N in keyof typeof RANDOM]: readonly OpCase[] } = {
  randomKey: [0, 1, 2].map((count) => ({
    inputs: [operand([2], 'wide', 'int32'), ...Array.from({ length: count }, () => operand([], 'wide', 'int32'))],
    build: (...inputs) => apply(randomKeyOp, inputs, { stream: [-5 * count, 2 ** 31 - 1] }),
  })),
  randomBits: SHAPES.toReversed().flatMap((shape) => [keyed(shape, 0, 0), keyed(shape, 1, 1)]),
  uniform: [
    { min: 0, max: 1 },
    { min: -3, max: 5.5 },
    { min: 2, max: 2.5 },
  ].flatMap((range) => [
    ...ofWords(1, (...words) => apply(uniformOp, words, { ...range, dtype: 'float32' })),
    ...ofWords(2, (...words) => apply(uniformOp, words, { ...range, dtype: 'float64' })),
  ]),
  normal: FLOATS.flatMap((dtype) =>
    ofWords(dtype === 'float32' ? 2 : 4, (...words) => apply(normalOp, words, { mean: 1, stddev: 0.5, dtype })),
  ),
  normalTruncated: FLOATS.flatMap((dtype) =>
    ofWords(dtype === 'float32' ? 1 : 2, (...words) => apply(normalTruncatedOp, words, { mean: 0, stddev: 3, dtype })),
  ),
  gumbel: FLOATS.flatMap((dtype) =>
    ofWords(dtype === 'float32' ? 1 : 2, (...words) => apply(gumbelOp, words, { dtype })),
  ),
  randint: [1, 10, 65536, 1000003, 2 ** 31, 2 ** 32 - 1, 2 ** 32].flatMap((span, i) =>
    ofWords(2, (...words) => apply(randintOp, words, { min: i < 4 ? 5 - i : -(2 ** 31), span })).slice(-4),
  ),
  permutation: [0, 1, 2, 3, 40].map((n) => ({
    inputs: [operand([n], 'wide', 'int32'), operand([n], 'wide', 'int32')],
    build: (...words) => apply(permutationOp, words, {}),
  })),
  permuteRows: [[1], [7], [3, 5], [17, 2, 3], [0, 3], [3, 0]].flatMap((shape) =>
    [false, true].map((inverse) => ({
      inputs: [operand(shape), ...[0, 1].map(() => operand(shape.slice(0, 1), 'wide', 'int32'))],
      build: (x: Tensor, ...words: Tensor[]) => permuteRowsT(x, apply(permutationOp, words, {}), inverse),
    })),
  ),
  dropout: dropped(dropoutOp),
  alphaDropout: dropped(alphaDropoutOp),
}
