import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import { listAt } from '../ir/list-at'
import type { AnyOp, Op } from '../ir/op'
import type { Origin } from '../ir/origin'
import { makeTensor, type Tensor } from '../ir/tensor'
import type { TensorType } from '../ir/type'

export interface StandInAttrs {
  /** `rows`: a carry as it was before each turn and after the last. */
  readonly role: 'slice' | 'carry' | 'captured' | 'turn' | 'rows'
  /** What has the same value elsewhere, and so gives its name. */
  readonly of?: Tensor
}

/** Stands in a body for what it gets from outside; compared by identity. */
export const standInOp: Op<'standIn', StandInAttrs> = {
  name: 'standIn',
  kind: 'leaf',
  infer: () => {
    throw new GraphError('a leaf has its type from the start')
  },
  vjp: null,
}

export const standIn = (
  role: StandInAttrs['role'],
  { dtype, shape }: TensorType,
  origin: Origin,
  of?: Tensor,
): Tensor => makeTensor(standInOp as AnyOp, [], { role, ...(of ? { of } : {}) }, { dtype, shape }, origin)

export const isStandIn = (t: Tensor): boolean => t.op === (standInOp as AnyOp)

/** The part that a stand-in plays. */
export const roleOf = (stand: Tensor): StandInAttrs['role'] => (stand.attrs as StandInAttrs).role

/** The operands of a region with what stands for them. */
export function operandsOf(region: Tensor): { readonly operand: Tensor; readonly stand: Tensor | undefined }[] {
  if (region.op.kind !== 'region') throw new Error(`${region.op.name} is no region`)
  return region.op.stands(region.attrs).map((stand, i) => ({ operand: region.inputs[i]!, stand }))
}

/** Whether a region writes over an operand, or looks at it itself: it then has memory of its own. */
export const hasOwnMemory = (stand: Tensor | undefined): boolean => stand === undefined || roleOf(stand) === 'carry'

/** The parts of each region that are read. */
export function partsByRegion(order: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const parts = new Map<Tensor, Tensor[]>()
  for (const t of order) {
    if (t.op.kind !== 'part') continue
    const region = t.inputs[0]!
    listAt(parts, region).push(t)
  }
  return parts
}

/** What a stand-in is called after. */
export const standsFor = (t: Tensor): Tensor | undefined =>
  t.op.name === 'standIn' ? (t.attrs as StandInAttrs).of : undefined

/** A graph over other leaves; what does not depend on them is copied too where origins are given. */
export function instantiate(
  roots: readonly Tensor[],
  leaves: ReadonlyMap<Tensor, Tensor>,
  origin?: (t: Tensor) => Origin,
): Tensor[] {
  const made = new Map(leaves)
  const image = (t: Tensor): Tensor => made.get(t) ?? t
  for (const t of toposort(roots, leaves)) {
    const inputs = t.inputs.map(image)
    if (t.op.kind === 'leaf') continue
    if (!origin && inputs.every((x, i) => x === t.inputs[i])) continue
    // Asked for later, and by then all images are known: a rule of the user's may read whatever was in its sight.
    const attrs = t.op.over?.(t.attrs, (x) => instantiate([x], made)[0]!) ?? t.attrs
    made.set(t, makeTensor(t.op, inputs, attrs, t, origin?.(t) ?? t.origin))
  }
  return roots.map(image)
}

/** What depends on the stand-ins of a body or was written for it alone, stand-ins included. */
export function insideOf(
  order: readonly Tensor[],
  own: readonly Tensor[],
  isOwn: (t: Tensor) => boolean = () => false,
): Set<Tensor> {
  const inside = new Set(own)
  for (const t of order) if (t.inputs.some((x) => inside.has(x)) || (t.op.kind !== 'leaf' && isOwn(t))) inside.add(t)
  return inside
}

export interface PartAttrs {
  /** `result` is one of a choice, the others are of a scan. */
  readonly kind: 'final' | 'stack' | 'history' | 'result'
  readonly index: number
}

/** One result of a region. */
export const partOp: Op<'part', PartAttrs> = {
  name: 'part',
  kind: 'part',
  infer: () => {
    throw new GraphError('a part has its type from its region')
  },
  vjp: null,
}

export const partAttrs = (t: Tensor): PartAttrs => t.attrs as PartAttrs
