import { quoted } from '../formats/error'
import type { DType } from '../ir/type'
import type { AnyLayer } from '../layers/layer'
import { explained } from '../layers/option'
import { input, type OpenShape, type Symbolic } from '../layers/symbolic'
import { model } from '../models/functional'
import { isBeyondBound, MOST_ELEMENTS } from '../models/input-bound'
import type { AnyModel } from '../models/model'
import { appliedCall, MASKS } from './call-options'
import { callsOf, type KerasCall, keyOf, type Ref, refsOf, refsOfModel, refuse } from './calls'
import { dtypeName, isLayerClass, plainValue } from './layer'
import type { Part } from './part'
import type { Reading } from './reading'

/** What the config of a functional model says of one of its layers. */
interface Entry {
  readonly name: string
  readonly className: string
  readonly part: Part
  readonly calls: readonly KerasCall[]
}

/** Shapes and dtypes of what data are given as. */
const DTYPES: Readonly<Record<string, DType>> = {
  ...{ float16: 'float32', bfloat16: 'float32', float32: 'float32', float64: 'float64' },
  ...{ int8: 'int32', int16: 'int32', int32: 'int32', int64: 'int32', uint8: 'uint8', uint16: 'int32', bool: 'bool' },
}

/** The input that the config of an InputLayer describes. */
export function inputFromKeras(config: Part, name: string, className = ''): Symbolic {
  const shape = shapeOf(config)
  if (!shape) return config.get('batch_shape').fail('the shape of samples')
  if (isBeyondBound(shape)) config.fail(`of an input of at most ${MOST_ELEMENTS} elements, the open extents aside`)
  const written = (dtypeName(config) ?? 'float32').replace(/^mixed_/, '')
  if (!Object.hasOwn(DTYPES, written)) config.get('dtype').fail(`one of ${Object.keys(DTYPES).join(', ')}`)
  // Places in a table are whole numbers, also where nothing or the dtype of the table is said.
  const dtype = className === 'Embedding' ? 'int32' : DTYPES[written]!
  return explained(`input ${quoted(name)}`, () => input({ name, batchShape: shape, dtype }))
}

/** With the batch; undefined where a config does not say it. */
export function shapeOf(config: Part): OpenShape | undefined {
  const found = ['batch_shape', 'batch_input_shape'].map((key) => config.get(key)).find((part) => !part.isNothing)
  if (!found) return undefined
  const list = plainValue(found.value)
  if (!Array.isArray(list)) return found.fail('a list')
  return list.map((d: unknown) => {
    if (d !== null && !(Number.isSafeInteger(d) && (d as number) >= 0)) found.fail('a list of extents and nulls')
    return d as number | null
  })
}

/** The functional model of a config: its calls in the order in which they need one another. */
export function functionalFromKeras(
  config: Part,
  name: string | undefined,
  reading: Reading,
  layerOf: (part: Part, name: string) => AnyLayer,
): AnyModel {
  const graph = new Graph(config, reading, layerOf)
  const { refs, isMany } = refsOfModel(config.get('output_layers'))
  if (refs.length === 0) config.get('output_layers').fail('some results')
  const inputs = refsOfModel(config.get('input_layers')).refs.map((ref) => graph.inputAt(ref))
  const outputs = refs.map((ref) => graph.resultOf(ref))
  const made: AnyModel = explained(`model ${quoted(name ?? '')}`, () =>
    model({ inputs, outputs: isMany ? outputs : (outputs[0]! as never), ...(name === undefined ? {} : { name }) }),
  )
  graph.finish(made)
  return made
}

class Graph {
  private readonly entries = new Map<string, Entry>()
  private readonly inputs = new Map<string, Symbolic>()
  private readonly layers = new Map<string, AnyLayer>()
  private readonly results = new Map<string, readonly Symbolic[]>()
  /** By which the numbers of the calls of a model begin: it has one before it is called, which files do not have. */
  private readonly firsts = new Map<string, number>()
  private readonly maskSources = new Set<string>()

  constructor(
    private readonly config: Part,
    private readonly reading: Reading,
    private readonly layerOf: (part: Part, name: string) => AnyLayer,
  ) {
    const named = new Map<string, Ref[]>()
    for (const part of config.get('layers').list()) {
      const entry = entryOf(part)
      if (this.entries.has(entry.name)) this.fail(entry.name, 'there are two layers of this name')
      this.entries.set(entry.name, entry)
      for (const ref of entry.calls.flatMap((call) => [...call.args, ...call.kwargs.values()].flatMap(refsOf))) {
        const refs = named.get(ref.layer)
        if (refs) refs.push(ref)
        else named.set(ref.layer, [ref])
      }
    }
    for (const ref of refsOfModel(config.get('output_layers')).refs)
      named.set(ref.layer, [...(named.get(ref.layer) ?? []), ref])
    for (const [name, refs] of named) this.firsts.set(name, this.firstOf(name, refs))
    for (const { className, calls, name, part } of this.entries.values())
      if (
        className === 'Masking' ||
        (className === 'Embedding' && part.get('config').get('mask_zero').value === true)
      ) {
        calls.forEach((_, i) => this.maskSources.add(keyOf(name, i)))
        for (const { layer, node } of calls.flatMap((call) => call.args.flatMap(refsOf)))
          this.maskSources.add(keyOf(layer, node))
      }
  }

  private fail(layer: string, what: string): never {
    return refuse(this.reading.format, layer, what)
  }

  private entry(name: string): Entry {
    return this.entries.get(name) ?? this.fail(name, 'there is no such layer')
  }

