import { fileName } from '../ir/place'
import { sections, UPDATES } from './sections'
import type { GraphView, TensorView } from './inspection'

/** Tensors that may be shown as one node. */
export interface Group {
  /** The path of the scope; of parts of one that is too large, more behind it. */
  readonly id: string
  readonly label: string
  /** A scope of the model, or what was made of tensors that are too many. */
  readonly kind: 'scope' | 'part'
  /** Absent for the whole graph. */
  readonly parent?: Group
  readonly groups: Group[]
  /** Ids of those that are in none of its groups, in order. */
  tensors: number[]
  /** How many it has with those of its groups. */
  size: number
}

export interface Grouping {
  /** From the outside to the inside, the whole graph first. */
  readonly groups: readonly Group[]
  /** The group that a tensor is in. */
  readonly of: ReadonlyMap<number, Group>
  /** Numbers stand in the formula of what reads them: the reader in whose node they are. */
  readonly within: ReadonlyMap<number, number>
}

// What is side by side in one group: more is not read any more.
const MOST = 100
// A group that can be told apart by nothing else has runs of so many at least.
const RUN = 20

/**
 * The groups of a graph: its scopes, and where one has too many tensors by itself, what they serve, then the lines of the
 * model, then runs of neighbours. In linear time; the same graph always has the same groups.
 */
export function groupsOf(graph: GraphView): Grouping {
  const { tensors } = graph
  const readers = firstReaders(graph)
  const within = new Map<number, number>()
  const results = new Set([...Object.values(graph.outputs), ...Object.values(graph.updates)])
  for (const { id, part, shape } of tensors) {
    const reader = readers.get(id)
    if (part === 'constant' && shape.length === 0 && reader !== undefined && !results.has(id)) within.set(id, reader)
  }
  const whole: Group = { id: '', label: '', kind: 'scope', groups: [], tensors: [], size: 0 }
  const groups = [whole]
  const byScope = new Map([['', whole]])
  const inScope = (scope: string): Group => {
    const known = byScope.get(scope)
    if (known) return known
    let group = whole
    let path = ''
    for (const name of scope.split('/')) {
      path = path === '' ? name : `${path}/${name}`
      let inner = byScope.get(path)
      if (!inner) {
        inner = groupIn(group, path.startsWith(UPDATES) ? 'part' : 'scope', path, name)
        byScope.set(path, inner)
        groups.push(inner)
      }
      group = inner
    }
    byScope.set(scope, group)
    return group
  }
  const { scopes, sectionOf } = sections(graph, readers)
  for (const { id } of tensors) if (!within.has(id)) inScope(scopes[id]!).tensors.push(id)
  // The list grows while it is walked: parts may be too large again.
  for (const group of groups) groups.push(...split(group, tensors, (t) => sectionOf(t.id), readers))
  const of = new Map<number, Group>()
  for (const group of groups) for (const id of group.tensors) of.set(id, group)
  for (const group of [...groups].reverse()) {
    group.size += group.tensors.length
    if (group.parent) group.parent.size += group.size
  }
  for (const [id, reader] of within) of.set(id, of.get(reader)!)
  return { groups, of, within }
}

function groupIn(parent: Group, kind: Group['kind'], id: string, label: string): Group {
  const group: Group = { id, label, kind, parent, groups: [], tensors: [], size: 0 }
  parent.groups.push(group)
  return group
}

function firstReaders({ tensors }: GraphView): Map<number, number> {
  const readers = new Map<number, number>()
  for (const { id, inputs } of tensors) for (const x of inputs) if (!readers.has(x)) readers.set(x, id)
  return readers
}

/** Moves tensors of a group that has too many into groups inside of it. */
function split(
  group: Group,
  all: readonly TensorView[],
  sectionOf: (t: TensorView) => string,
  readers: ReadonlyMap<number, number>,
): readonly Group[] {
  if (group.tensors.length <= MOST) return []
  /** What is only read stands where it is read first. */
  const lineOf = (t: TensorView): { key: string; label: string } => {
    const reader = t.part === 'state' || t.part === 'constant' ? readers.get(t.id) : undefined
    const { place } = reader === undefined ? t : all[reader]!
    if (!place) return { key: 'elsewhere', label: 'elsewhere' }
    return { key: `${place.file}:${place.line}`, label: `${fileName(place.file)}:${place.line}` }
  }
  const own = group.tensors
  const length = Math.max(RUN, Math.ceil(own.length / (MOST / 2)))
  const runOf = (i: number): { key: string; label: string } => {
    const first = Math.floor(i / length) * length
    const last = Math.min(first + length, own.length) - 1
    const [a, b] = [all[own[first]!]!.name, all[own[last]!]!.name]
    return { key: String(first), label: `${a} … ${b}` }
  }
  const ways: readonly ((i: number) => { key: string; label: string })[] = [
    (i) => ({ key: sectionOf(all[own[i]!]!), label: sectionOf(all[own[i]!]!) }),
    (i) => lineOf(all[own[i]!]!),
    runOf,
  ]
  for (const way of ways) {
    const parts = new Map<string, { label: string; ids: number[] }>()
    own.forEach((id, i) => {
      const { key, label } = way(i)
      const part = parts.get(key)
      if (part) part.ids.push(id)
      else parts.set(key, { label, ids: [id] })
    })
    if (parts.size < 2 || parts.size > MOST) continue
    const alone = [...parts.values()].filter(({ ids }) => ids.length === 1)
    group.tensors = alone.map(({ ids }) => ids[0]!)
    return [...parts]
      .filter(([, { ids }]) => ids.length > 1)
      .map(([key, { label, ids }]) => {
        const made = groupIn(group, 'part', `${group.id}//${key}`, label)
        made.tensors = ids
        return made
      })
  }
  return []
}
