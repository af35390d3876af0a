import { loadPackage } from '../formats/package'
import type { PlotGraph } from './plot-graph'

export interface Point {
  readonly x: number
  readonly y: number
}
/** A box by its middle. */
export interface Place extends Point {
  readonly width: number
  readonly height: number
}
/** Where everything stands. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly places: ReadonlyMap<string, Place>
  /** Of each edge the way of its line, and the place of its label. */
  readonly ways: readonly { readonly points: readonly Point[]; readonly label: Point }[]
}

/** What is used of the package that lays graphs out. */
interface Dagre {
  readonly Graph: new (options: object) => {
    setGraph(label: object): void
    graph(): { readonly width?: number; readonly height?: number }
    setNode(id: string, label: object): void
    node(id: string): Place
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
/** Lays out boxes of these sizes, operands above what reads them. */
export async function layOut(
  graph: PlotGraph,
  sizeOf: (id: string) => { readonly width: number; readonly height: number },
): Promise<Layout> {
  const dagre = (await loadPackage('@dagrejs/dagre', 'plotModel')) as Dagre
  const g = new dagre.Graph({ compound: true, multigraph: true })
  g.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 38, marginx: MARGIN, marginy: MARGIN })
  for (const { id, kind } of graph.nodes) g.setNode(id, kind === 'frame' ? {} : { ...sizeOf(id) })
  for (const { id, parent } of graph.nodes) if (parent !== undefined) g.setParent(id, parent)
  graph.edges.forEach(({ from, to, label }, i) =>
    g.setEdge(from, to, { width: label === '' ? 0 : 24, height: label === '' ? 0 : 16, labelpos: 'r' }, String(i)),
  )
  dagre.layout(g)
  const { width = 0, height = 0 } = g.graph()
  const across = mirrorOf(graph, (id) => g.node(id), width)
  const moved = <P extends Point>(p: P): P => ({ ...p, x: across(p.x) })
  const places = new Map(
    graph.nodes.map(({ id, kind }) => {
      const place = moved(g.node(id))
      return [id, kind === 'frame' ? withTitle(place) : place]
    }),
  )
  const ways = graph.edges.map(({ from, to }, i) => {
    if (from === to) return { points: loopAt(places.get(from)!), label: places.get(from)! }
    const { points, x, y } = g.edge({ v: from, w: to, name: String(i) })
    return { points: points.map(moved), label: moved({ x, y }) }
  })
  const right = Math.max(width, ...ways.flatMap(({ points }) => points.map((p) => p.x + MARGIN)))
  return { width: right, height, places, ways }
}

const MARGIN = 16
/** A frame reaches further up, for its title. */
const withTitle = (place: Place): Place => ({ ...place, y: place.y - TITLE / 2, height: place.height + TITLE })
const TITLE = 16

/** From the right side of a box back to it. */
function loopAt({ x, y, width, height }: Place): Point[] {
  const side = x + width / 2
  return [
    { x: side, y: y - height / 5 },
    { x: side + 30, y: y - height / 3 },
    { x: side + 30, y: y + height / 3 },
    { x: side, y: y + height / 5 },
  ]
}

/** The layout as it is or the other way round, so that what comes first stands to the left. */
function mirrorOf({ nodes }: PlotGraph, placeOf: (id: string) => Place, width: number): (x: number) => number {
  const places = nodes.filter((n) => n.kind !== 'frame').map((n) => placeOf(n.id))
  const pairs = places.flatMap((a, i) => places.slice(i + 1).map((b) => (a.y === b.y ? Math.sign(b.x - a.x) : 0)))
  return pairs.reduce((sum: number, sign) => sum + sign, 0) < 0 ? (x) => width - x : (x) => x
}
