import * as dagre from '@dagrejs/dagre'
import { collapse, type Inspection, openAtFirst, type ShownEdge, type ShownNode } from 'gradloom/inspect'
import type { Dagre } from '../../../../src/drawing/dagre'
import type { Point, Way } from '../../../../src/drawing/layout'
import { framesOf, isLabelled, layOutShown, linesOf } from '../../../../src/inspect/place-shown'
import { stageOf } from '../../../../src/inspect/stage'
import type { Drawing, DrawingChoice, DrawnEdge, DrawnNode } from '../../protocol'

/** The graph of a stage as it is drawn, with the scopes opened that the page asks for, or as many as stay readable. */
export function drawingOf(inspection: Inspection, { stage, open }: DrawingChoice): Drawing {
  const graph = stageOf('explorer', inspection, stage)
  const opened = open ? new Set(open) : openAtFirst(graph)
  const shown = collapse(graph, opened)
  const { width, height, places, ways } = layOutShown(dagre as unknown as Dagre, shown)
  const readBy = readersOf(inspection)
  const labelled = isLabelled(shown)
  return {
    stage,
    width,
    height,
    count: graph.tensors.length,
    open: [...opened],
    nodes: shown.nodes.map((node) => ({
      ...drawnNode(node, stage === 'kernels', readBy),
      ...places.get(node.key)!,
      formulas: node.kind === 'group' ? [] : node.tensors.slice(-1).map((id) => graph.tensors[id]!.formula),
    })),
    edges: shown.edges.map((edge, i) => drawnEdge(edge, ways[i]!, labelled)),
    frames: framesOf(shown).map(({ id, key, title }) => ({ key, title, ...places.get(id)! })),
  }
}

type ReadBy = ReadonlyMap<string, readonly number[]>

/** Kernels by what they read, `name type` as everywhere. */
function readersOf({ kernels }: Inspection): ReadBy {
  const readers = new Map<string, number[]>()
  for (const k of kernels) for (const name of k.reads) readers.set(name, [...(readers.get(name) ?? []), k.id])
  return readers
}

const PART: Readonly<Partial<Record<DrawnNode['part'], string>>> = { backward: 'gradient' }

function drawnNode(node: ShownNode, isKernels: boolean, readBy: ReadBy) {
  const { key, part, kind, title, type, kernels, places, inputs, outputs } = node
  const isKernel = isKernels && kernels.length > 0 && kind !== 'group'
  // An op that nobody has named is called by its name anyway.
  const lines = linesOf(node).filter((line, i) => i !== 1 || line !== title)
  const what = kind === 'group' ? 'scope, closed' : isKernel ? `${PART[part] ?? part} kernel` : (PART[part] ?? part)
  return {
    key,
    part,
    kind: isKernel ? ('kernel' as const) : kind,
    lines,
    // As it is seen, so that it can be called by what is seen.
    label: `${lines.join(' ')}, ${what}`,
    kernels,
    readBy: kernels.length > 0 ? [] : (readBy.get(`${title} ${type ?? ''}`) ?? []),
    places: [...new Set(places.map((p) => p.line))],
    inputs,
    outputs,
  }
}

function drawnEdge(
  { from, to, label, carries }: ShownEdge,
  { points, far, ...way }: Way,
  labelled: boolean,
): DrawnEdge {
  const isLabelled = labelled && !far
  return { from, to, label, carries, points, far, isLabelled, middle: isLabelled ? way.label : middleOf(points) }
}

function middleOf(points: readonly Point[]): Point {
  const half = (points.length - 1) / 2
  const [a, b] = [points[Math.floor(half)]!, points[Math.ceil(half)]!]
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}
