import { type Affine, type Axis, isAxis, sameAffine } from '../ir/affine'
import type { Block, Choice, Loop } from '../ir/block'
import { call, costOfCall, isRounded, type Load, loadsOf, mapScalars, type Scalar, walk } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { isPointLoad, isView } from './form'
import { type Joins, joinsIn } from './join'
import { valueOfInner } from './loop'
import { load, spaces } from './lower'
import type { FusionNotes } from './notes'
import { mapBlock, reindex } from './rewrite-block'
import { placeOf, type Scope } from './scope'
import { lowerAll, type Lowered, type Use, usesOf } from './uses'

/** Recomputed in each reader up to this cost; dearer values are stored when several read them. */
const CHEAP = 2
/** A function as dear as this one by one costs more than a buffer. */
const DEAR = 12
/** About 8 KB of bytecode: beyond it, V8 stops optimising well. */
export const MAX_SCALARS = 400

export interface InlineOptions {
  /** Substitute pointwise producers into their readers; views are always substituted. */
  readonly pointwise: boolean
}

const NO_JOINS: Joins = { joined: new Map(), parts: new Map() }

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
  { scope, innerOf }: Surroundings,
): Block[] {
  const { spaceOf, virtual } = scope
  const lowered = lowerAll(order, spaceOf)
  const uses = usesOf(order, lowered)
  const joins: Joins = pointwise ? joinsIn(order, roots, lowered, uses) : NO_JOINS
  const stored: Block[] = []
  const read = (x: Tensor, index: readonly Affine[]): Scalar => {
    const producer = virtual.get(x)
    return producer ? valueAt(producer, index) : load(x, index, false)
  }
  const reasonToStore = (t: Tensor, block: Block): string | undefined => {
    const use = uses.get(t)!
    if (roots.has(t)) return RESULT
    if (joins.parts.has(t)) return joins.parts.get(t)
    if (t.op.kind === 'loops') return 'it has loops of its own'
    if (block.reduce || block.scatter) return 'a reduction is finished before it is read'
    if (use.flat && t.op.name !== 'reshape') return 'it is read by row-major position'
    if (isView(block)) return undefined
    if (use.looped) return 'a loop reads it at every turn'
    if (use.kept) return 'it is kept to compute others from it a second time'
    if (!pointwise) return 'inlining is switched off'
    const why = obstacle(block, use)
    if (why !== undefined) return why
    return finishesReduction(block, use, uses, lowered) ? 'it is the tail of a reduction' : undefined
  }
  for (const t of order) {
    if (t.op.kind === 'region') {
      const inner = innerOf(t, { ...scope, read })
      if (inner) stored.push({ tensor: t, axes: [], value: valueOfInner(inner), inner })
      continue
    }
    const raw = lowered.get(t)?.block
    if (!raw) continue
    const inner = joins.joined.get(t)
    if (inner) {
      stored.push({ tensor: t, axes: [], value: valueOfInner(inner), inner })
      continue
    }
    const block = t.inputs.some((x) => virtual.has(x)) ? waiting(substituted(raw, scope), virtual) : raw
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

/** What the tensors that are lowered together lie in. */
export interface Surroundings {
  readonly scope: Scope
  /** The kernels of a region, if any of its parts is read. */
  innerOf(region: Tensor, scope: Scope): Loop | Choice | undefined
}

/** The surroundings of an entry. */
export const outermost = (): Scope => ({
  spaceOf: spaces(),
  virtual: new Map(),
  outside: new Map(),
  read: (x, index) => load(x, index, false),
})

/** Why a pointwise block is not repeated in its readers. */
function obstacle(block: Block, use: Use): string | undefined {
  if (use.contracted) return 'a contraction reads each element many times'
  const scalars = walk([block.value])
  const size = scalars.length
  if (size > MAX_SCALARS / 4) return `it is an expression of ${size} parts`
  const cost = scalars.reduce((sum, s) => sum + costOfCall(s), 0)
  if (use.searched && cost >= DEAR) return 'the position of the largest is looked for one by one, without vectors'
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

/** The block with loads of virtual tensors replaced by their values at the index read. */
function substituted(block: Block, scope: Scope): Block {
  const { virtual } = scope
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
    const value = s.flat ? flatThrough(s, scope) : valueAt(producer, s.index)
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

function flatThrough(load: Load, scope: Scope): Scalar {
  const { from, at } = placeOf(load.from, load.index[0]!, scope)
  return { ...load, from, index: [at] }
}
