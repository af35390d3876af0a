import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { poolIndexT } from '../../src/ops/pool-index'
import type { OpName } from '../../src/ops/table'

/** A rule at points where a function has a tie, a kink or an infinite slope; `of` at `at` has these slopes or values. */
export interface Tie {
  readonly rule: string
  readonly of: (...xs: Tensor[]) => Tensor
  readonly at: readonly (readonly number[])[]
  /** For each operand. */
  readonly slopes?: readonly (readonly number[])[]
  readonly values?: readonly number[]
}

const inf = Infinity
const kink = (rule: string, of: Tie['of'], at: readonly number[], slopes: readonly number[]): Tie => ({
  rule,
  of,
  at: [at],
  slopes: [slopes],
})
const pair = (
  rule: string,
  of: Tie['of'],
  at: readonly [readonly number[], readonly number[]],
  slopes: readonly [readonly number[], readonly number[]],
): Tie => ({ rule, of, at, slopes })
const valued = (rule: string, of: Tie['of'], at: readonly number[], values: readonly number[]): Tie => ({
  rule,
  of,
  at: [at],
  values,
})
const elu = (x: Tensor): Tensor => loom.elu(x, { alpha: 0.5 })

export const TIES: { readonly [N in OpName]?: readonly Tie[] } = {
  maximum: [pair('first operand takes all', loom.maximum, [[1, 0], [1, -0]], [[1, 1], [0, 0]])], // prettier-ignore
  minimum: [pair('first operand takes all', loom.minimum, [[1, 0], [1, -0]], [[1, 1], [0, 0]])], // prettier-ignore
  clip: [kink('1 at both ends', (x) => loom.clip(x, -1, 2), [-1, 2, -2, 3], [1, 1, 0, 0])],
  abs: [kink('0 at 0', loom.abs, [0, -0], [0, 0])],
  sign: [valued('0 at 0', loom.sign, [0], [0])],
  round: [valued('halves go to the even number', loom.round, [0.5, 1.5, 2.5, -1.5], [0, 2, 2, -2])],
  mod: [pair('1 and `-floor(a / b)`, at jumps too', loom.mod, [[6, -6], [3, 3]], [[1, 1], [-2, 2]])], // prettier-ignore
  fmod: [pair('1 and `-trunc(a / b)`, at jumps too', loom.fmod, [[6, -6], [3, 3]], [[1, 1], [-2, 2]])], // prettier-ignore
  pow: [
    kink('0 everywhere for exponent 0', (x) => loom.pow(x, 0), [0, 2], [0, 0]),
    kink('infinite at 0 for an exponent below 1', (x) => loom.pow(x, 0.5), [0], [inf]),
  ],
  power: [
    pair('in a 0 where b is 0, in b 0 where a is 0', (a, b) => loom.pow(a, b), [[0, 0, 3], [0, 2, 0]], [[0, 0, 0], [0, 0, Math.log(3)]]), // prettier-ignore
    pair('in b NaN where a is negative', (a, b) => loom.pow(a, b), [[-2], [2]], [[-4], [NaN]]),
  ],
  sqrt: [
    kink('infinite at 0', loom.sqrt, [0], [inf]),
    kink('of a square: 0 at 0', (x) => loom.sqrt(loom.square(x)), [0, -3], [0, -1]),
  ],
  cbrt: [kink('infinite at 0', loom.cbrt, [0, -8], [inf, 1 / 12])],
  sinc: [kink('0 at 0', loom.sinc, [0, -0], [0, 0])],
  erfinv: [kink('infinite at -1 and 1', loom.erfinv, [-1, 1], [inf, inf])],
  rsqrt: [kink('-infinite at 0', loom.rsqrt, [0], [-inf])],
  reciprocal: [kink('-infinite at 0', loom.reciprocal, [0, -0], [-inf, -inf])],
  log: [kink('infinite at 0', loom.log, [0], [inf])],
  log2: [kink('infinite at 0', loom.log2, [0], [inf])],
  log10: [kink('infinite at 0', loom.log10, [0], [inf])],
  log1p: [kink('infinite at -1', loom.log1p, [-1], [inf])],
  asin: [kink('infinite at -1 and 1', loom.asin, [-1, 1], [inf, inf])],
  acos: [kink('-infinite at -1 and 1', loom.acos, [-1, 1], [-inf, -inf])],
  acosh: [kink('infinite at 1', loom.acosh, [1], [inf])],
  atanh: [kink('infinite at -1 and 1', loom.atanh, [-1, 1], [inf, inf])],
  atan2: [pair('0 at the origin', loom.atan2, [[0], [0]], [[0], [0]])],
  hypot: [pair('0 at the origin', loom.hypot, [[0, 3], [0, -4]], [[0, 0.6], [0, -0.8]])], // prettier-ignore
  logAddExp: [pair('1/2 each, equal infinities too', loom.logAddExp, [[1, inf, -inf], [1, inf, -inf]], [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]])], // prettier-ignore
  xlogy: [pair('in y 0 where x is 0', loom.xlogy, [[0, 0], [0, 1]], [[-inf, 0], [0, 0]])], // prettier-ignore
  relu: [kink('0 at 0', (x) => loom.relu(x), [0, -0], [0, 0])],
  relu6: [kink('0 at 0 and at 6', loom.relu6, [0, 6, 3], [0, 0, 1])],
  leakyRelu: [kink('the slope at 0', (x) => loom.leakyRelu(x, { slope: 0.25 }), [0], [0.25])],
  prelu: [pair('in x the slope at 0', loom.prelu, [[0], [0.25]], [[0.25], [0]])],
  elu: [kink('alpha at 0', elu, [0], [0.5])],
  selu: [kink('scale alpha at 0', loom.selu, [0], [1.0507009873554805 * 1.6732632423543772])],
  softsign: [kink('1 at 0', loom.softsign, [0], [1])],
  hardSigmoid: [kink('0 at -3 and 3', loom.hardSigmoid, [-3, 3], [0, 0])],
  hardSilu: [kink('0 at -3, 1 at 3', loom.hardSilu, [-3, 3], [0, 1])],
  hardTanh: [kink('1 at both ends', loom.hardTanh, [-1, 1, 2], [1, 1, 0])],
  hardShrink: [kink('0 at both thresholds', (x) => loom.hardShrink(x), [-0.5, 0.5, 0.75], [0, 0, 1])],
  softShrink: [kink('0 at both thresholds', (x) => loom.softShrink(x), [-0.5, 0.5, 0], [0, 0, 0])],
  where: [
    pair('exactly 0 in the branch not taken', (a, b) => loom.where(loom.less(a, b), loom.log(a), loom.sqrt(b)), [[0, 0.5], [0, 1]], [[0, 2], [inf, 0]]), // prettier-ignore
  ],
  max: [kink('ties share equally', (x) => loom.max(x), [2, 5, 5, 1], [0, 0.5, 0.5, 0])],
  min: [kink('ties share equally', (x) => loom.min(x), [2, 1, 1, 1.5], [0, 0.5, 0.5, 0])],
  adaptiveMaxPool: [
    kink('the first of equal ones takes all', (x) => loom.adaptiveMaxPool(loom.reshape(x, [4, 1]), [1]), [2, 5, 5, 1], [0, 1, 0, 0]), // prettier-ignore
  ],
  argMax: [valued('the first of equal ones', (x) => loom.argMax(x), [1, 3, 3], [1])],
  argMin: [valued('the first of equal ones', (x) => loom.argMin(x), [3, 1, 1], [1])],
  prod: [
    kink('exact at zeros: the product of the others', (x) => loom.prod(x), [0, 2, 3], [6, 0, 0]),
    kink('of two zeros 0', (x) => loom.prod(x), [0, 0, 3], [0, 0, 0]),
  ],
  maxPool: [
    kink('the first of equal ones in row-major order takes all', (x) => loom.maxPool2d(loom.reshape(x, [1, 2, 2, 1])), [1, 2, 2, 2], [0, 1, 0, 0]), // prettier-ignore
    kink('padding takes nothing', (x) => loom.maxPool1d(loom.reshape(x, [1, 3, 1]), { size: 3, strides: 2, padding: 1 }), [-inf, -inf, -inf], [1, 1, 0]), // prettier-ignore
  ],
  poolIndex: [
    valued('the first of equal ones', (x) => poolIndexT(loom.reshape(x, [1, 4, 1]), { window: [4], strides: [1], dilations: [1], before: [0], after: [0], format: 'channelsLast' }), [1, 3, 3, 0], [1]), // prettier-ignore
  ],
  argsort: [
    valued('equal ones keep their order', (x) => loom.argsort(x), [2, 1, 2, 1], [1, 3, 0, 2]),
    valued('descending too', (x) => loom.argsort(x, { descending: true }), [2, 1, 2, 1], [0, 2, 1, 3]),
  ],
  argTopK: [valued('the first of equal ones', (x) => loom.topK(x, 2).indices, [1, 3, 3, 3], [1, 2])],
  cumArgMax: [
    kink('the first of equal ones on the way takes all', (x) => loom.cumMax(x), [1, 3, 3], [1, 2, 0]),
    kink('the last of them in reverse', (x) => loom.cumMin(x, { reverse: true }), [1, 1, 3], [0, 2, 1]),
  ],
  cumProd: [
    kink('exact at zeros', (x) => loom.cumProd(x), [2, 0, 3], [1, 8, 0]),
    kink('of two zeros', (x) => loom.cumProd(x), [2, 0, 0, 5], [1, 2, 0, 0]),
  ],
  logCumSumExp: [kink('0 of -Infinity alone', (x) => loom.logCumSumExp(x), [-inf, -inf], [0, 0])],
  logSumExp: [kink('0 of -Infinity alone', (x) => loom.logSumExp(x), [-inf, -inf], [0, 0])],
  std: [kink('0 where all are equal', (x) => loom.std(x), [2, 2, 2], [0, 0, 0])],
  norm: [
    kink('0 at the origin', (x) => loom.norm(x), [0, 0], [0, 0]),
    kink('of order 1: 0 at 0', (x) => loom.norm(x, { ord: 1 }), [0, -2], [0, -1]),
    kink('of order Infinity: ties share equally', (x) => loom.norm(x, { ord: inf }), [2, -2], [0.5, -0.5]),
  ],
  l2Normalize: [
    kink('`1 / sqrt(epsilon)` from epsilon down', (x) => loom.l2Normalize(x, { epsilon: 0.25 }), [0, 0.5], [2, 2]),
  ],
  meanAbsoluteError: [
    pair('0 where equal', loom.meanAbsoluteError, [[1, 2], [1, 4]], [[0, -0.5], [0, 0.5]]), // prettier-ignore
  ],
  hinge: [pair('0 where `t p` is 1', loom.hinge, [[1, 0.5], [1, 1]], [[0, -1], [0, -0.5]])], // prettier-ignore
  poisson: [pair('in p 1 where t is 0', loom.poisson, [[0, 1], [0, 0]], [[1, 1], [inf, 0]])], // prettier-ignore
  klDivergence: [
    pair('in p 0 where t is 0', loom.klDivergence, [[0.5, 1], [0, 1]], [[0, -1], [-inf, 1]]), // prettier-ignore
  ],
  binaryCrossEntropy: [
    kink('in p 0 at 0 and 1', (p) => loom.binaryCrossEntropy(p, loom.mul(loom.stopGradient(p), 0.5)), [0, 1], [0, 0]),
  ],
}
