import type { Tensor } from '../../ir/tensor'
import type { OPS } from '../../ops/table'
import type { POINTWISE } from '../../ops/table-pointwise'
import { MOST, refuse } from './fields'
import {
  anyNumber,
  axes,
  axis,
  choice,
  distinct,
  dtype,
  finite,
  flag,
  list,
  newAxes,
  number,
  perAxis,
  positive,
  shape,
  whole,
  wholes,
} from './kinds'
import { op, type OpRow, rows, type Rows, type Unwritable } from './row'
import { imageRows, indexingRows, linearRows, normRows, randomRows, sortingRows } from './rows-more'
import { windowRows } from './rows-windows'

const AXIS = { axis: axis() }
const pointwiseRows = (): Rows<typeof POINTWISE> => ({
  ...rows(['neg', 'square', 'exp', 'log', 'sqrt', 'tanh', 'sigmoid', 'identity', 'relu', 'stopGradient'], op(1)),
  ...rows(['floor', 'ceil', 'trunc', 'round', 'sign', 'abs', 'expm1', 'log1p', 'log2', 'log10', 'exp2'], op(1)),
  ...rows(['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh'], op(1)),
  ...rows(['erf', 'erfc', 'rsqrt', 'reciprocal', 'cbrt', 'erfinv', 'logicalNot', 'bitwiseNot'], op(1)),
  ...rows(['isNaN', 'isFinite', 'isInf', 'softplus', 'logSigmoid', 'relu6', 'selu', 'silu', 'mish'], op(1)),
  ...rows(['softsign', 'tanhShrink', 'hardSigmoid', 'hardSilu', 'hardTanh'], op(1)),
  ...rows(['add', 'sub', 'mul', 'div', 'maximum', 'less', 'lessEqual', 'equal', 'notEqual', 'nextafter'], op(2)),
  ...rows(['minimum', 'power', 'atan2', 'hypot', 'floorDiv', 'mod', 'fmod', 'logAddExp', 'xlogy'], op(2)),
  ...rows(['squaredDifference', 'logicalAnd', 'logicalOr', 'logicalXor', 'bitwiseAnd', 'bitwiseOr'], op(2)),
  ...rows(['bitwiseXor', 'leftShift', 'rightShift', 'prelu'], op(2)),
  where: op(3),
  pow: op(1, { exponent: anyNumber }),
  cast: op(1, { dtype }),
  // Each order is written out in terms of those below.
  sinc: op(1, { order: whole(0, 64) }),
  clip: op(1, { low: anyNumber, high: anyNumber }),
  leakyRelu: op(1, { slope: anyNumber }),
  ...rows(['elu', 'celu'], op(1, { alpha: anyNumber })),
  gelu: op(1, { approximate: flag }),
  ...rows(['hardShrink', 'softShrink'], op(1, { threshold: anyNumber })),
  softmin: op(1, AXIS),
})

const REDUCE = { axes: axes(), keepDims: flag }
const SPREAD = { ...REDUCE, correction: finite }
const NORM = { axes: axes(), epsilon: anyNumber }
const SMOOTHED = { labelSmoothing: number((v) => v >= 0 && v <= 1, 'from 0 to 1') }
const ANY = [1, Infinity] as const

const isWithin = (part: readonly number[], all: readonly number[]): boolean => part.every((x) => all.includes(x))

function checkContract(
  { a, b, out }: { readonly a: readonly number[]; readonly b: readonly number[]; readonly out: readonly number[] },
  inputs: readonly Tensor[],
): void {
  for (const [i, labels] of [a, b].entries())
    if (distinct('labels', labels).length !== inputs[i]!.shape.length)
      refuse(`operand ${i + 1} needs a label for each of its ${inputs[i]!.shape.length} axes`)
  const all = [...a, ...b]
  if (!isWithin(distinct('out', out), all)) refuse('the result has a label that neither operand has')
  if (!isWithin(a, [...b, ...out]) || !isWithin(b, [...a, ...out]))
    refuse('a label of one operand must be in the other or in the result')
}

