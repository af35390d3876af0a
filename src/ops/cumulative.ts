import { addScaled, type Affine, type Axis, axisIndex, constIndex } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { axisOption, callF, type Formula } from '../ir/formula'
import type { Local, Param, Stmt } from '../ir/loop'
import type { LoopsContext, Op } from '../ir/op'
import { call, castTo, literal, type Scalar } from '../ir/scalar'
import { changing, elementAt, loopOver, loopOverRows, name, type Rows, storeAt } from '../ir/statement'
import { apply, type Tensor } from '../ir/tensor'
import { type DType, isFloat, sameShape, showType, sizeOf, type TensorType } from '../ir/type'
import { mulT } from './arith'
import { padT, partT } from './pieces'

export interface RunAttrs {
  readonly axis: number
  /** From the end to the beginning. */
  readonly reverse: boolean
}

/** The other way. */
export const turned = <A extends RunAttrs>(attrs: A): A => ({ ...attrs, reverse: !attrs.reverse })

/** What stands one place before along the way, and a value at the first place. */
export function previousT(x: Tensor, { axis, reverse }: RunAttrs, value: number): Tensor {
  const extent = x.shape[axis]!
  if (extent === 0) return x
  const one = x.shape.map((_, i) => (i === axis ? 1 : 0))
  const none = x.shape.map(() => 0)
  const kept = partT(x, axis, reverse ? 1 : 0, extent - 1)
  return reverse ? padT(kept, none, one, value) : padT(kept, one, none, value)
}

export interface Lines {
  readonly outer: number
  readonly extent: number
  /** Columns side by side, along which the inner loop goes. */
  readonly inner: number
  /** Steps along the way from where a place before it lies, in every buffer. */
  rows(params: readonly Param[], outer: Axis, from: number): readonly Rows[]
}
export function linesOf({ shape }: TensorType, { axis, reverse }: RunAttrs): Lines {
  const extent = shape[axis]!
  const inner = sizeOf(shape.slice(axis + 1))
  return {
    outer: sizeOf(shape.slice(0, axis)),
    extent,
    inner,
    rows: (params, outer, from) => {
      const first = constIndex(inner * (reverse ? extent - 1 - from : from))
      const start = addScaled(first, axisIndex(outer), extent * inner)
      return params.map((of): Rows => ({ of, from: start, step: reverse ? -inner : inner }))
    },
  }
}

/** Sums and products go wider than they are stored. */
const widened = (dtype: DType): DType => (isFloat(dtype) ? 'float64' : 'int32')

const START = constIndex(0)
/** Elements of rows, as they are run over. */
const elements = (params: readonly Param[], starts: readonly Local[], at: Affine, dtype: DType): Scalar[] =>
  params.map((p, i) => castTo(dtype, elementAt(p, at, undefined, starts[i])))

/**
 * Along an axis a state that begins with a number and follows from itself and the operands at each place, which is the
 * result. Where columns lie side by side, each row takes all of them one place further; their states are the workspace.
 */
function running(
  { output, attrs, operands, result, workspace }: LoopsContext<RunAttrs>,
  first: number,
  next: (state: Scalar, operands: readonly Scalar[]) => Scalar,
): Stmt[] {
  const lines = linesOf(output, attrs)
  const dtype = widened(output.dtype)
  const begin = literal(first, dtype)
  const buffers = [...operands, result]
  return loopOver('i', lines.outer, (outer): Stmt[] => {
    const rows = lines.rows(buffers, outer, 0)
    if (lines.inner === 1) {
      const state = changing('run', begin)
      const steps = loopOverRows('k', lines.extent, rows, (starts) => [
        state.to(next(state.value, elements(operands, starts, START, dtype))),
        storeAt(result, START, castTo(output.dtype, state.value), undefined, starts.at(-1)),
      ])
      return [state.set, ...steps]
    }
    return [
      ...loopOver('j', lines.inner, (j) => [storeAt(workspace!, axisIndex(j), begin)]),
      ...loopOverRows('k', lines.extent, rows, (starts) =>
        loopOver('j', lines.inner, (j) => {
          const at = axisIndex(j)
          const state = name('run', next(elementAt(workspace!, at), elements(operands, starts, at, dtype)))
          return [
            state.set,
            storeAt(workspace!, at, state.value),
            storeAt(result, at, castTo(output.dtype, state.value), undefined, starts.at(-1)),
          ]
        }),
      ),
    ]
  })
}

