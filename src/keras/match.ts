import { FormatError, quoted } from '../formats/error'
import { sameShape, showShape } from '../ir/type'
import type { AnyLayer } from '../layers/layer'
import type { Weight } from '../layers/weight'
import { isModel } from '../models/outline'
import type { NamedTensor } from './manifest'
import type { Reading } from './reading'

/** A weight and the value that a file has for it; of one shape. */
export interface Matched {
  readonly weight: Weight
  readonly from: NamedTensor
}

/** A layer that is no model, and the models around it. */
interface Leaf {
  readonly layer: AnyLayer
  readonly around: readonly string[]
}

/** Of what draws: says nothing about values. */
const SEEDS = ['seed_generator_state']
const tail = (name: string): string => name.slice(name.lastIndexOf('/') + 1).replace(/:\d+$/, '')
const segmentsOf = (name: string): string[] => name.split('/').slice(0, -1)

/** Sets what was matched. Nothing before is changed, so that a file is taken over whole or not at all. */
export function setMatched(matched: readonly Matched[]): void {
  for (const { weight, from } of matched) weight.write(from.tensor.data)
}

/** The weights of a layer or model among those of a file. Throws a FormatError where one is missing, too many or of another shape. */
export function matchLayer(layer: AnyLayer, given: readonly NamedTensor[], reading: Reading): Matched[] {
  const entries = given.filter(({ name }) => !SEEDS.includes(tail(name)))
  if (!isModel(layer)) return matchLeaf({ layer, around: [] }, entries, reading)
  return matchByName(layer, entries, reading) ?? matchByOrder(layer, entries, reading)
}

/** Each once, in the order of the file. */
export function leavesOf(model: AnyLayer, { orders }: Reading): Leaf[] {
  const found = new Map<AnyLayer, Leaf>()
  const visit = (layer: AnyLayer, around: readonly string[]): void => {
    if (!isModel(layer)) {
      if (!found.has(layer)) found.set(layer, { layer, around })
      return
    }
    for (const inner of orders.get(layer) ?? layer.layers)
      visit(inner, layer === model ? around : [...around, layer.name])
  }
  visit(model, [])
  return [...found.values()].filter(({ layer }) => layer.weights.length > 0)
}

/** By names of layers; undefined where none of them stands in any name. */
function matchByName(model: AnyLayer, entries: readonly NamedTensor[], reading: Reading): Matched[] | undefined {
  const bySegment = new Map<string, NamedTensor[]>()
  for (const entry of entries)
    for (const segment of new Set(segmentsOf(entry.name))) {
      const list = bySegment.get(segment)
      if (list) list.push(entry)
      else bySegment.set(segment, [entry])
    }
  const leaves = leavesOf(model, reading)
  if (leaves.length > 0 && !leaves.some(({ layer }) => bySegment.has(layer.name))) return undefined
  const claimed = new Set<NamedTensor>()
  const matched = leaves.flatMap((leaf) => {
    const own = nearest(leaf, bySegment.get(leaf.layer.name) ?? [])
    for (const entry of own) claimed.add(entry)
    return matchLeaf(leaf, own, reading)
  })
  const left = entries.filter((entry) => !claimed.has(entry))
  if (left.length > 0) refuse(reading, left[0]!.name, `there is no such weight in the model${more(left.length)}`)
  return matched
}

const more = (count: number): string => (count > 1 ? `, nor for ${count - 1} more` : '')

/** Of weights in whose names a layer stands those that are its own: with most of the models around it, then at the first place. */
function nearest({ layer, around }: Leaf, entries: readonly NamedTensor[]): NamedTensor[] {
  const ranks = entries.map(({ name }) => {
    const segments = segmentsOf(name)
    return around.filter((outer) => segments.includes(outer)).length * 1000 - segments.indexOf(layer.name)
  })
  const best = ranks.reduce((a, b) => Math.max(a, b), -Infinity)
  return entries.filter((_, i) => ranks[i] === best)
}

/** By the last part of names where that tells them apart, else by order. */
function matchLeaf({ layer }: Leaf, entries: readonly NamedTensor[], reading: Reading): Matched[] {
  const { weights } = layer
  if (weights.length !== entries.length)
    refuse(
      reading,
      layer.name,
      `${quoted(layer.name)} (${layer.className}) has ${weights.length} weights (${weights.map((w) => w.name).join(', ')}), the file ${entries.length}`,
    )
  const byTail = new Map(entries.map((entry) => [tail(entry.name), entry]))
  const tails = weights.map((w) => tail(w.name))
  const isByName =
    byTail.size === weights.length && new Set(tails).size === tails.length && tails.every((t) => byTail.has(t))
  return weights.map((weight, i) => checked(layer, weight, isByName ? byTail.get(tails[i]!)! : entries[i]!, reading))
}

function checked(layer: AnyLayer, weight: Weight, from: NamedTensor, reading: Reading): Matched {
  const { shape } = from.tensor
  if (sameShape(shape, weight.shape)) return { weight, from }
  return refuse(
    reading,
    from.name,
    `${quoted(layer.name)} (${layer.className}): the weight "${weight.name}" is ${showShape(weight.shape)}, ${quoted(from.name)} in the file ${showShape(shape)}`,
  )
}

/** By order: trained weights first, as Keras lists those of a model, or layer by layer; the first order whose shapes fit. */
function matchByOrder(model: AnyLayer, entries: readonly NamedTensor[], reading: Reading): Matched[] {
  const rows = leavesOf(model, reading).flatMap(({ layer }) => layer.weights.map((weight) => ({ layer, weight })))
  if (rows.length !== entries.length)
    refuse(reading, model.name, `${quoted(model.name)} has ${rows.length} weights, the file ${entries.length}`)
  const first = (fits: (row: (typeof rows)[number]) => boolean): typeof rows => [
    ...rows.filter(fits),
    ...rows.filter((row) => !fits(row)),
  ]
  const orders = [
    first(({ layer, weight }) => layer.trainable && weight.isTrained),
    first((r) => r.weight.isTrained),
    rows,
  ]
  const fits = (order: typeof rows): boolean =>
    order.every(({ weight }, i) => sameShape(weight.shape, entries[i]!.tensor.shape))
  const order = orders.find(fits) ?? rows
  return order.map(({ layer, weight }, i) => checked(layer, weight, entries[i]!, reading))
}

function refuse({ format }: Reading, at: string, what: string): never {
  throw new FormatError(format, `weights: ${what}`, at)
}
