import { keepState } from '../api/recurrent-state'
import { rnn as runSteps } from '../api/recurrent'
import { flip, reshape } from '../api/shape'
import { slice } from '../api/arrange'
import { zeros } from '../init/initializers'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import type { Variable } from '../ir/variable'
import { firstStates, stepsOf } from './cell'
import { type AnyLayer, type Call, type Cell, defineLayer, type Layer, type LayerInput, type LayerRule, type MaskRule } from './layer' // prettier-ignore
import { makeLayer } from './layer'
import type { Options, Parsed } from './option'
import { cudnnOption, sequenceOptions } from './sequence-options'
import type { Weight } from './weight'

type SequenceOptions = Parsed<typeof sequenceOptions>

export interface Stateful {
  /** Makes the state of a `stateful` layer zeros: what comes next begins anew. */
  resetStates(): void
}
/** A factory of recurrent layers: with `returnState` they give a list. */
export interface RecurrentFactory<T extends Options> {
  <const O extends LayerInput<T>>(options: O): Layer<O extends { readonly returnState: true } ? true : false> & Stateful
  readonly rule: LayerRule<T>
}

const STATE = 'rnn_state'
/** The variables in which a layer keeps its state from call to call. */
const keptIn = (layer: AnyLayer): Weight[] =>
  [...layer.state.weights].flatMap(([name, weight]) => (name.startsWith(STATE) ? [weight] : []))
export const resetStates = (layer: AnyLayer): void =>
  keptIn(layer).forEach((weight) => weight.write(new Float64Array(weight.size)))

/**
 * Runs a cell over the steps of x [batch, steps, ...]. Gives the output of the last step, or with `returnSequences` of all, in
 * the order in which they are computed; with `returnState` the state behind it, too.
 */
export function runCell(part: AnyLayer, x: Tensor, o: SequenceOptions, at: Call, where: string): Tensor | Tensor[] {
  if (x.shape.length < 3 || !isFloat(x.dtype))
    throw new GraphError(`${where}: the input must be floats [batch, steps, ...features], it is ${describe(x)}`)
  if (x.shape[1] === 0) throw new GraphError(`${where}: there are no steps in ${describe(x)}`)
  const first = reshape(slice(x, [{}, { end: 1 }]), x.shape.toSpliced(1, 1)) as Tensor
  const cell = stepsOf(part, first, at)
  const memory = o.stateful ? memoryOf(cell, where, at) : undefined
  const initial = at.options.initialState ?? memory
  const named = (tensors: readonly Tensor[]): Record<string, Tensor> =>
    Object.fromEntries(tensors.map((t, i) => [String(i), t]))
  const [mask] = at.masks
  const { outputs, last, state } = runSteps(
    x,
    (x, before) => {
      const made = cell.step(x, cell.shapes.map((_, i) => before[String(i)]!)) // prettier-ignore
      return { output: made.output, state: named(made.state) }
    },
    {
      initialState: named(firstStates(where, cell, x, initial)),
      reverse: o.goBackwards,
      zeroOutputForMask: o.zeroOutputForMask,
      ...(mask ? { mask } : {}),
    },
  )
  const states = cell.shapes.map((_, i) => state[String(i)]!)
  if (memory) at.keep(keepState(named(memory), named(states)))
  const result = !o.returnSequences ? last : o.goBackwards ? flip(outputs, [1]) : outputs
  return o.returnState ? [result, ...states] : result
}

/** Variables with the shapes of a state. */
function memoryOf({ shapes }: Cell, where: string, at: Call): readonly Variable[] {
  try {
    return shapes.map((shape, i) => {
      const name = i === 0 ? STATE : `${STATE}_${i}`
      return at.weight(name, shape, { initializer: zeros(), trainable: false }) as Variable
    })
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    throw new GraphError(
      `${where}: with stateful: true the state is kept for each place of the batch, whose extent must be fixed: give ` +
        `input({ batchShape: [32, 10, 8] }), and batches of that extent; ${error.message}`,
      { cause: error },
    )
  }
}

/** Of outputs that are a sequence the mask is that of the input, in their order. */
export const sequenceMask: MaskRule<SequenceOptions> = ([mask], _, outputs, { returnSequences, goBackwards }) => {
  const behind = mask && returnSequences ? (goBackwards ? flip(mask, [1]) : mask) : undefined
  return outputs.map((_, i) => (i === 0 ? behind : undefined))
}

/** A factory of layers that run a cell of their own, whose options they take. */
export function defineRecurrent<const T extends Options>(
  className: string,
  name: string,
  cell: { readonly rule: LayerRule<T> },
): RecurrentFactory<T & typeof sequenceOptions & typeof cudnnOption> {
  const options = { ...cell.rule.options, ...sequenceOptions, ...cudnnOption }
  const rule: LayerRule<typeof options> = {
    className,
    name,
    options,
    check: (o, where) => cell.rule.check?.(o, where),
    parts(o, shared) {
      const own = Object.keys(cell.rule.options).map((key) => [key, (o as Record<string, unknown>)[key]])
      const { dtype, trainable } = shared
      const given = { name: cell.rule.name, trainable, dtype, inputShape: undefined, activityRegularizer: undefined }
      return { cell: makeLayer(cell.rule, Object.fromEntries(own) as never, given) }
    },
    call: ([x], o, at) => runCell(at.parts['cell']!, x!, o, at, className),
    mask: sequenceMask,
    methods: (layer) => ({ resetStates: () => resetStates(layer) }),
  }
  return defineLayer(rule) as never
}
