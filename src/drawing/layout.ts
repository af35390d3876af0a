import type { Dagre, RankedGraph } from './dagre'
import { ranksOf, type Step } from './ranks'

export interface Point {
  readonly x: number
  readonly y: number
}
export interface Size {
  readonly width: number
  readonly height: number
}
/** A box by its middle. */
export interface Box extends Point, Size {}

/** What is laid out. Edges go between nodes that are no frames. */
export interface Diagram {
  readonly nodes: readonly {
    readonly id: string
    /** The frame it stands in. */
    readonly parent?: string
    readonly frame?: boolean
  }[]
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label: string }[]
}

export interface Sizes {
  box(id: string): Size
  label(text: string): Size
}

export interface LayoutOptions {
  /**
   * Edges over more ranks than this do not shape the picture: they run straight below the boxes in between. Without it all
   * edges go around boxes, which takes long in graphs that have many such edges, as every graph with gradients has.
   */
  readonly far?: number
}

/** The line of an edge. */
export interface Way {
  readonly points: readonly Point[]
  /** The middle of its label. */
  readonly label: Point
  /** It runs below boxes. */
  readonly far: boolean
}

/** Where everything stands. */
export interface Layout extends Size {
  readonly places: ReadonlyMap<string, Box>
  /** In the order of the edges. */
  readonly ways: readonly Way[]
}

/** Lays out boxes of these sizes, operands above what reads them. */
export function layOut(dagre: Dagre, diagram: Diagram, sizes: Sizes, { far }: LayoutOptions = {}): Layout {
  const { nodes, edges } = diagram
  const routes =
    far === undefined ? edges.map((edge): Route => ({ ...edge, back: false, far: false })) : routesOf(diagram, far)
  const g = new dagre.Graph({ compound: true, multigraph: true })
  const distances = { rankdir: 'TB', nodesep: 28, ranksep: 38, marginx: MARGIN, marginy: MARGIN }
  g.setGraph(far === undefined ? distances : { ...distances, ranker: rankerOf(routes) })
  for (const { id, frame } of nodes) g.setNode(id, frame ? {} : { ...sizes.box(id) })
  for (const { id, parent } of nodes) if (parent !== undefined) g.setParent(id, parent)
  routes.forEach(({ from, to, far }, i) => {
    if (!far) g.setEdge(from, to, { ...sizes.label(edges[i]!.label), labelpos: 'r' }, String(i))
  })
  dagre.layout(g)
  const { width = 0, height = 0 } = g.graph()
  const across = mirrorOf(diagram, (id) => g.node(id), width)
  const moved = <P extends Point>(p: P): P => ({ ...p, x: across(p.x) })
  const places = new Map(
    nodes.map(({ id, frame }) => {
      const place = moved(g.node(id))
      return [id, frame ? withTitle(place) : place]
    }),
  )
  const ways = edges.map(({ from, to }, i): Way => {
    if (from === to) return { points: loopAt(places.get(from)!), label: places.get(from)!, far: false }
    const route = routes[i]!
    if (route.far) return straight(places.get(from)!, places.get(to)!)
    const { points, x, y } = g.edge({ v: route.from, w: route.to, name: String(i) })
    const way = points.map(moved)
    return { points: route.back ? way.reverse() : way, label: moved({ x, y }), far: false }
  })
  const right = ways.reduce((most, { points }) => points.reduce((m, p) => Math.max(m, p.x + MARGIN), most), width)
  return { width: right, height, places, ways }
}

const MARGIN = 16
/** A frame reaches further up, for its title. */
const withTitle = (place: Box): Box => ({ ...place, y: place.y - TITLE / 2, height: place.height + TITLE })
const TITLE = 16

/** An edge as it is laid out: without cycles. */
interface Route {
  readonly from: string
  readonly to: string
  /** It leads the other way. */
  readonly back: boolean
  readonly far: boolean
}

