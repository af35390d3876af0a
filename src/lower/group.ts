import { type Affine, type Axis, axisIndex, constIndex } from '../ir/affine'
import { type Accumulator, type Block, type BlockOutput, type Fused, partsIn } from '../ir/block'
import { costOfCall, isRandomBlock, literal, type Load, type Scalar, walk } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { sameShape, showShape, sizeOf } from '../ir/type'
import { fillsVectors, goesAcross } from './beside'
import { isContraction, isPointLoad, longAxes } from './form'
import { MAX_SCALARS } from './inline'
import { KernelGraph, type KernelNode } from './kernel-graph'
import type { FusionNotes } from './notes'
import { mapBlock, reindex, scalarsOf } from './rewrite-block'

export interface GroupOptions {
  /** Pointwise readers of a reduction become its tail. */
  readonly epilogues: boolean
  /** Pointwise blocks, and reductions over the same axes, share a kernel. */
  readonly grouping: boolean
}

/** A kernel before equal scalars in it are made one. */
export type Grouped = Omit<Fused, 'loads'>

interface Group extends KernelNode {
  readonly axes: readonly Axis[]
  readonly members: Block[]
  readonly loads: Load[]
  size: number
}

/** A block with its loads and its size, which several questions need. */
interface Candidate {
  readonly block: Block
  readonly loads: readonly Load[]
  readonly size: number
}

/** Blocks that a root needs: an op may leave an operand unread, as a test for NaN does with integers. */
function live(blocks: readonly Block[], roots: ReadonlySet<Tensor>): Candidate[] {
  const needed = new Set(roots)
  const found: Candidate[] = []
  for (let i = blocks.length - 1; i >= 0; i--) {
    const block = blocks[i]!
    if (!needed.has(block.tensor)) continue
    const scalars = walk(scalarsOf(block))
    const loads = scalars.filter((s): s is Load => s.kind === 'load')
    for (const l of loads) needed.add(ownerOf(l.from))
    found.push({ block, loads, size: sizeOfAll(scalars) })
  }
  return found.reverse()
}

/** What computes a tensor: the parts of a region are computed together. */
const ownerOf = (t: Tensor): Tensor => (t.op.kind === 'part' ? t.inputs[0]! : t)

/** As many scalars as there will be when loops are made: a block of random bits is then written out. */
function sizeOfAll(scalars: readonly Scalar[]): number {
  let size = scalars.length
  for (const s of scalars) if (isRandomBlock(s)) size += costOfCall(s)
  return size
}

/**
 * Joins blocks over equal spatial extents into kernels: a pointwise block that reads a reduction point by point becomes
 * its epilogue, pointwise blocks that share operands become one loop with several stores, reductions over the same axes
 * share their loop. A join is made only while the graph of kernels stays acyclic.
 */
export function groupBlocks(
  blocks: readonly Block[],
  roots: ReadonlySet<Tensor>,
  options: GroupOptions,
  notes: FusionNotes,
): Grouped[] {
  const graph = new KernelGraph<Group>()
  const owner = new Map<Tensor, Group>()
  const recent = new Map<Tensor, Group[]>()
  for (const candidate of live(blocks, roots)) {
    const { block, loads } = candidate
    const needs = new Set(
      [...loads.map((l) => l.from), ...(block.after ?? [])].flatMap((t) => owner.get(ownerOf(t)) ?? []),
    )
    const host = (block.inner ? [] : candidates(candidate, needs, recent)).find((g) => {
      const why = misfit(candidate, g, owner, options) ?? (graph.mayJoin(g, needs) ? undefined : CYCLE)
      const from = why === undefined ? undefined : loads.find((l) => owner.get(ownerOf(l.from)) === g)?.from
      if (from && !notes.apart.has(block.tensor)) notes.apart.set(block.tensor, { from, why: why! })
      return why === undefined
    })
    const group = host ?? newGroup(block)
    if (host) graph.join(host, needs)
    else graph.add(group, needs)
    adopt(group, candidate)
    owner.set(block.tensor, group)
    for (const l of loads) remember(recent, l.from, group)
    if (block.axes.length === 0 && !block.inner) remember(recent, SCALARS, group)
  }
  const outside = new Set<Tensor>(roots)
  for (const g of graph.nodes()) {
    for (const l of g.loads) if (owner.get(ownerOf(l.from)) !== g) outside.add(l.from)
  }
  return graph.nodes().map((g) => finished(g, outside))
}

// Rank-0 blocks may join whether or not they share an operand; this key stands for "any".
const SCALARS = {} as Tensor

function remember(recent: Map<Tensor, Group[]>, t: Tensor, group: Group): void {
  const list = recent.get(t) ?? []
  if (list.includes(group)) return
  recent.set(t, [group, ...list].slice(0, 4))
}

function candidates(
  { block, loads }: Candidate,
  needs: ReadonlySet<Group>,
  recent: ReadonlyMap<Tensor, readonly Group[]>,
): Group[] {
  const vertical = [...needs].sort((a, b) => b.rank - a.rank)
  const horizontal = loads.flatMap((l) => recent.get(l.from) ?? [])
  const scalars = block.axes.length === 0 ? (recent.get(SCALARS) ?? []) : []
  return [...new Set([...vertical, ...horizontal, ...scalars])]
}

