import { toposort } from '../../ir/graph'
import { bodyResults } from '../../ir/region'
import { costOf, literal } from '../../ir/scalar'
import { type Tensor, withInputs } from '../../ir/tensor'
import { partAttrs, standIn } from '../../ops/region'
import { makeInterner } from '../rewrite'
import { pointValue } from '../rules/fold'
import { scanAttrs } from '../../ops/scan-parts'
import { isScan, operandsByRole, type ScanEdit } from './edit'

/** Scalar operations that are rather done again than read from memory. */
const CHEAP = 4

/**
 * What the gradient of a scan computes again is read instead, where the forward scan can keep it: values that another scan
 * computes from the same operands at the same place become outputs of that scan, and slices here. Only what is dear or
 * reduces is kept; views and cheap arithmetic are done again from what is kept.
 */
export function saveForward(order: readonly Tensor[]): Map<Tensor, ScanEdit> {
  const edits = new Map<Tensor, { outputs: Tensor[]; slices: Added[]; substitutes: Map<Tensor, Tensor> }>()
  const editOf = (scan: Tensor) => {
    const edit = edits.get(scan) ?? { outputs: [], slices: [], substitutes: new Map<Tensor, Tensor>() }
    edits.set(scan, edit)
    return edit
  }
  for (const scan of order) {
    if (!isScan(scan)) continue
    const known = knownFrom(scan)
    if (known.size === 0) continue
    const { body } = scanAttrs(scan)
    for (const [t, { from, as }] of keptValues(bodyResults(body), known)) {
      const kept = editOf(from)
      const existing = scanAttrs(from).body.outputs
      const all = [...existing, ...kept.outputs]
      const at = all.indexOf(as)
      const output = at >= 0 ? at : existing.length + kept.outputs.push(as) - 1
      const stand = standIn('slice', t, t.origin, as)
      const mine = editOf(scan)
      mine.substitutes.set(t, stand)
      mine.slices.push({ stand, operand: (rebuilt) => rebuilt.stack(from, output) })
    }
  }
  return edits
}

type Added = NonNullable<ScanEdit['slices']>[number]

/** A tensor of a body by the tensor of another scan's body that has the same value at the same place. */
interface Same {
  readonly from: Tensor
  readonly as: Tensor
}

/** What a scan computes that one of the scans it reads computes as well. */
function knownFrom(scan: Tensor): Map<Tensor, Same> {
  const { body } = scanAttrs(scan)
  const { slices, captured } = operandsByRole(scan)
  const sources = new Set(slices.flatMap(({ operand }) => (isHistory(operand) ? [operand.inputs[0]!] : [])))
  const known = new Map<Tensor, Same>()
  const mine = toposort(bodyResults(body))
  for (const from of sources) {
    const other = scanAttrs(from)
    if (other.length !== scanAttrs(scan).length) continue
    const interner = makeInterner()
    const theirs = new Map<Tensor, Tensor>()
    for (const t of toposort(bodyResults(other.body))) theirs.set(t, interner(under(t, theirs)))
    const originals = new Map([...theirs].map(([t, now]) => [now, t] as const).reverse())
    const same = startOf({ slices, captured, turn: body.turn }, from)
    for (const t of mine) {
      if (same.has(t) || t.op.kind === 'region' || t.op.kind === 'part') continue
      if (t.op.kind === 'leaf') {
        const now = interner(t)
        if (t.op.name === 'constant') same.set(t, now)
        continue
      }
      if (!t.inputs.every((x) => same.has(x))) continue
      const now = interner(under(t, same))
      if (!originals.has(now)) continue
      same.set(t, now)
      if (!known.has(t)) known.set(t, { from, as: originals.get(now)! })
    }
  }
  return known
}

const isHistory = (t: Tensor): boolean => t.op.kind === 'part' && partAttrs(t).kind === 'history'

const under = (t: Tensor, images: ReadonlyMap<Tensor, Tensor>): Tensor =>
  withInputs(t, t.inputs.map((x) => images.get(x) ?? x)) // prettier-ignore

/** Stand-ins of a scan that have the value of one of another scan's. */
function startOf(
  {
    slices,
    captured,
    turn,
  }: Pick<ReturnType<typeof operandsByRole>, 'slices' | 'captured'> & { readonly turn: Tensor },
  from: Tensor,
): Map<Tensor, Tensor> {
  const { body } = scanAttrs(from)
  const theirs = operandsByRole(from)
  const same = new Map<Tensor, Tensor>()
  for (const { stand, operand } of slices) {
    const isOwn = operand.op.kind === 'part' && operand.inputs[0] === from
    const { kind, index } = isOwn ? partAttrs(operand) : { kind: 'final', index: 0 }
    const found =
      kind === 'history'
        ? body.carries[index]
        : kind === 'stack'
          ? body.outputs[index]
          : theirs.slices.find((s) => s.operand === operand)?.stand
    if (found) same.set(stand, found)
  }
  for (const { stand, operand } of captured) {
    const found = theirs.captured.find((c) => c.operand === operand)?.stand
    if (found) same.set(stand, found)
  }
  return same.set(turn, body.turn)
}

const VIEWS: ReadonlySet<string> = new Set(['reshape', 'transpose', 'broadcastTo', 'slice', 'flip', 'identity'])

/** Of the known values, those that others read and that are not better made again. */
function keptValues(results: readonly Tensor[], known: ReadonlyMap<Tensor, Same>): Map<Tensor, Same> {
  const order = toposort(results)
  const read = new Set(results)
  for (const t of order) if (!known.has(t)) for (const x of t.inputs) read.add(x)
  const kept = new Map<Tensor, Same>()
  const available = new Map<Tensor, boolean>()
  const isAvailable = (t: Tensor): boolean => {
    if (t.op.kind === 'leaf' || kept.has(t)) return true
    const before = available.get(t)
    if (before !== undefined) return before
    const isCheap = VIEWS.has(t.op.name) || pointCost(t) <= CHEAP
    const found = known.has(t) && isCheap && t.inputs.every(isAvailable)
    available.set(t, found)
    return found
  }
  for (const t of order) {
    if (!known.has(t) || !read.has(t) || isAvailable(t)) continue
    // A view of what is not kept keeps what it is a view of.
    let whole = t
    while (VIEWS.has(whole.op.name) && known.has(whole.inputs[0]!)) whole = whole.inputs[0]!
    kept.set(whole, known.get(whole)!)
    available.clear()
  }
  return kept
}

/** Scalar operations a point; infinite for what is not pointwise. */
function pointCost(t: Tensor): number {
  if (t.op.kind !== 'point' || !t.op.pointwise) return Infinity
  return costOf([pointValue(t, t.inputs.map((x) => literal(1, x.dtype)))]) // prettier-ignore
}
