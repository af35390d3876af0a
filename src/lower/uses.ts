import type { Block } from '../ir/block'
import { readersOf, toposort } from '../ir/graph'
import { bodyResults } from '../ir/region'
import { loadsOf } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { operandsOf } from '../ops/region'
import { isContraction, isView, pointsOf } from './form'
import { lowerTensor, spaces } from './lower'
import { scalarsOf } from './rewrite-block'
import type { Scope } from './scope'

/** The block of each tensor that has one. */
export function lowerAll(order: readonly Tensor[], spaceOf: Scope['spaceOf']): Map<Tensor, Lowered> {
  const lowered = new Map<Tensor, Lowered>()
  for (const t of order)
    if (t.op.kind === 'point' || t.op.kind === 'loops') lowered.set(t, describeBlock(lowerTensor(t, spaceOf)))
  return lowered
}

/** How a tensor is read, seen through views. */
export interface Use {
  readers: number
  /** Most points at which one reader evaluates it. */
  points: number
  contracted: boolean
  /** Read where the position of the largest is looked for. */
  searched: boolean
  /** Read by row-major position, which needs a buffer. */
  flat: boolean
  /** Read a second time, much later. */
  kept: boolean
  /** Read at every turn of a loop. */
  looped: boolean
}

/** Whether an operand is read, and not only waited for. */
const reads = ({ op, inputs }: Tensor, x: Tensor): boolean =>
  !op.waitsFor || inputs.some((y, i) => y === x && !op.waitsFor!.includes(i))

/** A block with what its operands ask about it. */
export interface Lowered {
  readonly block: Block
  readonly isView: boolean
  readonly isContraction: boolean
  readonly isSearch: boolean
  readonly points: number
  /** Operands read by row-major position. */
  readonly flat: ReadonlySet<Tensor> | undefined
}

function describeBlock(block: Block): Lowered {
  const flat = readByPosition(block)
  const isSearch = block.reduce?.accumulators.some((a) => a.combine === 'arg') ?? false
  return {
    block,
    isView: isView(block),
    isContraction: isContraction(block.reduce),
    isSearch,
    points: pointsOf(block),
    flat,
  }
}

/** What a block reads by row-major position. */
function readByPosition(block: Block): ReadonlySet<Tensor> | undefined {
  const flat = loadsOf(scalarsOf(block)).filter((l) => l.flat)
  return flat.length > 0 ? new Set(flat.map((l) => l.from)) : undefined
}

export function usesOf(order: readonly Tensor[], lowered: ReadonlyMap<Tensor, Lowered>): Map<Tensor, Use> {
  const readers = readersOf(order)
  const uses = new Map<Tensor, Use>()
  for (let i = order.length - 1; i >= 0; i--) {
    const t = order[i]!
    const use: Use = {
      readers: 0,
      points: 0,
      contracted: false,
      searched: false,
      flat: false,
      kept: false,
      looped: false,
    }
    for (const r of readers.get(t) ?? []) {
      if (r.op.kind === 'region') {
        use.readers++
        use.looped = true
        use.flat ||= operandsOf(r).some((o) => o.operand === t && o.stand && standsReadByPosition(r).has(o.stand))
      }
      const reader = lowered.get(r)
      if (!reader || !reads(r, t)) continue
      const beyond = reader.isView ? uses.get(r)! : undefined
      use.readers += beyond && beyond.readers > 0 ? beyond.readers : 1
      use.points = Math.max(use.points, beyond?.points ?? 0, reader.points)
      use.contracted ||= beyond ? beyond.contracted : reader.isContraction
      use.searched ||= beyond ? beyond.searched : reader.isSearch
      use.looped ||= beyond?.looped ?? false
      use.flat ||= reader.flat?.has(t) ?? false
      use.kept ||= r.op.waitsFor !== undefined || (beyond?.kept ?? false)
      // A reshape that is read by position passes the positions on to its operand.
      use.flat ||= r.op.name === 'reshape' && uses.get(r)!.flat
    }
    uses.set(t, use)
  }
  return uses
}

// Each operand of each region asks, and bodies hold regions: asked anew, the work would double with every level.
const readByBodies = new WeakMap<object, ReadonlySet<Tensor>>()

/** The stand-ins that bodies of a region read by row-major position. */
function standsReadByPosition({ op, attrs }: Tensor): ReadonlySet<Tensor> {
  if (op.kind !== 'region') throw new Error(`${op.name} is no region`)
  const before = readByBodies.get(attrs as object)
  if (before) return before
  const found = new Set<Tensor>()
  for (const body of op.bodies(attrs)) {
    const order = toposort(bodyResults(body))
    for (const [t, use] of usesOf(order, lowerAll(order, spaces())))
      if (use.flat && t.op.name === 'standIn') found.add(t)
  }
  readByBodies.set(attrs as object, found)
  return found
}