const extents = (axes: readonly Axis[]): number[] => axes.map((a) => a.extent)

/** Written out only where somebody asks. */
type Why = () => string
const say =
  (text: string): Why =>
  () =>
    text
const CYCLE = say('the kernels would wait for each other')

const hasLoops = ({ tensor, inner }: Block): boolean => tensor.op.kind === 'loops' || inner !== undefined

/** Why a block does not belong into a group. */
function misfit(
  { block, loads, size }: Candidate,
  group: Group,
  owner: ReadonlyMap<Tensor, Group>,
  options: GroupOptions,
): Why | undefined {
  if (hasLoops(block) || hasLoops(group.members[0]!)) return say('its loops are its own')
  const [own, others] = [extents(longAxes(block.axes)), extents(longAxes(group.axes))]
  if (!sameShape(own, others)) return () => `one runs over ${showShape(own)}, the other over ${showShape(others)}`
  if (block.scatter || group.members[0]!.scatter) return say('what is scattered has its loops for itself')
  if (group.size + size > MAX_SCALARS) return () => `a kernel has at most ${MAX_SCALARS} parts`
  const inside = loads.filter((l) => owner.get(l.from) === group)
  if (!inside.every((l) => isPointLoad(l, block.axes))) return say('it reads other points than its own')
  const { reduce } = group.members[0]!
  if (block.reduce) {
    if (!options.grouping) return say('grouping is switched off')
    if (inside.length > 0) return say('a reduction reads only what is finished')
    if (reduce === undefined) return say('only one of them is a reduction')
    if (!sameShape(extents(block.reduce.axes), extents(reduce.axes))) return say('they reduce over different extents')
    if (isContraction(reduce) || isContraction(block.reduce)) return say('a contraction has its loop for itself')
    const [own, others] = [goesAcross(block), goesAcross(group.members[0]!)]
    return own === undefined || others === undefined || own === others
      ? undefined
      : say('one goes along what lies side by side, the other across')
  }
  if (reduce) {
    if (inside.length === 0) return say('it does not read the reduction')
    const beside = loads.filter((l) => owner.get(l.from) !== group)
    if (isContraction(reduce) && !fillsVectors(block, beside, reduce))
      return say('the contraction would lose its vectors')
    return options.epilogues ? undefined : say('epilogues are switched off')
  }
  if (!options.grouping) return say('grouping is switched off')
  return sizeOf(extents(block.axes)) > 0 ? undefined : say('there are no elements')
}

const newGroup = (block: Block): Group => ({
  axes: block.axes,
  members: [],
  loads: [],
  size: 0,
  rank: 0,
  before: new Set(),
  after: new Set(),
})

/** Adds a block, its axes replaced by the group's. */
function adopt(group: Group, { block, loads, size }: Candidate): void {
  const first = group.members[0]
  group.size += size
  group.loads.push(...loads)
  if (!first) {
    group.members.push(block)
    return
  }
  if (block.axes === group.axes && !block.reduce) {
    group.members.push(block)
    return
  }
  const long = longAxes(group.axes)
  const map = new Map<Axis, Affine>(longAxes(block.axes).map((axis, i) => [axis, axisIndex(long[i]!)]))
  for (const axis of block.axes) if (axis.extent === 1) map.set(axis, constIndex(0))
  block.reduce?.axes.forEach((axis, i) => map.set(axis, axisIndex(first.reduce!.axes[i]!)))
  const moved = mapBlock(block, reindex(map))
  group.members.push({
    ...moved,
    axes: group.axes,
    ...(moved.reduce ? { reduce: { ...moved.reduce, axes: first.reduce!.axes } } : {}),
  })
}

/** Values inside the group replace loads of one another; only what others read is stored. */
function finished(group: Group, outside: ReadonlySet<Tensor>): Grouped {
  const { inner, after: waits } = group.members[0]!
  if (inner) {
    const values = partsIn(inner).map((tensor) => ({ tensor, value: literal(0, tensor.dtype) }))
    return { axes: [], values, outputs: values, inner, ...(waits ? { after: waits } : {}) }
  }
  const values: BlockOutput[] = []
  const known = new Map<Tensor, BlockOutput['value']>()
  const accumulators: Accumulator[] = []
  for (const member of group.members) {
    const alone = values.length === 0
    const { tensor, value, reduce } = alone
      ? member
      : mapBlock(member, (s) => (s.kind === 'load' ? known.get(s.from) : undefined))
    accumulators.push(...(reduce?.accumulators ?? []))
    known.set(tensor, value)
    values.push({ tensor, value })
  }
  const reduce = group.members.find((m) => m.reduce)?.reduce
  const { scatter } = group.members[0]!
  const after = new Set(group.members.flatMap((m) => m.after ?? []))
  return {
    axes: group.axes,
    ...(scatter ? { scatter } : {}),
    ...(reduce ? { reduce: { axes: reduce.axes, accumulators } } : {}),
    values,
    outputs: values.filter(({ tensor }) => outside.has(tensor)),
    ...(after.size > 0 ? { after: [...after] } : {}),
  }
}
