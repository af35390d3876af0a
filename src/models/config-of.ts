import { GraphError } from '../ir/errors'
import { isSymbolic, type Source, type Symbolic } from '../layers/symbolic'
import type { ModelGraph } from './graph'

/** Where a tensor comes from: an input by its place, or a result of a call by its place. */
export type Place = readonly ['input', number] | readonly [call: number, result: number]

/** A graph as plain JSON: its layers, and their calls in order. */
export function functionalConfig(graph: ModelGraph, isMany: boolean): Readonly<Record<string, unknown>> {
  const calls = new Map(graph.calls.map((c, i) => [c, i]))
  const layers = new Map(graph.layers.map((l, i) => [l, i]))
  const place = (x: Symbolic): Place => {
    const at = graph.inputs.indexOf(x)
    return at >= 0 ? ['input', at] : [calls.get(x.source!)!, x.index]
  }
  return {
    inputs: graph.inputs.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
    layers: graph.layers.map((l) => l.getConfig()),
    calls: graph.calls.map((c) => ({
      layer: layers.get(c.layer)!,
      inputs: c.isList ? c.inputs.map(place) : place(c.inputs[0]!),
      ...(Object.keys(c.options).length === 0 ? {} : { options: writtenOptions(c, place) }),
    })),
    outputs: isMany ? graph.outputs.map(place) : place(graph.outputs[0]!),
  }
}

function writtenOptions(call: Source, place: (x: Symbolic) => Place): Record<string, unknown> {
  const write = (value: unknown): unknown => {
    if (isSymbolic(value)) return { tensor: place(value) }
    if (Array.isArray(value)) return value.map(write)
    if (value === null || typeof value === 'boolean') return value
    throw new GraphError(`model: an option of the call of "${call.layer.name}" cannot be written`)
  }
  const given = Object.entries(call.options).filter(([, value]) => value !== undefined)
  // In an order of their own, so that equal models have equal configs.
  return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, write(value)]))
}
