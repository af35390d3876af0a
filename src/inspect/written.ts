import { formulaOf } from '../codegen/formula'
import { nameTensors, type TensorNames } from '../codegen/tensor-names'
import type { Traced } from '../compile/trace-entry'
import { type Formula, nameF } from '../ir/formula'
import { withBodies } from '../ir/graph'
import { postorder } from '../ir/postorder'
import { bodyResults } from '../ir/region'
import type { Tensor } from '../ir/tensor'

/**
 * The graph of an entry as its author wrote it, composites and all, with names for everything: formulas of the graph that is
 * computed would speak of the parts of a softmax, and of factors where rewriting left them.
 */
export interface WrittenGraph {
  /** All tensors, operands first, what loops run included. */
  readonly order: readonly Tensor[]
  readonly names: TensorNames
  /** Tensors that have a formula of their own, in order; the others are written out in those. */
  readonly own: ReadonlySet<Tensor>
  /** The tensor itself, or the next value of a variable. */
  find(name: string): Tensor | undefined
  /** As formulas call it. */
  nameOf(t: Tensor): Formula
  /** By what name it can be asked for. */
  keyOf(t: Tensor): string
  /** What it is, over the names of what has a formula of its own, or is among `others`. */
  formulaOf(t: Tensor, others?: ReadonlySet<Tensor>): Formula
}

// What is read in several places, or is long, reads better under a name; what rules made on the way has no good one.
const SHARED = 5
const LONG = 15
const LONG_INSIDE = 30

export function writtenGraph({ roots }: Traced): WrittenGraph {
  const order = withBodies(postorder([...roots.outputs.values(), ...roots.updates.values()], inputsOf))
  const names = nameTensors({ original: order, image: (t) => t, outputs: roots.outputs, results: new Map() })
  const updated = new Map([...roots.updates].map(([v, next]) => [next, v] as const))
  const results = new Set(
    order.flatMap((t) => (t.op.kind === 'region' ? t.op.bodies(t.attrs).flatMap(bodyResults) : [])),
  )
  const carried = carriesByNext(order)
  const isNamed = (t: Tensor): boolean => t.op.kind !== 'leaf' && (names.isNamed(t) || updated.has(t) || results.has(t))
  const own = ownFormulas(order, isNamed)
  const nameOf = (t: Tensor): Formula => {
    const carry = carried.get(t)
    // What a turn hands on may have the name under which it came in.
    if (carry && (!names.isNamed(t) || names.nameOf(carry) === names.nameOf(t))) return nameF(names.nameOf(carry), true)
    const variable = names.isNamed(t) ? undefined : updated.get(t)
    return variable ? nameF(names.nameOf(variable), true) : nameF(names.nameOf(t))
  }
  const keyOf = (t: Tensor): string => names.nameOf((names.isNamed(t) ? undefined : updated.get(t)) ?? t)
  // Names that are invented do not depend on who asks first. Of several tensors of one name a stand-in in a loop gives way.
  const byName = new Map<string, Tensor>()
  for (const t of order) if (t.op.kind === 'leaf' || own.has(t)) nameOf(t)
  for (const t of order) {
    if (t.op.kind === 'leaf' || !(own.has(t) || (t.origin.gradient && !isInside(t)))) continue
    const name = keyOf(t)
    if (!byName.has(name)) byName.set(name, t)
  }
  // A gradient that is an output goes by both names.
  for (const t of order) {
    const of = t.origin.gradient?.of
    if (of && !isInside(t) && !byName.has(`d_${keyOf(of)}`)) byName.set(`d_${keyOf(of)}`, t)
  }
  for (const [next, v] of updated) if (!byName.has(names.nameOf(v))) byName.set(names.nameOf(v), next)
  return {
    order,
    names,
    own,
    nameOf,
    find: (name) => byName.get(name) ?? names.find(name),
    keyOf,
    formulaOf: (t, others) => {
      const known = (x: Tensor): Formula | undefined => {
        if (x.op.kind === 'leaf' || (x !== t && (own.has(x) || others?.has(x)))) return nameOf(x)
        const from = passedFrom(x)
        return from && known(from)
      }
      return known(t) ?? formulaOf(t, known, Infinity)
    },
  }
}

/**
 * The gradient of another tensor that reached this one unchanged, as it does through a sum: the same op over the same operands
 * under another name.
 */
export function passedFrom(t: Tensor): Tensor | undefined {
  const [term, ...others] = t.origin.gradient?.terms ?? []
  const from = others.length === 0 ? term?.cotangent : undefined
  return from?.origin.gradient && !isInside(from) && from !== t && from.inputs === t.inputs ? from : undefined
}

const inputsOf = (t: Tensor): readonly Tensor[] => {
  const from = passedFrom(t)
  return from ? [from, ...t.inputs] : t.inputs
}

/** The carry whose next value a result of a loop's turn is. */
function carriesByNext(order: readonly Tensor[]): Map<Tensor, Tensor> {
  const found = new Map<Tensor, Tensor>()
  for (const { op, attrs } of order)
    if (op.kind === 'region')
      for (const { next, carries } of op.bodies(attrs)) next.forEach((t, i) => found.set(t, carries[i]!))
  return found
}

/** Made by a gradient's rule, and not the gradient of anything that somebody wrote. */
const isInside = ({ origin: { rule, gradient } }: Tensor): boolean =>
  rule !== undefined && (gradient === undefined || gradient.of.origin.rule !== undefined)

const VIEWS: ReadonlySet<string> = new Set(['broadcastTo', 'reshape', 'identity'])

function ownFormulas(order: readonly Tensor[], isNamed: (t: Tensor) => boolean): ReadonlySet<Tensor> {
  const readers = new Map<Tensor, number>()
  for (const t of order)
    for (const x of new Set(t.inputs)) {
      let from = x
      for (let before = passedFrom(from); before; before = passedFrom(from)) from = before
      readers.set(from, (readers.get(from) ?? 0) + 1)
    }
  const own = new Set<Tensor>()
  const sizes = new Map<Tensor, number>()
  for (const t of order) {
    const below = t.op.kind === 'part' ? LONG : t.inputs.reduce((size, x) => size + (sizes.get(x) ?? 1), 0)
    const isView = VIEWS.has(t.op.name)
    const size = isView ? below : below + 1
    const isShared = (readers.get(t) ?? 0) > 1
    const isLong = isInside(t) ? size > LONG_INSIDE : size > (isShared ? SHARED : LONG)
    if (isNamed(t) || (isLong && !isView && t.op.kind !== 'region' && !passedFrom(t))) own.add(t)
    sizes.set(t, own.has(t) || t.op.kind === 'leaf' || passedFrom(t) ? 1 : size)
  }
  return own
}
