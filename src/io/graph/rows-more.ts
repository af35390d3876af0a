import { type Tensor } from '../../ir/tensor'
import type { NormPart } from '../../ops/normalize'
import { normalWords } from '../../ops/distributions'
import { unitWords } from '../../ops/random'
import type { StandInAttrs } from '../../ops/region'
import type { IMAGE } from '../../ops/table-image'
import type { INDEXING } from '../../ops/table-indexing'
import type { LINEAR } from '../../ops/table-linear'
import type { NORMS } from '../../ops/table-norms'
import type { RANDOM } from '../../ops/table-random'
import type { SORTING } from '../../ops/table-sorting'
import { MOST, refuse } from './fields'
import { anyNumber, axes, axis, choice, finite, flag, float, list, number, shape, tuple, whole, wholes } from './kinds'
import { op, rows, type Rows } from './row'

const EPSILON = number((v) => v >= 0 && v < Infinity, 'a finite number from 0 on')
const PARTS = list(choice<NormPart>('mean', 'variance', 'gamma', 'beta'))
const SIZED = { axes: axes(), size: wholes(1) }
const RUN = { axis: axis(), reverse: flag }
const INT32 = whole(-(2 ** 31))

function checkParts({ parts }: { readonly parts: readonly NormPart[] }, inputs: readonly Tensor[]): void {
  if (inputs.length !== parts.length + 1 || new Set(parts).size !== parts.length)
    refuse('needs an operand for each of the parts, which are different ones')
  if (parts.includes('mean') !== parts.includes('variance')) refuse('needs mean and variance, or neither')
}

function checkSized({ axes, size }: { readonly axes: readonly number[]; readonly size: readonly number[] }): void {
  if (axes.length !== size.length) refuse(`${axes.length} axes need as many sizes, there are ${size.length}`)
}

/** Terms of a sum over neighbouring channels: each is a tensor of its own. */
const MOST_NEIGHBOURS = 128

/** Normalisation and attention. */
export const normRows = (): Rows<typeof NORMS> => ({
  ...rows(['layerNorm', 'rmsNorm'], op(1, { axes: axes(), epsilon: EPSILON })),
  batchNorm: op([1, 5], { axis: axis(), epsilon: EPSILON, parts: PARTS }, checkParts),
  groupNorm: op([1, 3], { axis: axis(), groups: whole(1), epsilon: EPSILON, parts: PARTS }, (attrs, inputs) => {
    checkParts(attrs, inputs)
    if (attrs.parts.includes('mean')) refuse('has no mean among its operands')
    const channels = inputs[0]!.shape[attrs.axis]!
    if (attrs.axis === 0 || channels % attrs.groups !== 0)
      refuse(`${channels} channels of axis ${attrs.axis} do not divide into ${attrs.groups} groups`)
  }),
  localResponseNorm: op(
    1,
    { axis: axis(), depthRadius: whole(0), bias: anyNumber, alpha: anyNumber, beta: anyNumber },
    ({ axis, depthRadius }, [x]) => {
      if (Math.min(depthRadius, x!.shape[axis]! - 1) > MOST_NEIGHBOURS)
        refuse(`depthRadius must be at most ${MOST_NEIGHBOURS}, it is ${depthRadius}`)
    },
  ),
  weightNorm: op(2, { axis: axis() }),
  iota: op(0, { extent: whole(0) }),
  maskedSoftmax: op([1, 2], { axis: axis() }),
  scaledDotProductAttention: op([3, 4], { isCausal: flag, scale: anyNumber }, (_, [q, k, v]) => {
    const isMatrix = [q!, k!, v!].every((t) => t.shape.length >= 2)
    if (!isMatrix || !(q!.shape.length === k!.shape.length && k!.shape.length === v!.shape.length))
      refuse('query, key and value must have one rank, of 2 or more')
    const [heads, shared] = [q!.shape.at(-3) ?? 1, k!.shape.at(-3) ?? 1]
    if (heads !== shared && heads % shared !== 0) refuse(`${heads} heads cannot share ${shared}`)
  }),
  rotaryEmbedding: op(3, { interleaved: flag }, (_, [x, cos, sin]) => {
    if (x!.shape.length === 0 || x!.shape.at(-1)! % 2 !== 0) refuse('the last axis must have pairs of features')
    if (cos!.shape.at(-1) !== x!.shape.at(-1)! / 2 || sin!.shape.at(-1) !== cos!.shape.at(-1))
      refuse('cosines and sines must be one for each pair')
  }),
})

const DEPTH = op(
  1,
  { block: whole(1, 2 ** 15), mode: choice('DCR', 'CRD'), rows: axis(), columns: axis(), channels: axis() },
  ({ rows, columns, channels }) => {
    if (new Set([rows, columns, channels]).size < 3) refuse('rows, columns and channels must be different axes')
  },
)

