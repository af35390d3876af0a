import { loadPackage } from '../formats/package'
import type { Box, Point } from './layout'

/** What a ranker sees of a graph: boxes, frames' edges, and steps between them. */
export interface RankedGraph {
  graph(): { readonly nodeRankFactor?: number; readonly nestingRoot?: string }
  nodes(): string[]
  node(id: string): { rank?: number }
  edges(): readonly { readonly v: string; readonly w: string }[]
  edge(edge: object): { readonly minlen: number }
}

/** What is used of the package that lays graphs out. */
export interface Dagre {
  readonly Graph: new (options: object) => {
    setGraph(label: object): void
    graph(): { readonly width?: number; readonly height?: number }
    setNode(id: string, label: object): void
    node(id: string): Box
    setParent(id: string, parent: string): void
    setEdge(from: string, to: string, label: object, name: string): void
    edge(edge: {
      readonly v: string
      readonly w: string
      readonly name: string
    }): Point & { readonly points: readonly Point[] }
  }
  layout(graph: object): void
}

/** Rejects with a RuntimeError where the package is not installed, for `what`. */
export const loadDagre = async (what: string): Promise<Dagre> => (await loadPackage('@dagrejs/dagre', what)) as Dagre
