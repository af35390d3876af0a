import { FormatError, quoted } from '../formats/error'
import type { Part } from './part'

/** A result of a call, as files name it: a layer, which of its calls, which of the results. */
export class Ref {
  constructor(
    readonly layer: string,
    readonly node: number,
    readonly tensor: number,
  ) {}
}
/** What a call was given: results of other calls, lists of them, or values. */
export type Given = Ref | readonly Given[] | { readonly value: unknown }

/** One call of a layer. */
export interface KerasCall {
  readonly args: readonly Given[]
  readonly kwargs: ReadonlyMap<string, Given>
}

/** The calls of a layer, as either generation writes them under `inbound_nodes`. */
export const callsOf = (nodes: Part): KerasCall[] =>
  nodes.isNothing ? [] : nodes.list().map((node) => (node.isObject ? newCall(node) : oldCall(node)))

/** Every result of a call that something given names. */
export function refsOf(given: Given): Ref[] {
  if (given instanceof Ref) return [given]
  return Array.isArray(given) ? (given as readonly Given[]).flatMap(refsOf) : []
}
export const isList = (given: Given): given is readonly Given[] => Array.isArray(given)

/** Results of a model, or its inputs: one, a list, or a record of them by names. */
export function refsOfModel(part: Part): { readonly refs: readonly Ref[]; readonly isMany: boolean } {
  const isOne = part.isList && typeof part.list()[0]?.value === 'string'
  if (isOne) return { refs: [historyOf(part)], isMany: false }
  const parts = part.isObject ? part.entries().map(([, p]) => p) : part.list()
  return { refs: parts.map(historyOf), isMany: parts.length !== 1 }
}

function historyOf(part: Part): Ref {
  const [layer, node, tensor] = part.list()
  if (!layer || !node || !tensor) part.fail('[layer, call, result]')
  return new Ref(layer.string(), node.count(), tensor.count())
}

/** Keras 3: { args, kwargs } with tensors as objects that hold their history. */
function newCall(node: Part): KerasCall {
  const kwargs = node.get('kwargs').maybe((p) => p.entries()) ?? []
  return {
    args: node.get('args').list().map(newGiven),
    kwargs: new Map(kwargs.map(([key, part]) => [key, newGiven(part)])),
  }
}

function newGiven(part: Part): Given {
  if (part.isList) return part.list().map(newGiven)
  if (!part.isObject) return { value: part.value }
  const { class_name: kind, items } = part.json()
  if (kind === '__keras_tensor__') return historyOf(part.get('config').get('keras_history'))
  return Array.isArray(items) ? part.get('items').list().map(newGiven) : { value: part.value }
}

/** Keras 2: [[layer, call, result, kwargs], ...], or one such list alone. */
function oldCall(node: Part): KerasCall {
  const parts = node.list()
  const rows = typeof parts[0]?.value === 'string' ? [node] : parts
  const refs = rows.map((row) => oldArgument(row))
  const kwargs = new Map<string, Given>()
  for (const row of rows) {
    const given = row.list()[3]
    for (const [key, part] of given?.maybe((p) => p.entries()) ?? []) kwargs.set(key, oldGiven(part))
  }
  return { args: refs.length === 1 ? refs : [refs], kwargs }
}

function oldArgument(row: Part): Given {
  const [layer, , value] = row.list()
  return layer?.value === '_CONSTANT_VALUE' ? { value: value?.value } : historyOf(row)
}

/** A tensor among keyword arguments is a list of its history, which no other value looks like. */
function oldGiven(part: Part): Given {
  if (!part.isList) return { value: part.value }
  const list = part.list()
  const [layer, node, tensor] = list.map((p) => p.value)
  if (typeof layer === 'string' && typeof node === 'number' && typeof tensor === 'number') return historyOf(part)
  return list.map(oldGiven)
}

/** What a value is that must not be a tensor. */
export function valueOf(given: Given): unknown {
  if (given instanceof Ref) return undefined
  return isList(given) ? given.map(valueOf) : given.value
}

export function refuse(format: string, layer: string, what: string): never {
  throw new FormatError(format, `layer ${quoted(layer)}: ${what}`, layer)
}

export const keyOf = (layer: string, node: number): string => `${node}:${layer}`