type OpRows = Rows<Omit<typeof OPS, 'input' | 'variable' | 'constant'>>

const allRows = (): OpRows => ({
  ...pointwiseRows(),
  ...windowRows(),
  ...normRows(),
  ...imageRows(),
  ...indexingRows(),
  ...linearRows(),
  ...sortingRows(),
  ...randomRows(),
  ...rows(['sum', 'mean', 'max', 'min', 'argMax', 'argMin', 'any', 'all', 'prod'], op(1, REDUCE)),
  ...rows(['logSumExp', 'norm', 'countNonZero'], op(1, REDUCE)),
  ...rows(['variance', 'std'], op(1, SPREAD)),
  l2Normalize: op(1, NORM),
  cosineSimilarity: op(2, NORM),
  ...rows(['softmax', 'logSoftmax'], op(1, AXIS)),
  ...rows(['sparseSoftmaxCrossEntropy', 'softmaxCrossEntropy'], op(2, SMOOTHED)),
  ...rows(['meanSquaredError', 'meanAbsoluteError', 'sigmoidCrossEntropy', 'binaryCrossEntropy'], op(2)),
  ...rows(['logCosh', 'hinge', 'squaredHinge', 'klDivergence', 'poisson', 'barrier'], op(2)),
  huber: op(2, { delta: positive }),
  ...rows(['dot', 'outer', 'kron'], op(2)),
  reshape: op(1, { shape }),
  transpose: op(1, { permutation: axes() }),
  flip: op(1, { axes: axes() }),
  broadcastTo: op(1, { shape }),
  oneHot: op(1, { depth: whole(0), dtype, checked: flag }),
  slice: op(1, { start: perAxis(0), step: perAxis(-MOST), size: perAxis(0) }),
  pad: op(1, { before: perAxis(0), after: perAxis(0), value: anyNumber }),
  concat: op(ANY, AXIS),
  expandDims: op(1, { axes: newAxes }),
  squeeze: op(1, { axes: axes() }),
  stack: op(ANY, { axis: axis(0, 1) }),
  tile: op(1, { repeats: wholes(0) }, ({ repeats }, [x]) => {
    if (repeats.length < x!.shape.length) refuse(`repeats must have ${x!.shape.length} elements or more`)
  }),
  repeat: op(1, { count: whole(0), axis: axis() }),
  roll: op(1, { shift: wholes(-MOST), axes: axes() }, ({ shift, axes }) => {
    if (shift.length !== axes.length) refuse(`${axes.length} axes need as many shifts, there are ${shift.length}`)
  }),
  padBorder: op(1, { before: perAxis(0), after: perAxis(0), mode: choice('reflect', 'edge') }),
  contract: op(2, { a: wholes(0), b: wholes(0), out: wholes(0) }, checkContract),
  tensordot: op(2, { a: axes(0), b: axes(1) }, ({ a, b }, [x, y]) => {
    if (a.length !== b.length || a.some((axis, i) => x!.shape[axis] !== y!.shape[b[i]!]))
      refuse('axes that are summed together must be pairs of one extent')
  }),
  // Operands are joined pair by pair, each time the cheapest of all.
  einsum: op([1, 16], { inputs: list(wholes(0)), output: wholes(0) }, ({ inputs, output }, operands) => {
    if (inputs.length !== operands.length || inputs.some((labels, i) => labels.length !== operands[i]!.shape.length))
      refuse('needs a label for each axis of each operand')
    if (!isWithin(distinct('output', output), inputs.flat())) refuse('the result has a label that no operand has')
  }),
  ...rows(['diagonal', 'trace'], op(1, { offset: whole(-MOST) })),
  customGradient: { unwritable: 'a gradient of one’s own is a function, which no document holds' },
})

let made: OpRows | undefined
/** How an op is written: its operands and its attributes. The table is made when it is first asked for. */
export function rowOf(name: string): OpRow<unknown> | Unwritable | undefined {
  made ??= allRows()
  return Object.hasOwn(made, name) ? (made[name as keyof OpRows] as OpRow<unknown> | Unwritable) : undefined
}
