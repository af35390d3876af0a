import { GraphError } from '../ir/errors'
import { atSite, scope } from '../ir/origin'
import { isTensor, type Tensor } from '../ir/tensor'
import { checkedUpdates } from '../ir/updates'
import { currentTrace, type Trace, withTrace } from '../ir/trace'
import type { TensorType } from '../ir/type'
import { makeInput } from '../ops/leaf'
import { identityT } from '../ops/unary'
import { activityPenalty } from './activity'
import { requireLayer } from './check-rule'
import { checkLoss } from './check-weight'
import { calledBy, calledPass } from './hidden'
import type { AnyLayer, Call, CallOptions } from './layer'
import { weightOf } from './layer-weight'
import { addUpdates, makePass, maskOf, type Pass, setMask, StandIns, type Told, toldOf, withPass } from './pass'
import { partName } from './part-names'
import { pathOf, settlePath } from './path'
import { isSymbolic, openShape, showOpen, type Source, type Symbolic } from './symbolic'
import { shown } from './option'
import { title } from './title'

/** Calls a layer: on tensors it computes, on symbolic tensors it becomes part of a model. */
export function applyLayer(
  layer: AnyLayer,
  inputs: readonly Tensor[] | readonly Symbolic[],
  isList: boolean,
  options: CallOptions<never>,
): unknown {
  const { least, most } = layer.state.rule.arity ?? { least: 1, most: 1 }
  if (inputs.length < least || inputs.length > most)
    throw new GraphError(
      `${title(layer)} takes ${least === most ? least : `${least} to ${most === Infinity ? 'any number of' : most}`} inputs, got ${inputs.length}`,
    )
  return inputs.every(isSymbolic) ? applySymbolic(layer, inputs, isList, options) : applyTensors(layer, inputs, options)
}

/** Computes a layer; masks go with the tensors. */
export function applyTensors(
  layer: AnyLayer,
  inputs: readonly Tensor[],
  options: CallOptions,
): Tensor | readonly Tensor[] {
  const { rule, shared } = layer.state
  const outer = calledPass(layer)
  const pass = options.training === undefined ? outer : { ...outer, training: options.training }
  const { options: own } = toldOf(layer, pass)
  const at = callOf(layer, inputs, options, pass)
  const { masks } = at
  return inPlace(layer, pass, () => {
    const result = rule.call(inputs, own as never, at)
    const outputs = listOf(result)
    requireTensors(layer, result, outputs)
    const behind = masksBehind(layer, masks, inputs, outputs, at, own)
    const marked = outputs.map((y, i) => {
      const known = maskOf(y)
      if (known === behind[i]) return y
      // A result that is an input must not lose or change what belongs to the input.
      const own = inputs.includes(y) || known ? identityT(y) : y
      setMask(own, behind[i])
      return own
    })
    const { activityRegularizer } = shared
    if (activityRegularizer) for (const y of marked) pass.losses.push(activityPenalty(y, activityRegularizer))
    return isTensor(result) ? marked[0]! : marked
  })
}

/** What a layer builds has its name in front and the line where it was made. */
const inPlace = <T>({ name, state }: AnyLayer, pass: Pass, body: () => T): T =>
  atSite(state.site, () => scope(name, () => withPass(pass, body)))

/** What a layer sees of a call. */
function callOf(layer: AnyLayer, inputs: readonly Tensor[], options: CallOptions, pass: Pass): Call {
  // What is frozen stays as it is: running statistics, too.
  const training = pass.training && toldOf(layer, pass).trainable
  const settle = (part: AnyLayer, name?: string): void => {
    requireLayer(`${title(layer)}: what it calls of its parts (${Object.keys(layer.state.parts).join(', ')})`, part)
    const own = name ?? partName(layer, part)
    if (!pass.standIns) settlePath(part, `${pathOf(layer)}/${own}`)
  }
  return {
    training,
    draws: pass.training,
    masks: masksOf(inputs, options),
    options,
    parts: layer.state.parts,
    weight: (name, shape, spec) => weightOf(layer, inputs, name, shape, spec),
    layer: (part, x, more = {}, name) => {
      settle(part, name)
      return calledBy(layer, () => listOf(applyTensors(part, listOf(x), { training: pass.training, ...more })))
    },
    within: (part, x, name) => {
      settle(part, name)
      return callOf(part, listOf(x), {}, pass)
    },
    loss: (value) => {
      checkLoss(title(layer), value)
      pass.losses.push(value)
    },
    update: (updates) => {
      const checked = checkedUpdates(title(layer), updates)
      if (training) addUpdates(pass, checked)
    },
    keep: (updates) => void pass.updates.push(...checkedUpdates(title(layer), updates)),
  }
}