export function columnsOf(x: TensorType, attrs: RunAttrs, dtype: DType): TensorType | undefined {
  const { inner } = linesOf(x, attrs)
  return inner > 1 ? { dtype, shape: [inner] } : undefined
}
const summable = ([x]: readonly TensorType[]): TensorType => {
  if (!isFloat(x!.dtype) && x!.dtype !== 'int32')
    throw new GraphError(`runs over floats or int32, got ${x!.dtype}; cast it to int32`)
  return { dtype: x!.dtype, shape: x!.shape }
}
export const runFormula =
  (name: string) =>
  (operands: readonly Formula[], { axis, reverse }: RunAttrs): Formula =>
    callF(name, operands, axisOption(axis), ...(reverse ? ['reverse'] : []))

/** At each place the sum of all up to it. Floats are added in float64, int32 wraps. */
export const cumSumOp: Op<'cumSum', RunAttrs> = {
  name: 'cumSum',
  kind: 'loops',
  infer: summable,
  vjp: ({ cotangent, attrs }) => [cumSumT(cotangent, turned(attrs))],
  workspace: ([x], attrs) => columnsOf(x!, attrs, widened(x!.dtype)),
  loops: (context) => running(context, 0, (state, [x]) => call('add', state, x!)),
  formula: runFormula('cumSum'),
}

/**
 * At each place the product of all up to it. An element's gradient is the product of those before it times what comes back
 * from those behind, which is a recurrence: nothing is divided, so zeros do no harm, in any order of derivative.
 */
export const cumProdOp: Op<'cumProd', RunAttrs> = {
  name: 'cumProd',
  kind: 'loops',
  infer: summable,
  vjp: ({ inputs: [x], output, cotangent, attrs }) => {
    const back = turned(attrs)
    return [mulT(previousT(output, attrs, 1), linearRecurrenceT(previousT(x!, back, 0), cotangent, back))]
  },
  workspace: ([x], attrs) => columnsOf(x!, attrs, widened(x!.dtype)),
  loops: (context) => running(context, 1, (state, [x]) => call('mul', state, x!)),
  formula: runFormula('cumProd'),
}

/**
 * s[k] = a[k] s[k - 1] + b[k] along an axis, from 0 before the first place, where a must be finite. Its gradient by b is a
 * recurrence the other way by the same factors, each at the place before; the one by a that times s at the place before.
 */
export const linearRecurrenceOp: Op<'linearRecurrence', RunAttrs> = {
  name: 'linearRecurrence',
  kind: 'loops',
  infer: ([a, b]) => {
    if (!isFloat(a!.dtype) || a!.dtype !== b!.dtype || !sameShape(a!.shape, b!.shape))
      throw new GraphError(`needs floats of one type, got ${showType(a!)} and ${showType(b!)}`)
    return { dtype: a!.dtype, shape: a!.shape }
  },
  vjp: ({ inputs: [a], output, cotangent, attrs }) => {
    const back = turned(attrs)
    const g = linearRecurrenceT(previousT(a!, back, 0), cotangent, back)
    return [mulT(g, previousT(output, attrs, 0)), g]
  },
  workspace: ([x], attrs) => columnsOf(x!, attrs, widened(x!.dtype)),
  loops: (context) => running(context, 0, (state, [a, b]) => call('add', call('mul', a!, state), b!)),
  formula: runFormula('linearRecurrence'),
}

export const cumSumT = (x: Tensor, attrs: RunAttrs): Tensor => apply(cumSumOp, [x], attrs)
export const cumProdT = (x: Tensor, attrs: RunAttrs): Tensor => apply(cumProdOp, [x], attrs)
export const linearRecurrenceT = (a: Tensor, b: Tensor, attrs: RunAttrs): Tensor =>
  apply(linearRecurrenceOp, [a, b], attrs)
