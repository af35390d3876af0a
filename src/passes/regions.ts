import { toposort } from '../ir/graph'
import { bodyResults, type Body, standIns, withResults } from '../ir/region'
import { makeTensor, relabel, type Tensor, withInputs } from '../ir/tensor'
import { hasOwnMemory, instantiate, standIn, type StandInAttrs } from '../ops/region'
import { distinctResults } from '../ops/scan'
import { identityT } from '../ops/unary'

/** A graph in which each tensor that a loop writes is one of its own. */
export interface Separated {
  readonly roots: readonly Tensor[]
  image(t: Tensor | undefined): Tensor | undefined
}

export const hasRegion = (order: readonly Tensor[]): boolean => order.some((t) => t.op.kind === 'region')

/**
 * First values of carries, what a turn hands on and what is kept of it become tensors of their own: each is written into
 * memory that is known before it is computed.
 */
export const separateRegions = (roots: readonly Tensor[]): Separated => separated(roots, new Set())

function separated(roots: readonly Tensor[], taken: Set<Tensor>): Separated {
  const done = new Map<Tensor, Tensor>()
  const image = (t: Tensor): Tensor => done.get(t) ?? t
  for (const t of toposort(roots)) {
    if (t.op.kind === 'leaf') continue
    let inputs: readonly Tensor[] = t.inputs.map(image)
    let { attrs } = t
    if (t.op.kind === 'region') {
      const bodies = t.op.bodies(attrs)
      const stands = t.op.stands(attrs)
      inputs = inputs.map((x, i) => (hasOwnMemory(stands[i]) ? own(x) : x))
      attrs = t.op.withBodies(attrs, bodies.map((body) => separateBody(body, taken))) // prettier-ignore
    }
    const same = attrs === t.attrs && inputs.every((x, i) => x === t.inputs[i])
    if (!same) done.set(t, makeTensor(t.op, inputs, attrs, t, t.origin))
  }
  return { roots: roots.map(image), image: (t) => t && image(t) }
}

const own = (t: Tensor): Tensor => relabel(identityT(t), t.origin)

function separateBody(given: Body, taken: Set<Tensor>): Body {
  // Two regions of one body, as where a gradient computes a loop again, are two loops with memory of their own.
  const body = taken.has(given.turn) ? freshBody(given) : given
  taken.add(given.turn)
  const inner = withResults(body, separated(bodyResults(body), taken).roots)
  const separate = withResults(inner, distinctResults(inner))
  // Loops that an op gives itself read whole buffers.
  const moved = new Set([...standIns(separate), ...bodyResults(separate)])
  const order = toposort(bodyResults(separate))
  if (!order.some((t) => t.op.kind === 'loops')) return separate
  const done = new Map<Tensor, Tensor>()
  for (const t of order) {
    if (t.op.kind === 'leaf') continue
    const inputs = t.inputs.map((x) => {
      const now = done.get(x) ?? x
      return t.op.kind === 'loops' && moved.has(x) ? own(now) : now
    })
    done.set(t, withInputs(t, inputs))
  }
  return withResults(separate, bodyResults(separate).map((t) => done.get(t) ?? t)) // prettier-ignore
}

function freshBody({ slices, carries, captured, turn, next, outputs }: Body): Body {
  const leaves = new Map<Tensor, Tensor>()
  const fresh = (t: Tensor): Tensor => {
    const { role, of } = t.attrs as StandInAttrs
    const made = standIn(role, t, t.origin, of)
    leaves.set(t, made)
    return made
  }
  const stands = {
    slices: slices.map(fresh),
    carries: carries.map(fresh),
    captured: captured.map(fresh),
    turn: fresh(turn),
  }
  const results = instantiate([...next, ...outputs], leaves)
  return { ...stands, next: results.slice(0, next.length), outputs: results.slice(next.length) }
}
