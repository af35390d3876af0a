import type { Dagre } from './dagre'
import { type Box, type Diagram, type Layout, type LayoutOptions, layOut, type Sizes, type Way } from './layout'

/**
 * Lays out frames one by one, from the inside to the outside, each as a box of what is around it: what belongs together stands
 * together, in a tenth of the time that frames take in one layout of all. Lines between frames lead from box to box, below
 * what is in between.
 */
export function layOutNested(dagre: Dagre, diagram: Diagram, sizes: Sizes, options: LayoutOptions): Layout {
  const parents = new Map(diagram.nodes.map(({ id, parent }) => [id, parent]))
  const depths = depthsOf(diagram)
  /** Boxes in one frame, or in none, between which an edge leads. */
  const lifted = ({ from, to }: { readonly from: string; readonly to: string }): readonly [string, string] => {
    let [a, b] = [from, to]
    while (parents.get(a) !== parents.get(b)) {
      const isDeeper = depths.get(a)! >= depths.get(b)!
      if (isDeeper) a = parents.get(a)!
      else b = parents.get(b)!
    }
    return [a, b]
  }
  const levels = new Map<string | undefined, Level>()
  const levelOf = (frame: string | undefined): Level => {
    let level = levels.get(frame)
    if (!level) levels.set(frame, (level = { nodes: [], edges: new Map() }))
    return level
  }
  for (const { id, parent } of diagram.nodes) levelOf(parent).nodes.push({ id })
  const keys = diagram.edges.map((edge) => {
    const [from, to] = lifted(edge)
    const { edges } = levelOf(parents.get(from))
    const key = `${from}\n${to}`
    const isOwn = from === edge.from && to === edge.to
    if (!edges.has(key)) edges.set(key, { from, to, label: isOwn ? edge.label : '' })
    return { level: parents.get(from), key, isOwn }
  })
  const inner = new Map<string, Layout>()
  const box: Sizes['box'] = (id) => {
    const found = inner.get(id)
    return found ? { width: found.width, height: found.height + TITLE } : sizes.box(id)
  }
  const layOutLevel = ({ nodes, edges }: Level): Layout =>
    layOut(dagre, { nodes, edges: [...edges.values()] }, { ...sizes, box }, options)
  const frames = diagram.nodes.filter((n) => n.frame).map((n) => n.id)
  for (const id of [...frames].sort((a, b) => depths.get(b)! - depths.get(a)!)) inner.set(id, layOutLevel(levelOf(id)))
  const outer = layOutLevel(levelOf(undefined))
  const places = new Map(outer.places)
  const corners = new Map<string | undefined, { readonly x: number; readonly y: number }>([[undefined, { x: 0, y: 0 }]])
  for (const id of [...frames].sort((a, b) => depths.get(a)! - depths.get(b)!)) {
    const { x, y, width, height } = places.get(id)!
    const corner = { x: x - width / 2, y: y - height / 2 + TITLE }
    corners.set(id, corner)
    for (const [child, place] of inner.get(id)!.places) places.set(child, moved(place, corner))
  }
  const ways = new Map<string | undefined, Map<string, Way>>()
  for (const [frame, { edges }] of levels) {
    const layout = frame === undefined ? outer : inner.get(frame)!
    const corner = corners.get(frame)!
    ways.set(frame, new Map([...edges.keys()].map((key, i) => [key, movedWay(layout.ways[i]!, corner)])))
  }
  return {
    ...outer,
    places,
    ways: diagram.edges.map(({ from, to }, i) => {
      const { level, key, isOwn } = keys[i]!
      const way = ways.get(level)!.get(key)!
      return isOwn ? way : between(places.get(from)!, places.get(to)!, way)
    }),
  }
}

const TITLE = 14

/** What stands in one frame, or in none. */
interface Level {
  readonly nodes: { readonly id: string }[]
  readonly edges: Map<string, Diagram['edges'][number]>
}

function depthsOf({ nodes }: Diagram): Map<string, number> {
  const parents = new Map(nodes.map(({ id, parent }) => [id, parent]))
  const depths = new Map<string, number>()
  for (const { id } of nodes) {
    const path = [id]
    for (let p = parents.get(id); p !== undefined && !depths.has(p); p = parents.get(p)) path.push(p)
    const above = parents.get(path.at(-1)!)
    let depth = above === undefined ? 0 : depths.get(above)! + 1
    for (const at of path.reverse()) depths.set(at, depth++)
  }
  return depths
}

const moved = <P extends { readonly x: number; readonly y: number }>(
  p: P,
  by: { readonly x: number; readonly y: number },
): P => ({ ...p, x: p.x + by.x, y: p.y + by.y })

const movedWay = ({ points, label, far }: Way, by: { readonly x: number; readonly y: number }): Way => ({
  points: points.map((p) => moved(p, by)),
  label: moved(label, by),
  far,
})

/** The line between the frames of two boxes, from box to box. */
function between(from: Box, to: Box, { points, label, far }: Way): Way {
  const down = to.y < from.y ? -1 : 1
  const start = { x: from.x, y: from.y + (down * from.height) / 2 }
  const end = { x: to.x, y: to.y - (down * to.height) / 2 }
  return { points: [start, ...points, end], label, far }
}