/** A function of the user's may give anything. */
function requireTensors(layer: AnyLayer, result: unknown, outputs: unknown): void {
  if (Array.isArray(outputs) && outputs.every(isTensor)) return
  throw new GraphError(`${title(layer)}: it must give a tensor or a list of tensors, it gave ${shown(result)}`)
}

const listOf = (x: Tensor | readonly Tensor[]): readonly Tensor[] => (isTensor(x) ? [x] : x)

function masksOf(inputs: readonly Tensor[], { mask }: CallOptions): readonly (Tensor | undefined)[] {
  if (mask === undefined) return inputs.map(maskOf)
  const given = mask === null || isTensor(mask) ? [mask] : mask
  return inputs.map((_, i) => given[i] ?? undefined)
}

function masksBehind(
  layer: AnyLayer,
  masks: readonly (Tensor | undefined)[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  at: Call,
  options: Told['options'],
): readonly (Tensor | undefined)[] {
  const { rule } = layer.state
  if (rule.mask === undefined) return []
  if (rule.mask === 'own') return outputs.map(maskOf)
  if (rule.mask === 'pass') return outputs.map(() => masks[0])
  const found = rule.mask(masks, inputs, outputs, options as never, at)
  return found === undefined || isTensor(found) ? outputs.map(() => found) : found
}

/** A call of a layer in a model: the shapes of its results are found by building it for two choices of what is open. */
function applySymbolic(
  layer: AnyLayer,
  inputs: readonly Symbolic[],
  isList: boolean,
  options: CallOptions<Symbolic>,
): Symbolic | readonly Symbolic[] {
  if (currentTrace())
    throw new GraphError(`${title(layer)}: models are put together outside of entries; inside, call layers on tensors`)
  const source = { layer, inputs, isList, options, results: [] as Symbolic[] }
  const isFirst = layer.weights.length === 0
  try {
    const first = probe(source, 0)
    source.results.push(...results(source, listOf(first), listOf(probe(source, 1))))
    return isTensor(first) ? source.results[0]! : source.results
  } catch (error) {
    // What a call that fails made of the weights must not stand in the way of a right one.
    if (isFirst) forget(layer)
    throw error
  }
}

/** Takes a layer back to before its first call. */
export function forget(layer: AnyLayer): void {
  layer.state.weights.clear()
  for (const part of layer.layers) forget(part)
}

const results = (source: Source, first: readonly Tensor[], second: readonly Tensor[]): Symbolic[] =>
  first.map((y, index) => {
    const other = second[index]!
    return {
      kind: 'symbolic',
      name: source.layer.name,
      shape: openShape(y.shape, other.shape),
      dtype: y.dtype,
      source,
      index,
      probes: [y.shape, other.shape],
    }
  })

function probe({ layer, inputs, options }: Source, choice: 0 | 1): Tensor | readonly Tensor[] {
  const trace: Trace = {
    entry: layer.name,
    bindings: new Map(),
    variables: new Map(),
    made: new Set(),
    draws: new Map(),
    owed: [],
    turns: [],
  }
  const standIn = (x: Symbolic): Tensor =>
    makeInput(x.name, { dtype: x.dtype, shape: x.probes[choice] } satisfies TensorType)
  try {
    return withTrace(trace, () =>
      withPass(makePass(false, { standIns: new StandIns() }), () =>
        applyTensors(layer, inputs.map(standIn), mapOptions(options, standIn)),
      ),
    )
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    const shapes = inputs.map((x) => showOpen(x.shape)).join(' and ')
    const open = inputs.some((x) => x.shape.includes(null))
    throw new GraphError(
      `${error.message}\n  in ${title(layer)} for ${shapes}${open ? `; sizes were tried for what is open` : ''}`,
      { cause: error },
    )
  }
}

/** The same options about other tensors. */
export function mapOptions<A, B>(options: CallOptions<A>, to: (x: A) => B): CallOptions<B> {
  const { mask, initialState, attentionMask, ...rest } = options
  return {
    ...rest,
    ...(mask === undefined ? {} : { mask: mapMask(mask, to) }),
    ...(initialState === undefined ? {} : { initialState: initialState.map(to) }),
    ...(attentionMask === undefined ? {} : { attentionMask: to(attentionMask) }),
  }
}

function mapMask<A, B>(mask: NonNullable<CallOptions<A>['mask']> | null, to: (x: A) => B): B | null | (B | null)[] {
  if (mask === null) return null
  return Array.isArray(mask) ? (mask as (A | null)[]).map((m) => (m === null ? null : to(m))) : to(mask as A)
}
