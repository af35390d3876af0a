import { type Affine, type Axis, isAxis, sameAffine } from '../ir/affine'
import type { Block } from '../ir/block'
import { readersOf } from '../ir/graph'
import { call, costOfCall, isRounded, type Load, loadsOf, mapScalars, type Scalar, walk } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { isContraction, isPointLoad, isView, pointsOf } from './form'
import { lowerTensor, spaces } from './lower'
import type { FusionNotes } from './notes'
import { mapBlock, reindex, scalarsOf } from './rewrite-block'

/** Recomputed in each reader up to this cost; dearer values are stored when several read them. */
const CHEAP = 2
/** About 8 KB of bytecode: beyond it, V8 stops optimising well. */
export const MAX_SCALARS = 400

export interface InlineOptions {
  /** Substitute pointwise producers into their readers; views are always substituted. */
  readonly pointwise: boolean
}

/** Needs no saying. */
const RESULT = 'it is a result'

/**
 * Decides which tensors get a buffer and substitutes the others into their readers: views always, pointwise producers
 * where that repeats no dear work. Operands of contractions keep a buffer, since a contraction reads each element many
 * times.
 */
export function inlineBlocks(
  order: readonly Tensor[],
  roots: ReadonlySet<Tensor>,
  { pointwise }: InlineOptions,
  notes: FusionNotes,
): Block[] {
  const lowered = new Map<Tensor, Lowered>()
  const spaceOf = spaces()
  for (const t of order)
    if (t.op.kind === 'point' || t.op.kind === 'loops') lowered.set(t, describeBlock(lowerTensor(t, spaceOf)))
  const uses = usesOf(order, lowered)
  const virtual = new Map<Tensor, Block>()
  const stored: Block[] = []
  const reasonToStore = (t: Tensor, block: Block): string | undefined => {
    const use = uses.get(t)!
    if (roots.has(t)) return RESULT
    if (t.op.kind === 'loops') return 'it has loops of its own'
    if (block.reduce || block.scatter) return 'a reduction is finished before it is read'
    if (use.flat && t.op.name !== 'reshape') return 'it is read by row-major position'
    if (isView(block)) return undefined
    if (use.kept) return 'it is kept to compute others from it a second time'
    if (!pointwise) return 'inlining is switched off'
    const why = obstacle(block, use)
    if (why !== undefined) return why
    return finishesReduction(block, use, uses, lowered) ? 'it is the tail of a reduction' : undefined
  }
  for (const [t, { block: raw }] of lowered) {
    const block = t.inputs.some((x) => virtual.has(x)) ? waiting(substituted(raw, virtual), virtual) : raw
    const use = uses.get(t)!
    const reason = reasonToStore(t, block)
    if (reason !== undefined) {
      stored.push(block)
      if (reason !== RESULT) notes.stored.set(t, reason)
      continue
    }
    virtual.set(t, use.readers > 1 && !isRounded(block.value) ? { ...block, value: call('round', block.value) } : block)
  }
  return stored
}

/** Why a pointwise block is not repeated in its readers. */
function obstacle(block: Block, use: Use): string | undefined {
  if (use.contracted) return 'a contraction reads each element many times'
  const scalars = walk([block.value])
  const size = scalars.length
  if (size > MAX_SCALARS / 4) return `it is an expression of ${size} parts`
  const cost = scalars.reduce((sum, s) => sum + costOfCall(s), 0)
  const repeats = use.readers > 1 || use.points > 1.5 * sizeOf(block.tensor.shape)
  if (!repeats || (cost <= CHEAP && size <= 6)) return undefined
  return use.readers > 1
    ? `repeating it in ${use.readers} readers would cost more than a buffer`
    : 'its reader would compute each element more than once'
}

/** The only reader of a reduction becomes its tail at no cost, which beats repeating it in several readers. */
function finishesReduction(
  block: Block,
  use: Use,
  uses: ReadonlyMap<Tensor, Use>,
  lowered: ReadonlyMap<Tensor, Lowered>,
): boolean {
  if (use.readers < 2) return false
  return loadsOf([block.value]).some(
    (l) => lowered.get(l.from)?.block.reduce && uses.get(l.from)!.readers === 1 && isPointLoad(l, block.axes),
  )
}

/** How a tensor is read, seen through views. */
interface Use {
  readers: number
  /** Most points at which one reader evaluates it. */
  points: number
  contracted: boolean
  /** Read by row-major position, which needs a buffer. */
  flat: boolean
  /** Read a second time, much later. */
  kept: boolean
}