function routesOf(diagram: Diagram, far: number): Route[] {
  const { edges } = diagram
  const at = orderOf(diagram)
  const forward = edges.map(({ from, to }) => {
    const back = at.get(from)! > at.get(to)!
    return back ? { from: to, to: from, back } : { from, to, back }
  })
  const ranks = ranksOf(
    at.keys(),
    forward.filter(({ from, to }) => from !== to).map(({ from, to }) => ({ from, to, least: 1 })),
  )
  return forward.map((edge) => ({ ...edge, far: ranks.get(edge.to)! - ranks.get(edge.from)! > far }))
}

/** Operands before what reads them; of nodes that read from each other the first in the list comes first. */
function orderOf({ nodes, edges }: Diagram): Map<string, number> {
  const waiting = new Map(nodes.map(({ id }) => [id, 0]))
  const readers = new Map(nodes.map(({ id }): [string, string[]] => [id, []]))
  for (const { from, to } of edges) {
    if (from === to) continue
    waiting.set(to, waiting.get(to)! + 1)
    readers.get(from)!.push(to)
  }
  const order = new Map<string, number>()
  const place = (first: string): void => {
    const ready = [first]
    for (const id of ready) {
      order.set(id, order.size)
      for (const reader of readers.get(id)!) {
        waiting.set(reader, waiting.get(reader)! - 1)
        if (waiting.get(reader) === 0 && !order.has(reader)) ready.push(reader)
      }
    }
  }
  // Counts of nodes that are placed already are past 0.
  const sources = nodes.filter(({ id }) => waiting.get(id) === 0)
  for (const { id } of [...sources, ...nodes]) if (!order.has(id)) place(id)
  return order
}

/** Gives every node its rank, far edges looked at as well: they lead down like the others. */
const rankerOf =
  (routes: readonly Route[]) =>
  (g: RankedGraph): void => {
    // Frames need ranks for their borders: there are so many between two boxes.
    const { nodeRankFactor = 1, nestingRoot } = g.graph()
    // An edge from the root keeps frames together, and nothing in its place.
    const kept = g.edges().filter((e) => e.v !== nestingRoot)
    const steps = kept.map((e): Step<string> => ({ from: e.v, to: e.w, least: g.edge(e).minlen }))
    const more = routes.flatMap(({ from, to, far }) => (far ? [{ from, to, least: 2 * nodeRankFactor }] : []))
    for (const [id, rank] of ranksOf(g.nodes(), [...steps, ...more])) g.node(id).rank = rank
  }

/** From the side of a box that faces another to the side of that which faces it. */
function straight(from: Box, to: Box): Way {
  const down = to.y < from.y ? -1 : 1
  const start = { x: from.x, y: from.y + (down * from.height) / 2 }
  const end = { x: to.x, y: to.y - (down * to.height) / 2 }
  const bend = down * Math.max(24, Math.abs(end.y - start.y) / 4)
  const points = [start, { x: start.x, y: start.y + bend }, { x: end.x, y: end.y - bend }, end]
  return { points, label: { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }, far: true }
}

/** From the right side of a box back to it. */
function loopAt({ x, y, width, height }: Box): Point[] {
  const side = x + width / 2
  return [
    { x: side, y: y - height / 5 },
    { x: side + 30, y: y - height / 3 },
    { x: side + 30, y: y + height / 3 },
    { x: side, y: y + height / 5 },
  ]
}

/** The layout as it is or the other way round, so that what comes first stands to the left. */
function mirrorOf({ nodes }: Diagram, placeOf: (id: string) => Box, width: number): (x: number) => number {
  const rows = new Map<number, number[]>()
  for (const { id, frame } of nodes) {
    if (frame) continue
    const { x, y } = placeOf(id)
    const row = rows.get(y)
    if (row) row.push(x)
    else rows.set(y, [x])
  }
  let sum = 0
  for (const row of rows.values())
    row.forEach((x, i) => {
      for (let k = i + 1; k < row.length; k++) sum += Math.sign(row[k]! - x)
    })
  return sum < 0 ? (x) => width - x : (x) => x
}
