import type { Dagre } from '../drawing/dagre'
import { type Diagram, type Layout, layOut, type Size } from '../drawing/layout'
import { boxSize } from '../drawing/svg'
import type { ShownFrame, ShownGraph, ShownNode } from './collapse'

/** The text in the box of a node. */
export const linesOf = ({ title, subtitle, type }: ShownNode): string[] => [
  shortened(title),
  shortened(subtitle),
  ...(type === undefined ? [] : [type]),
]

const LONGEST = 36
const shortened = (text: string): string =>
  [...text].length > LONGEST ? `${[...text].slice(0, LONGEST - 1).join('')}…` : text

/** The frames that are drawn: others would tear apart what belongs together, and take long to lay out. */
export const framesOf = ({ frames }: ShownGraph): readonly ShownFrame[] => frames.filter((f) => f.kind === 'scope')

/** Labels between many boxes hide more than they tell: the tips of the lines tell the same. */
export const isLabelled = ({ edges }: ShownGraph): boolean => edges.length <= 120

/** Lays out what `collapse` gives. */
export function layOutShown(dagre: Dagre, shown: ShownGraph): Layout {
  const { nodes, edges } = shown
  const sizes = new Map(nodes.map((node) => [node.key, boxSize(linesOf(node))]))
  const frames = new Map(shown.frames.map((f) => [f.key, f]))
  const parentOf = (key: string | undefined): { parent?: string } => {
    let frame = key === undefined ? undefined : frames.get(key)
    while (frame && frame.kind !== 'scope') frame = frame.frame === undefined ? undefined : frames.get(frame.frame)
    return frame ? { parent: `frame ${frame.key}` } : {}
  }
  const diagram: Diagram = {
    nodes: [
      ...framesOf(shown).map(({ key, frame }) => ({ id: `frame ${key}`, frame: true, ...parentOf(frame) })),
      ...nodes.map(({ key, frame }) => ({ id: key, ...parentOf(frame) })),
    ],
    edges,
  }
  const label = isLabelled(shown) ? labelSize : (): Size => ({ width: 0, height: 0 })
  return layOut(dagre, diagram, { box: (id) => sizes.get(id)!, label }, { far: FAR })
}

// Gradients read tensors from far above: such lines would push everything apart.
const FAR = 3

const labelSize = (text: string): Size => ({ width: [...text].length * 6.6, height: 14 })
