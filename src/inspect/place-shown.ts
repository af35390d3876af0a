import type { Dagre } from '../drawing/dagre'
import type { Diagram, Layout, Size } from '../drawing/layout'
import { layOutNested } from '../drawing/nested'
import { boxSize } from '../drawing/svg'
import type { ShownFrame, ShownGraph, ShownNode } from './collapse'
import type { Part } from './part'

/** The text in the box of a node. */
export const linesOf = ({ title, subtitle, type }: ShownNode): string[] => [
  shortened(title),
  shortened(subtitle),
  ...(type === undefined ? [] : [type]),
]

const LONGEST = 36
const shortened = (text: string): string =>
  [...text].length > LONGEST ? `${[...text].slice(0, LONGEST - 1).join('')}…` : text

/** A frame of a picture. */
export interface DrawnFrame {
  /** By which its place is found in the layout. */
  readonly id: string
  /** The scope that it is around. */
  readonly key: string
  readonly title: string
  readonly parent?: string
}

/**
 * The frames that are drawn: around what a scope computes forward, and another around its gradients, which are computed in
 * another order. Groups that are no scopes have none: their tensors stand where they are read.
 */
export const framesOf = (shown: ShownGraph): readonly DrawnFrame[] => framed(shown).frames

function framed({ nodes, frames }: ShownGraph): { frames: DrawnFrame[]; parents: ReadonlyMap<string, string> } {
  const known = new Map(frames.map((f) => [f.key, f]))
  const made = new Map<string, DrawnFrame>()
  const parents = new Map<string, string>()
  const scopeAt = (key: string | undefined): ShownFrame | undefined => {
    let frame = key === undefined ? undefined : known.get(key)
    while (frame && frame.kind !== 'scope') frame = frame.frame === undefined ? undefined : known.get(frame.frame)
    return frame
  }
  for (const { key, frame, part } of nodes) {
    const section = SECTIONS[part]
    const around: ShownFrame[] = []
    for (let f = scopeAt(frame); f && !made.has(`${section} ${f.key}`); f = scopeAt(f.frame)) around.push(f)
    for (const { key: scope, title, frame: outer } of around.reverse()) {
      const parent = made.get(`${section} ${scopeAt(outer)?.key ?? ''}`)
      const isFirst = !SECTION_NAMES.some((other) => made.has(`${other} ${scope}`))
      made.set(`${section} ${scope}`, {
        id: isFirst ? `frame ${scope}` : `frame ${scope} ${section}`,
        key: scope,
        title: section === 'forward' ? title : `${title}: ${section}`,
        ...(parent ? { parent: parent.id } : {}),
      })
    }
    const scope = scopeAt(frame)
    if (scope) parents.set(key, made.get(`${section} ${scope.key}`)!.id)
  }
  return { frames: [...made.values()], parents }
}

const SECTION_NAMES = ['forward', 'gradients', 'updates'] as const
const SECTIONS: Readonly<Record<Part, (typeof SECTION_NAMES)[number]>> = {
  input: 'forward',
  state: 'forward',
  constant: 'forward',
  forward: 'forward',
  backward: 'gradients',
  update: 'updates',
}

/** Labels between many boxes hide more than they tell: the tips of the lines tell the same. */
export const isLabelled = ({ edges }: ShownGraph): boolean => edges.length <= 120

/** Lays out what `collapse` gives. */
export function layOutShown(dagre: Dagre, shown: ShownGraph): Layout {
  const { nodes, edges } = shown
  const sizes = new Map(nodes.map((node) => [node.key, boxSize(linesOf(node))]))
  const { frames, parents } = framed(shown)
  const parentOf = (parent: string | undefined): { parent?: string } => (parent === undefined ? {} : { parent })
  const order = orderOf(nodes, frames, parents)
  const diagram: Diagram = {
    // Of two boxes that read from each other the first in the list stands above.
    nodes: [
      ...frames.map(({ id, parent }) => ({ id, frame: true, ...parentOf(parent) })),
      ...nodes.map(({ key }) => ({ id: key, ...parentOf(parents.get(key)) })),
    ].sort((a, b) => order.get(a.id)! - order.get(b.id)!),
    edges,
  }
  const label = isLabelled(shown) ? labelSize : (): Size => ({ width: 0, height: 0 })
  return layOutNested(dagre, diagram, { box: (id) => sizes.get(id)!, label }, { far: FAR })
}

/** Frames stand in line where their first box does, those of gradients where their last does: masks are made early. */
function orderOf(
  nodes: readonly ShownNode[],
  frames: readonly DrawnFrame[],
  parents: ReadonlyMap<string, string>,
): Map<string, number> {
  const known = new Map(frames.map((f) => [f.id, f]))
  const order = new Map<string, number>()
  nodes.forEach(({ key, part }, i) => {
    order.set(key, i)
    for (let f = known.get(parents.get(key) ?? ''); f; f = known.get(f.parent ?? ''))
      if (!order.has(f.id) || SECTIONS[part] !== 'forward') order.set(f.id, i)
  })
  return order
}

// Gradients read tensors from far above: such lines would push everything apart.
const FAR = 3

const labelSize = (text: string): Size => ({ width: [...text].length * 6.6, height: 14 })