  private firstOf(name: string, refs: readonly Ref[]): number {
    const entry = this.entries.get(name)
    const nodes = refs.map((ref) => ref.node)
    if (!entry || !MODELS.includes(entry.className) || nodes.includes(0)) return 0
    if (nodes.includes(entry.calls.length)) return 1
    return entry.className === 'Sequential' && this.reading.generation.major === 3 ? 0 : 1
  }

  inputAt({ layer }: Ref): Symbolic {
    const { className, part, calls } = this.entry(layer)
    if (className !== 'InputLayer' || calls.length > 0) this.fail(layer, `it is an input, but no InputLayer`)
    const found = this.inputs.get(layer) ?? inputFromKeras(part.get('config'), layer)
    this.inputs.set(layer, found)
    return found
  }

  /** The result that is meant, and before it all that it needs. Without recursion: models may be deep. */
  resultOf(wanted: Ref): Symbolic {
    const open = new Set<string>()
    const stack: Ref[] = [wanted]
    while (stack.length > 0) {
      const ref = stack.at(-1)!
      const key = keyOf(ref.layer, ref.node)
      if (this.find(ref)) {
        stack.pop()
        continue
      }
      const call = this.callAt(ref)
      const missing = this.needs(call).filter((need) => !this.find(need))
      if (missing.length === 0) this.apply(ref, call)
      else if (open.has(key)) this.fail(ref.layer, 'its call needs its own result')
      else stack.push(...missing)
      open.add(key)
    }
    return this.find(wanted)!
  }

  private find(ref: Ref): Symbolic | undefined {
    if (this.entry(ref.layer).className === 'InputLayer') {
      if (ref.node !== 0 || ref.tensor !== 0) this.fail(ref.layer, 'an input has one result')
      return this.inputAt(ref)
    }
    const results = this.results.get(keyOf(ref.layer, ref.node))
    if (!results) return undefined
    return results[ref.tensor] ?? this.fail(ref.layer, `its call has ${results.length} results, none is ${ref.tensor}`)
  }

  private callAt({ layer, node }: Ref): KerasCall {
    const { calls } = this.entry(layer)
    const call = calls[node - (this.firsts.get(layer) ?? 0)]
    return call ?? this.fail(layer, `it has ${calls.length} calls, but another takes the result of its call ${node}`)
  }

  private needs(call: KerasCall): Ref[] {
    const given = [...call.args, ...[...call.kwargs].flatMap(([key, value]) => (isMask(key) ? [] : [value]))]
    const masks = [...call.kwargs].flatMap(([key, value]) => (isMask(key) ? refsOf(value) : []))
    return [...given.flatMap(refsOf), ...masks.filter((ref) => !this.isImplied(ref))]
  }

  private apply(ref: Ref, call: KerasCall): void {
    const { className, part } = this.entry(ref.layer)
    const layer = this.layers.get(ref.layer) ?? this.layerOf(part, ref.layer)
    this.layers.set(ref.layer, layer)
    const tensorOf = (from: Ref): Symbolic | undefined => (this.isOperation(from) ? undefined : this.find(from))
    const { inputs, isList, options } = appliedCall(ref.layer, className, call, this.reading, tensorOf)
    if (inputs.length === 0) this.fail(ref.layer, 'it is called on nothing')
    const made: Symbolic | readonly Symbolic[] = layer(isList ? inputs : inputs[0]!, options)
    this.results.set(
      keyOf(ref.layer, ref.node),
      Array.isArray(made) ? (made as readonly Symbolic[]) : [made as Symbolic],
    )
  }

  private isOperation({ layer }: Ref): boolean {
    const { className } = this.entry(layer)
    return className !== 'InputLayer' && !MODELS.includes(className) && !isLayerClass(className, this.reading)
  }

  /**
   * Whether a mask is what operations find from where embeddings and `Masking` have theirs: Keras 3 writes down the masks that
   * its layers handed on, as ours do by themselves.
   */
  private isImplied(mask: Ref): boolean {
    if (!this.isOperation(mask)) return false
    const seen = new Set<string>()
    const stack = [mask]
    while (stack.length > 0) {
      const ref = stack.pop()!
      const key = keyOf(ref.layer, ref.node)
      if (seen.has(key)) continue
      seen.add(key)
      if (this.isOperation(ref)) stack.push(...this.callAt(ref).args.flatMap(refsOf))
      else if (!this.maskSources.has(key))
        this.fail(
          mask.layer,
          `it is an operation (${this.entry(mask.layer).className.slice(0, 40)}), not a layer, and no mask that layers hand on`,
        )
    }
    return true
  }

  /** Says what was not needed, and keeps the order of the file. */
  finish(made: AnyModel): void {
    const order = [...this.entries.keys()].flatMap((name) => this.layers.get(name) ?? [])
    this.reading.orders.set(made, order)
    for (const { name, className } of this.entries.values())
      if (!this.layers.has(name) && !this.inputs.has(name) && isLayerClass(className, this.reading))
        this.reading.notes.push({
          at: `layer ${quoted(name)} (${className})`,
          key: 'layers',
          value: name,
          why: 'no output needs it',
        })
  }
}

export const MODELS: readonly string[] = ['Functional', 'Model', 'Sequential']
const isMask = (key: string): boolean => key === 'mask' || MASKS.includes(key)

function entryOf(part: Part): Entry {
  const className = part.get('class_name').string()
  const own = part.get('name').maybe((p) => p.string())
  const name = own ?? part.get('config').get('name').string()
  return { name, className, part: part.named(`layer ${quoted(name)}`), calls: callsOf(part.get('inbound_nodes')) }
}