/** Ops over the spatial axes of images. */
export const imageRows = (): Rows<typeof IMAGE> => ({
  frame: op(1, { axis: axis(), size: whole(1), step: whole(1), count: whole(1) }),
  resize: op(
    1,
    {
      ...SIZED,
      interpolation: choice('nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5', 'area'),
      coordinates: choice('halfPixel', 'alignCorners', 'asymmetric'),
      rounding: choice('preferFloor', 'preferCeil', 'floor', 'ceil'),
    },
    (attrs, [x]) => {
      checkSized(attrs)
      if (attrs.axes.some((axis) => x!.shape[axis] === 0)) refuse('there is nothing to sample along an empty axis')
    },
  ),
  ...rows(['depthToSpace', 'spaceToDepth'], DEPTH),
  ...rows(['adaptiveAveragePool', 'adaptiveMaxPool'], op(1, SIZED, checkSized)),
})

const TAKE = { axis: axis() }
/** The axis may be behind the last: a row for each index then becomes the axis. */
const PUT = { axis: axis(0, 1), extent: whole(0) }

/** Ops that take elements at indices, or put them there. */
export const indexingRows = (): Rows<typeof INDEXING> => ({
  ...rows(['gather', 'takeAlongAxis'], op(2, TAKE)),
  ...rows(['indexSet', 'scatterSet'], op(3, TAKE)),
  indexAdd: op(2, PUT),
  indexMax: op(2, { ...PUT, smallest: flag }),
  scatterAdd: op(2, { ...PUT, axis: axis() }),
  scatterMax: op(2, { ...PUT, axis: axis(), smallest: flag }),
  ravelIndex: op([1, Infinity], { shape }),
  reverseSequence: op(2, { axis: axis(), batchAxis: axis() }),
})

/** What this op alone may have made, perhaps outside of a loop. */
function requireMadeBy(name: string, t: Tensor): void {
  let now: Tensor | undefined = t
  while (now && now.op.name !== name) {
    const isCopy: boolean = now.op.name === 'identity' || now.op.name === 'stopGradient'
    const { role, of } = (now.op.name === 'standIn' ? now.attrs : {}) as Partial<StandInAttrs>
    now = isCopy ? now.inputs[0] : role === 'captured' ? of : undefined
  }
  if (!now) refuse(`must have what ${name} gives, it has ${t.op.name}`)
}

const FLAGS = { upper: flag, transpose: flag, unit: flag }

/** Linear algebra. Pivots are positions that nobody checks where they are used. */
export const linearRows = (): Rows<typeof LINEAR> => ({
  ...rows(['cholesky', 'luFactor', 'inverse', 'orthonormal', 'symmetricEigen'], op(1)),
  ...rows(['determinant', 'logDeterminant', 'determinantSign'], op(1)),
  leastSquares: op(2),
  triangularSolve: op(2, FLAGS),
  luSolve: op(2, { transpose: flag }, (_, [lu]) => requireMadeBy('luFactor', lu!)),
  solve: op(2, { transpose: flag }),
})

/** Ops that sort, search and count, and those that run along an axis. */
export const sortingRows = (): Rows<typeof SORTING> => ({
  argsort: op(1, { descending: flag }),
  argTopK: op(1, { k: whole(1) }),
  searchSorted: op(2, { right: flag }),
  bincount: op([1, 2], { length: whole(0) }),
  ...rows(['cumSum', 'cumProd', 'logCumSumExp'], op(1, RUN)),
  linearRecurrence: op(2, RUN),
  cumArgMax: op(1, { ...RUN, smallest: flag }),
})

/** As many words as a draw of the dtype takes. */
const drawn =
  (wordsOf: (dtype: 'float32' | 'float64') => number) =>
  ({ dtype }: { readonly dtype: 'float32' | 'float64' }, { length }: readonly Tensor[]): void => {
    if (length !== wordsOf(dtype)) refuse(`takes ${wordsOf(dtype)} words for ${dtype}, there are ${length}`)
  }
const NORMAL = { mean: finite, stddev: finite, dtype: float }
const RATE = { rate: number((v) => v >= 0 && v < 1, 'from 0 up to 1') }

/** Random numbers. Orders are positions that nobody checks where they are used. */
export const randomRows = (): Rows<typeof RANDOM> => ({
  randomKey: op([1, 64], { stream: tuple(INT32) }),
  randomBits: op(1, { shape, block: whole(0), word: choice(0, 1) }),
  uniform: op([1, 2], { min: finite, max: finite, dtype: float }, drawn(unitWords)),
  normal: op([1, 4], NORMAL, drawn(normalWords)),
  normalTruncated: op([1, 2], NORMAL, drawn(unitWords)),
  gumbel: op([1, 2], { dtype: float }, drawn(unitWords)),
  randint: op(2, { min: INT32, span: whole(1, 2 ** 32) }, ({ min, span }) => {
    if (min + span - 1 > MOST) refuse(`numbers from ${min} on, ${span} of them, do not fit int32`)
  }),
  ...rows(['dropout', 'alphaDropout'], op(2, RATE)),
  permutation: op(2),
  permuteRows: op(2, { inverse: flag }, (_, [, order]) => requireMadeBy('permutation', order!)),
})