/** Whether an operand is read, and not only waited for. */
const reads = ({ op, inputs }: Tensor, x: Tensor): boolean =>
  !op.waitsFor || inputs.some((y, i) => y === x && !op.waitsFor!.includes(i))

/** A block with what its operands ask about it. */
interface Lowered {
  readonly block: Block
  readonly isView: boolean
  readonly isContraction: boolean
  readonly points: number
  /** Operands read by row-major position. */
  readonly flat: ReadonlySet<Tensor> | undefined
}

function describeBlock(block: Block): Lowered {
  const flat = readByPosition(block)
  return { block, isView: isView(block), isContraction: isContraction(block.reduce), points: pointsOf(block), flat }
}

/** What a block reads by row-major position. */
function readByPosition(block: Block): ReadonlySet<Tensor> | undefined {
  const flat = loadsOf(scalarsOf(block)).filter((l) => l.flat)
  return flat.length > 0 ? new Set(flat.map((l) => l.from)) : undefined
}

function usesOf(order: readonly Tensor[], lowered: ReadonlyMap<Tensor, Lowered>): Map<Tensor, Use> {
  const readers = readersOf(order)
  const uses = new Map<Tensor, Use>()
  for (let i = order.length - 1; i >= 0; i--) {
    const t = order[i]!
    const use: Use = { readers: 0, points: 0, contracted: false, flat: false, kept: false }
    for (const r of readers.get(t) ?? []) {
      const reader = lowered.get(r)
      if (!reader || !reads(r, t)) continue
      const beyond = reader.isView ? uses.get(r)! : undefined
      use.readers += beyond && beyond.readers > 0 ? beyond.readers : 1
      use.points = Math.max(use.points, beyond?.points ?? 0, reader.points)
      use.contracted ||= beyond ? beyond.contracted : reader.isContraction
      use.flat ||= reader.flat?.has(t) ?? false
      use.kept ||= r.op.waitsFor !== undefined || (beyond?.kept ?? false)
      // A reshape that is read by position passes the positions on to its operand.
      use.flat ||= r.op.name === 'reshape' && uses.get(r)!.flat
    }
    uses.set(t, use)
  }
  return uses
}

/** The block with loads of virtual tensors replaced by their values at the index read. */
function substituted(block: Block, virtual: ReadonlyMap<Tensor, Block>): Block {
  const made = new Map<Tensor, { readonly load: Load; readonly value: Scalar }[]>()
  return mapBlock(block, (s) => {
    if (s.kind !== 'load') return undefined
    const producer = virtual.get(s.from)
    if (!producer) return undefined
    const before = made.get(s.from) ?? []
    const same = before.find(
      ({ load }) =>
        load.flat === s.flat && load.offset === s.offset && load.index.every((a, i) => sameAffine(a, s.index[i]!)),
    )
    if (same) return same.value
    const value = s.flat ? flatThrough(s, virtual) : valueAt(producer, s.index)
    made.set(s.from, [...before, { load: s, value }])
    return value
  })
}

/** A block that reads what waits, waits; what has no buffer is finished when its operands are. */
function waiting(block: Block, virtual: ReadonlyMap<Tensor, Block>): Block {
  const { tensor } = block
  if (!block.after && !tensor.inputs.some((x) => virtual.get(x)?.after)) return block
  const after = new Set<Tensor>()
  for (const x of tensor.inputs) for (const t of virtual.get(x)?.after ?? []) after.add(t)
  for (const t of block.after ?? []) {
    const producer = virtual.get(t)
    if (producer) for (const { from } of loadsOf([producer.value])) after.add(from)
    else after.add(t)
  }
  return { ...block, after: [...after] }
}

function valueAt(producer: Block, index: readonly Affine[]): Scalar {
  if (index.every((a, i) => isAxis(a, producer.axes[i]!))) return producer.value
  const map = new Map<Axis, Affine>(producer.axes.map((axis, i) => [axis, index[i]!]))
  return mapScalars([producer.value], reindex(map))[0]!
}

/** Only reshapes are virtual under a read by position, and they keep row-major positions. */
function flatThrough(load: Load, virtual: ReadonlyMap<Tensor, Block>): Scalar {
  let from = load.from
  while (virtual.has(from)) from = from.inputs[0]!
  return { ...load, from }
}
