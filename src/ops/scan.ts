import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import type { AnyOp, Op } from '../ir/op'
import { currentOrigin } from '../ir/origin'
import { type Body, bodyResults, standIns } from '../ir/region'
import { makeTensor, type Tensor, withInputs } from '../ir/tensor'
import { countsWithin, type IndexUse } from './index-range'
import { insideOf, standIn } from './region'
import { deriveScan } from './scan-gradient'
import { partsOf, type ScanAttrs, type ScanParts, type ScanSpec } from './scan-parts'
import { identityT } from './unary'

/**
 * A loop over a body: at each place along the first axis of some operands, carries are handed from turn to turn and outputs
 * are stacked at their place. Operands are what is sliced, the first carries, and what is captured. The results are parts:
 * carries after the last turn, stacked outputs, and stacked carries as they were before each turn.
 */
export const scanOp: Op<'scan', ScanAttrs> = {
  name: 'scan',
  kind: 'region',
  infer: () => {
    throw new GraphError('a scan has several results; its parts have their types')
  },
  vjp: null,
  bodies: ({ body }) => [body],
  stands: ({ body }) => [...body.slices, ...body.carries, ...body.captured],
  withBodies: (attrs, [body]) => ({ ...attrs, body: body! }),
  derive: (context) => deriveScan(context, (spec) => scanT(spec, true)),
}

/**
 * Closes a body into a scan: what it reads from outside becomes an operand. Indices that are computed in the body are
 * counted where they are out of range, but in a gradient, which reads those of its scan; so is what ops check themselves.
 */
export function scanT(spec: ScanSpec, isGradient = false): ScanParts {
  const { length, reverse, over, carry, turn, outputs } = spec
  const own = [...over.map(([, slice]) => slice), ...carry.map(([, c]) => c), turn]
  const asked = [...carry.map(([, , next]) => next), ...outputs]
  const counted = countsInTurn(spec, asked, own, isGradient)
  const { made, captured } = capture([...asked, ...counted.map((c) => c.count)], own)
  const body: Body = {
    slices: over.map(([, slice]) => slice),
    carries: carry.map(([, c]) => c),
    captured: captured.map(([, stand]) => stand),
    turn,
    next: made.slice(0, carry.length),
    outputs: made.slice(carry.length),
  }
  const counts = counted.map(({ message }, i) => ({ output: outputs.length + i, message }))
  const operands = [...over.map(([x]) => x), ...carry.map(([first]) => first), ...captured.map(([x]) => x)]
  const scan = makeScan({ body, length, reverse, ...(counts.length > 0 ? { counts } : {}) }, operands)
  const { finals, stacks } = partsOf(scan)
  return { finals, stacks: stacks.slice(0, outputs.length) }
}

/** Slices are looked at outside, all at once, and the place is known. */
function countsInTurn(
  { over, turn, length }: ScanSpec,
  results: readonly Tensor[],
  own: readonly Tensor[],
  isGradient: boolean,
) {
  const slices = new Set(over.map(([, slice]) => slice))
  const inside = insideOf(toposort(results), own)
  const isCounted = ({ index, below }: IndexUse): boolean =>
    inside.has(index) && !slices.has(index) && !(index === turn && length <= below)
  return countsWithin(results, inside, isCounted, isGradient)
}

/** Has no value itself; only its parts do. */
export const makeScan = (attrs: ScanAttrs, operands: readonly Tensor[]): Tensor =>
  makeTensor(scanOp as AnyOp, operands, attrs, { dtype: 'bool', shape: [] }, currentOrigin())

/**
 * What results read that does not depend on the stand-ins and was not written for the body alone, as large as it can be;
 * numbers stay where they are.
 */
export function capture(
  results: readonly Tensor[],
  own: readonly Tensor[],
  isOwn: (t: Tensor) => boolean = () => false,
): { readonly made: readonly Tensor[]; readonly captured: readonly (readonly [operand: Tensor, stand: Tensor])[] } {
  const order = toposort(results)
  const inside = insideOf(order, own, isOwn)
  const free = new Set<Tensor>()
  const isFree = ({ op, shape, inputs }: Tensor): boolean =>
    op.kind === 'leaf' ? op.name === 'constant' && shape.length === 0 : inputs.every((x) => free.has(x))
  for (const t of order) if (!inside.has(t) && isFree(t)) free.add(t)
  const stands = new Map<Tensor, Tensor>()
  const stand = (x: Tensor): Tensor => {
    const known = stands.get(x) ?? standIn('captured', x, x.origin, x)
    stands.set(x, known)
    return known
  }
  const made = new Map<Tensor, Tensor>(own.map((t) => [t, t]))
  const image = (t: Tensor): Tensor => made.get(t) ?? (free.has(t) ? t : stand(t))
  for (const t of order) {
    if (!inside.has(t) || made.has(t)) continue
    made.set(t, withInputs(t, t.inputs.map(image)))
  }
  // A result must be computed inside.
  const result = (t: Tensor): Tensor => (inside.has(t) ? image(t) : identityT(image(t)))
  const found = results.map(result)
  return { made: found, captured: [...stands] }
}

/** Results that are each a tensor of their own and no stand-in, so that each can have memory of its own. */
export function distinctResults(body: Body): Tensor[] {
  const taken = new Set<Tensor>(standIns(body))
  const inside = insideOf(toposort(bodyResults(body)), standIns(body))
  return bodyResults(body).map((t) => {
    const { kind } = t.op
    // What depends on nothing of the body may be a result of others too.
    const isOwn = inside.has(t) && !taken.has(t) && kind !== 'leaf' && kind !== 'part' && kind !== 'loops'
    const mine = isOwn ? t : identityT(t)
    taken.add(mine)
    return mine
  })
}
