import { showShape, showType } from '../ir/type'
import { type Group, type Grouping, groupsOf } from './groups'
import type { GraphView, Place, TensorView } from './inspection'
import type { Part } from './part'
import { UPDATES } from './sections'

/** A node of a graph that is shown: a tensor, or a group of tensors that is closed. */
export interface ShownNode {
  /** Of a group what opens it. */
  readonly key: string
  readonly kind: 'tensor' | 'group'
  /** Of a group the first of forward, backward and update that it has. */
  readonly part: Part
  /** A name. */
  readonly title: string
  /** An op, or how many tensors a group has of which part. */
  readonly subtitle: string
  /** Only of a tensor: `float32[32, 256]`. */
  readonly type?: string
  /** The key of the frame it stands in. */
  readonly frame?: string
  /** Ids of the tensors it stands for, the numbers in their formulas included. */
  readonly tensors: readonly number[]
  readonly counts: Readonly<Partial<Record<Part, number>>>
  /** The kernels that compute them, by id. */
  readonly kernels: readonly number[]
  /** The lines of the model that they come from. */
  readonly places: readonly Place[]
  /** Names and types of what it reads from others, and of what others read or the entry gives. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** All that one node reads of another. */
export interface ShownEdge {
  readonly from: string
  readonly to: string
  readonly tensors: readonly number[]
  /** Names and types. */
  readonly carries: readonly string[]
  /** The shape, or how many tensors there are. */
  readonly label: string
}

/** A group that is open. */
export interface ShownFrame {
  readonly key: string
  /** A scope of the model, or tensors that were too many for it: pictures have frames around scopes. */
  readonly kind: 'scope' | 'part'
  readonly title: string
  /** The frame that it stands in. */
  readonly frame?: string
}

/** A graph as it is drawn: tensors, scopes that are closed to one box each, and frames around those that are open. */
export interface ShownGraph {
  /** In the order of their first tensors, updates that are closed at the end. */
  readonly nodes: readonly ShownNode[]
  readonly edges: readonly ShownEdge[]
  /** From the outside to the inside. */
  readonly frames: readonly ShownFrame[]
}

/**
 * A graph in which every group that is not open is one node. Groups are scopes, by their paths; tensors outside scopes, where
 * there are too many, are grouped by what they serve, by lines of the model and by runs: nodes tell the keys. Gradients are in
 * the scope of what they are gradients of. Numbers have no nodes: they stand in formulas.
 */
export function collapse(graph: GraphView, open: ReadonlySet<string>): ShownGraph {
  const grouping = groupsOf(graph)
  const closed = closedBy(grouping, open)
  const { tensors } = graph
  const nodeOf = new Map<Group | number, Draft>()
  const drafts: Draft[] = []
  const draftOf = (id: number): Draft => {
    const group = grouping.of.get(id)!
    const of = closed.get(group) ?? grouping.within.get(id) ?? id
    let draft = nodeOf.get(of)
    if (!draft) {
      const frame = typeof of === 'number' ? group : of.parent!
      draft = {
        of,
        key: typeof of === 'number' ? `#${of}` : of.id,
        frame,
        ids: [],
        inputs: new Set(),
        outputs: new Set(),
      }
      nodeOf.set(of, draft)
      drafts.push(draft)
    }
    return draft
  }
  const edges = new Map<string, { from: Draft; to: Draft; ids: Set<number> }>()
  const at = tensors.map(({ id }) => draftOf(id))
  for (const { id, inputs } of tensors) {
    const to = at[id]!
    to.ids.push(id)
    for (const x of inputs) {
      const from = at[x]!
      if (from === to || grouping.within.has(x)) continue
      const key = `${from.key}\n${to.key}`
      const edge = edges.get(key)
      if (edge) edge.ids.add(x)
      else edges.set(key, { from, to, ids: new Set([x]) })
      to.inputs.add(x)
      from.outputs.add(x)
    }
  }
  for (const id of [...Object.values(graph.outputs), ...Object.values(graph.updates)]) at[id]!.outputs.add(id)
  drafts.sort((a, b) => placeOf(a) - placeOf(b))
  return {
    nodes: drafts.map((draft) => nodeView(draft, tensors)),
    edges: [...edges.values()].map(({ from, to, ids }) => edgeView(from.key, to.key, [...ids], tensors)),
    frames: grouping.groups
      .filter((g) => g.parent && g.size > 0 && !closed.has(g))
      .map(({ id, kind, label, parent }) => ({ key: id, kind, title: label, ...frameOf(parent!) })),
  }
}

/**
 * Which groups to open at first: from the outside to the inside, small ones before large ones, as many as leave at most so
 * many nodes, without the arithmetic of optimisers. Groups of one size are often layers of one kind: all of them are opened,
 * or none. A graph that has more than that at its outside shows all of those.
 */
export function openAtFirst(graph: GraphView, most = 150): Set<string> {
  const whole = groupsOf(graph).groups[0]!
  const open = new Set<string>()
  let shown = whole.groups.length + whole.tensors.length
  let level = whole.groups
  while (level.length > 0) {
    const sizes = new Map<number, Group[]>()
    for (const group of level)
      if (group.label !== UPDATES) sizes.set(group.size, [...(sizes.get(group.size) ?? []), group])
    level = []
    for (const [, alike] of [...sizes].sort(([a], [b]) => a - b)) {
      const more = alike.reduce((sum, { groups, tensors }) => sum + groups.length + tensors.length - 1, 0)
      if (shown + more > most) continue
      shown += more
      for (const group of alike) {
        open.add(group.id)
        level.push(...group.groups)
      }
    }
  }
  return open
}

/** Of each group that does not show what is in it, the outermost such group around it, or itself. */
function closedBy({ groups }: Grouping, open: ReadonlySet<string>): Map<Group, Group> {
  const closed = new Map<Group, Group>()
  for (const group of groups) {
    if (!group.parent) continue
    const by = closed.get(group.parent) ?? (open.has(group.id) ? undefined : group)
    if (by) closed.set(group, by)
  }
  return closed
}

/** A node while it is found what belongs to it. */
interface Draft {
  readonly of: Group | number
  readonly key: string
  readonly frame: Group
  readonly ids: number[]
  readonly inputs: Set<number>
  readonly outputs: Set<number>
}

/** Updates begin with the rates of the step, and end what is shown. */
const placeOf = ({ of, ids }: Draft): number => (typeof of !== 'number' && of.label === UPDATES ? ids.at(-1)! : ids[0]!)

const frameOf = (group: Group): { frame?: string } => (group.parent ? { frame: group.id } : {})

const typed = (ids: Iterable<number>, tensors: readonly TensorView[]): string[] =>
  [...ids].map((id) => `${tensors[id]!.name} ${showType(tensors[id]!)}`)

function nodeView({ of, key, frame, ids, inputs, outputs }: Draft, tensors: readonly TensorView[]): ShownNode {
  const own = ids.map((id) => tensors[id]!)
  const counts: Partial<Record<Part, number>> = {}
  for (const { part } of own) counts[part] = (counts[part] ?? 0) + 1
  const places = new Map<string, Place>()
  for (const { place } of own) if (place) places.set(`${place.file}:${place.line}`, place)
  const one = typeof of === 'number' ? tensors[of]! : undefined
  return {
    key,
    kind: one ? 'tensor' : 'group',
    part: one ? one.part : mainOf(counts),
    title: one ? one.name : (of as Group).label,
    subtitle: one ? one.op : countText(counts),
    ...(one ? { type: showType(one) } : {}),
    ...frameOf(frame),
    tensors: ids,
    counts,
    kernels: [...new Set(own.flatMap((t) => t.kernels))].sort((a, b) => a - b),
    places: [...places.values()],
    inputs: typed(inputs, tensors),
    outputs: typed(outputs, tensors),
  }
}

const ORDER: readonly Part[] = ['forward', 'backward', 'update', 'state', 'input', 'constant']
const WORDS: Readonly<Record<Part, string>> = {
  forward: 'forward',
  backward: 'gradient',
  update: 'update',
  state: 'state',
  input: 'input',
  constant: 'constant',
}

/** A scope of the model stands among its forward, whatever its gradients are. */
const mainOf = (counts: ShownNode['counts']): Part => ORDER.find((part) => counts[part])!

export const countText = (counts: ShownNode['counts']): string =>
  ORDER.filter((part) => counts[part] && part !== 'constant')
    .map((part) => `${counts[part]} ${WORDS[part]}`)
    .join(', ')

function edgeView(from: string, to: string, ids: readonly number[], tensors: readonly TensorView[]): ShownEdge {
  const label = ids.length === 1 ? showShape(tensors[ids[0]!]!.shape) : `${ids.length} tensors`
  return { from, to, tensors: ids, carries: typed(ids, tensors), label }
}
