import { alg, Graph } from 'graphlib'

// The one file that knows which graph library is used.
export type { Graph }
export const newGraph = (): Graph => new Graph({ directed: true })
/** Cycles of a directed graph, each as its node names. */
export const findCycles = (graph: Graph): string[][] => alg.findCycles(graph)
