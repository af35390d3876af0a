import { concat } from '../api/arrange'
import { add, mul } from '../api/math'
import { flip } from '../api/shape'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { type AnyLayer, defineLayer, makeLayer } from './layer'
import { isLayer, layerOption, optionalLayer } from './layer-option'
import { choice, type Option } from './option'
import { type RecurrentFactory, resetStates } from './recurrent'
import { sequenceOptions } from './sequence-options'
import { title } from './title'

const MODES = ['concat', 'sum', 'mul', 'ave'] as const
type Mode = (typeof MODES)[number]
const words = choice(MODES, 'concat')
const mergeMode: Option<Mode | null, Mode | undefined, false> = {
  ...words,
  takesNull: true,
  text: `${words.text}, or null`,
  parse: (value, where) => (value === null ? undefined : words.parse(value, where)),
  write: (value) => value ?? null,
}
const options = { layer: layerOption(), mergeMode, backwardLayer: optionalLayer() }

type Flags = { readonly [K in keyof typeof sequenceOptions]: boolean }
const flagsOf = (layer: AnyLayer): Flags => layer.state.options as unknown as Flags
const isRecurrent = (layer: AnyLayer): boolean =>
  Object.keys(sequenceOptions).every((key) => Object.hasOwn(layer.state.rule.options, key))

/** A layer like another with other options. Outputs of masked steps are zeros, so that both directions agree where they are. */
function directed(layer: AnyLayer, name: string, goBackwards: boolean): AnyLayer {
  const { rule, options, shared } = layer.state
  const zeroOutputForMask = flagsOf(layer).returnSequences
  const own = { ...(copied(options) as object), goBackwards, zeroOutputForMask }
  return makeLayer(rule as never, own as never, { ...shared, name, trainable: layer.trainable })
}

/** Options in which each layer, such as a cell, is one of its own. */
function copied(option: unknown): unknown {
  if (Array.isArray(option)) return option.map(copied)
  if (isLayer(option)) {
    const { rule, options, shared } = option.state
    return makeLayer(rule as never, copied(options) as never, { ...shared, trainable: option.trainable })
  }
  const isPlain = typeof option === 'object' && option !== null && Object.getPrototypeOf(option) === Object.prototype
  return isPlain ? Object.fromEntries(Object.entries(option).map(([key, value]) => [key, copied(value)])) : option
}
const prefixed = (prefix: string, { name }: AnyLayer): string => (name.startsWith(prefix) ? name : `${prefix}${name}`)

const MERGE: Readonly<Record<Mode, (a: Tensor, b: Tensor) => Tensor>> = {
  concat: (a, b) => concat([a, b], { axis: -1 }),
  sum: (a, b) => add(a, b),
  mul: (a, b) => mul(a, b),
  ave: (a, b) => mul(add(a, b), 0.5),
}

/**
 * A recurrent layer in both directions, each with weights of its own: copies of `layer`, and for the way back of
 * `backwardLayer` where that is given. Outputs of both are put side by side along the last axis (`concat`), added, multiplied
 * or averaged, at the place of their step; with `mergeMode: null` both are results. With `returnState` the states of both
 * follow, those of the way there first, and so does `initialState`. Source: Schuster and Paliwal 1997.
 */
export const bidirectional = defineLayer({
  className: 'Bidirectional',
  name: 'bidirectional',
  options,
  check({ layer, backwardLayer }, where) {
    for (const one of [layer, ...(backwardLayer ? [backwardLayer] : [])])
      if (!isRecurrent(one))
        throw new GraphError(`${where}: a recurrent layer goes in both directions, not ${title(one)}`)
    if (!backwardLayer) return
    const [there, back] = [flagsOf(layer), flagsOf(backwardLayer)]
    if (there.goBackwards === back.goBackwards)
      throw new GraphError(
        `${where}: goBackwards of layer and backwardLayer must differ, both are ${there.goBackwards}`,
      )
    for (const key of ['stateful', 'returnSequences', 'returnState'] as const)
      if (there[key] !== back[key])
        throw new GraphError(
          `${where}: ${key} of layer and backwardLayer must be equal, got ${there[key]} and ${back[key]}`,
        )
  },
  parts({ layer, backwardLayer }) {
    const isBack = flagsOf(layer).goBackwards
    return {
      forward: directed(layer, prefixed('forward_', layer), isBack),
      backward: directed(
        backwardLayer ?? layer,
        backwardLayer ? backwardLayer.name : prefixed('backward_', layer),
        !isBack,
      ),
    }
  },
  call([x], o, at) {
    const { returnSequences, returnState } = flagsOf(o.layer)
    const { initialState } = at.options
    const half = (initialState?.length ?? 0) / 2
    if (initialState && (half === 0 || !Number.isInteger(half)))
      throw new GraphError(`Bidirectional: initialState must be those of both directions, got ${initialState.length}`)
    const run = (part: AnyLayer, isFirst: boolean): readonly Tensor[] =>
      at.layer(part, x!, {
        mask: at.masks[0] ?? null,
        ...(initialState ? { initialState: isFirst ? initialState.slice(0, half) : initialState.slice(half) } : {}),
      })
    const [there, ...states] = run(at.parts['forward']!, true)
    const [turned, ...others] = run(at.parts['backward']!, false)
    // Each gives what it computes first at the first place.
    const back = returnSequences ? flip(turned!, [1]) : turned!
    const all = returnState ? [...states, ...others] : []
    if (o.mergeMode === undefined) return [there!, back, ...all]
    if (o.mergeMode !== 'concat' && there!.shape.at(-1) !== back.shape.at(-1))
      throw new GraphError(`Bidirectional: '${o.mergeMode}' does not join ${describe(there!)} and ${describe(back)}`)
    const merged = MERGE[o.mergeMode](there!, back)
    return returnState ? [merged, ...all] : merged
  },
  mask: ([mask], _, outputs, { layer, mergeMode }) => {
    const count = flagsOf(layer).returnSequences ? (mergeMode === undefined ? 2 : 1) : 0
    return outputs.map((_, i) => (i < count ? mask : undefined))
  },
  methods: (layer) => ({
    resetStates: () => {
      for (const part of layer.layers) resetStates(part)
    },
  }),
}) as unknown as RecurrentFactory<typeof options>
