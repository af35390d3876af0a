import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { isTensor, type Tensor } from '../ir/tensor'
import { zerosT } from '../ops/broadcast'
import { scalarConstant } from '../ops/leaf'
import { partT } from '../ops/pieces'
import { lessT, whereT } from '../ops/select'
import { reshapeT } from '../ops/view'
import { checkBatch, checkedSteps } from './recurrent-checks'
import { type Sequence, STEP_OPTIONS, type StepOptions, type StepShape, type StepsShape } from './recurrent-options'
import { alignedState, flatState, mapState, type NextState, type RecurrentState, type StateOf } from './recurrent-state'
import { scan, type Tensors } from './scan'

/**
 * Runs a cell over the steps of x [batch, steps, ...]: from one step of x and the state before it to an output and the state
 * after it, a tensor or tensors by name, all with the batch as first axis. A masked step carries the state and repeats the
 * output. Before any step counted, the output is the first state where it is one of the tensors of the state (as it is for
 * the usual cells), else zeros. Values of x at masked steps may be any finite numbers: they meet no result and no gradient.
 * Truncated back-propagation is a call for each stretch of steps, with the state kept in variables: see `stateVariables`.
 *
 *     const { outputs, state } = rnn(x, (x, { h }) => {
 *       const next = add(x, mul(h, 0.5))
 *       return { output: next, state: { h: next } }
 *     }, { initialState: { h: fill([batch, features], 0) } })
 *
 * Throws a GraphError where the mask is not bool of the first two axes, lengths are not int32 [batch], both are given, or
 * the state changes its shape or dtype.
 */
export function rnn<X extends Tensor, const S extends object, O extends Tensor, const T extends boolean = false>(
  x: X,
  cell: (
    x: Tensor<StepShape<X['shape'], T>, X['dtype']>,
    state: StateOf<S>,
  ) => { readonly output: O; readonly state: NextState<S> },
  options: StepOptions<T> & { readonly initialState: S },
): Sequence<Tensor<StepsShape<X['shape'], O['shape'], T>, O['dtype']>, Tensor<O['shape'], O['dtype']>, StateOf<S>> {
  checkKeys('rnn', options, [...STEP_OPTIONS, 'initialState'])
  return steps('rnn', x, cell as never, options as never) as never
}

type Cell = (x: Tensor, state: RecurrentState) => { readonly output: Tensor; readonly state: RecurrentState }

export function steps(
  op: string,
  x: Tensor,
  cell: Cell,
  { initialState, ...options }: StepOptions & { readonly initialState: RecurrentState },
): Sequence {
  const { reverse = false, zeroOutputForMask = false, mask, lengths, memory } = options
  const { axis, batch } = checkedSteps(op, x, options)
  const first = flatState(op, initialState)
  const over: Tensors = { x, ...(mask ? { mask } : {}) }
  const isMasked = mask !== undefined || lengths !== undefined
  if (isMasked) for (const [path, t] of first) checkBatch(op, `the state "${path}"`, t, batch)
  const counts = (slices: Tensors, place: Tensor): Tensor => slices['mask'] ?? lessT(place, lengths!)

  /** The place in the state of the tensor that is the output. */
  let held = -1
  const { carry, outputs } = scan<Tensors, Tensors, Tensors, number>({
    over,
    axis,
    carry: Object.fromEntries(first),
    reverse,
    ...(memory === undefined ? {} : { memory }),
    step: (before, slices, place) => {
      const made: unknown = cell(
        slices['x']!,
        mapState(initialState, (_, path) => before[path]!),
      )
      const { output, state } = checkedStep(op, made)
      const next = alignedState(op, state, first)
      held = next.indexOf(output)
      if (!isMasked) return { carry: pair(first, next), outputs: { output } }
      checkBatch(op, 'the output', output, batch)
      const counted = counts(slices, place)
      const kept = next.map((t, i) => selected(counted, t, before[first[i]![0]]!))
      const zero = selected(counted, output, scalarConstant(0, output.dtype))
      return { carry: pair(first, kept), outputs: { output: zeroOutputForMask || held < 0 ? zero : kept[held]! } }
    },
  })
  const state = mapState(initialState, (_, path) => carry[path]!)
  const all = outputs['output']!
  const final = held < 0 ? undefined : carry[first[held]![0]]!
  if (!isMasked || final) return { outputs: all, last: final ?? edge(all, axis, reverse), state }
  // What is no state is not known before the step is built, so it is repeated afterwards.
  const repeated = scan<Tensors, Tensors, Tensors, number>({
    over: { output: all, ...(mask ? { mask } : {}) },
    axis,
    carry: { output: zerosOf(all, axis) },
    reverse,
    step: (before, slices, place) => {
      const output = selected(counts(slices, place), slices['output']!, before['output']!)
      return { carry: { output }, outputs: { output } }
    },
  })
  return { outputs: zeroOutputForMask ? all : repeated.outputs['output']!, last: repeated.carry['output']!, state }
}

const pair = (names: readonly (readonly [string, Tensor])[], tensors: readonly Tensor[]): Tensors =>
  Object.fromEntries(names.map(([name], i) => [name, tensors[i]!]))

/** One or the other for each sequence of the batch. */
const selected = (counted: Tensor, a: Tensor, b: Tensor): Tensor =>
  whereT(reshapeT(counted, a.shape.map((d, i) => (i === 0 ? d : 1))), a, b) // prettier-ignore

/** The output of the step that comes last. */
function edge(outputs: Tensor, axis: number, reverse: boolean): Tensor {
  const part = partT(outputs, axis, reverse ? 0 : outputs.shape[axis]! - 1, 1)
  return reshapeT(part, outputs.shape.toSpliced(axis, 1))
}

const zerosOf = (outputs: Tensor, axis: number): Tensor =>
  zerosT({ dtype: outputs.dtype, shape: outputs.shape.toSpliced(axis, 1) })

function checkedStep(op: string, made: unknown): { readonly output: Tensor; readonly state: unknown } {
  const { output, state } = (typeof made === 'object' && made !== null ? made : {}) as Readonly<Record<string, unknown>>
  if (!isTensor(output) || state === undefined)
    throw new GraphError(`${op}: the cell must return { output, state }, a tensor and tensors`)
  return { output, state }
}
