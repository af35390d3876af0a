import { toposort } from '../../ir/graph'
import { onBehalfOf } from '../../ir/origin'
import { type Body, bodyResults, withResults } from '../../ir/region'
import { type Tensor, withInputs } from '../../ir/tensor'
import { partAttrs } from '../../ops/region'
import { makeScan } from '../../ops/scan'
import { scanAttrs, scanPart } from '../../ops/scan-parts'
import { withBodies } from '../rewrite'

/** What a pass does to one scan; tensors are those of the graph before. */
export interface ScanEdit {
  /** Tensors of the body that are kept of every turn, behind the outputs that there are. */
  readonly outputs?: readonly Tensor[]
  /** New operands to be sliced, each with its stand-in. */
  readonly slices?: readonly { readonly stand: Tensor; readonly operand: (rebuilt: Rebuilt) => Tensor }[]
  /** What takes the place of tensors of the body. */
  readonly substitutes?: ReadonlyMap<Tensor, Tensor>
  /** Carries that are gone, by number, and what their final value is now; `first` is the first value. */
  readonly dropped?: ReadonlyMap<number, (rebuilt: Rebuilt, first: Tensor) => Tensor>
}

/** The graph as far as it is rebuilt. */
export interface Rebuilt {
  /** What became of a tensor. */
  image(t: Tensor): Tensor
  /** What became of a scan with its new outputs. */
  stack(scan: Tensor, output: number): Tensor
}

export interface Edited {
  readonly roots: readonly Tensor[]
  image(t: Tensor): Tensor | undefined
}

/** Says what becomes of the scans among tensors, operands first. */
export type Decide = (order: readonly Tensor[]) => ReadonlyMap<Tensor, ScanEdit>

export const isScan = (t: Tensor): boolean => t.op.name === 'scan'

/** The operands of a scan by the part that their stand-ins play. */
export function operandsByRole(scan: Tensor) {
  const { body } = scanAttrs(scan)
  const [n, m] = [body.slices.length, body.carries.length]
  return {
    slices: body.slices.map((stand, i) => ({ stand, operand: scan.inputs[i]! })),
    carries: body.carries.map((stand, i) => ({ stand, operand: scan.inputs[n + i]!, next: body.next[i]! })),
    captured: body.captured.map((stand, i) => ({ stand, operand: scan.inputs[n + m + i]! })),
  }
}

/** Rebuilds a graph with its scans changed, those inside of bodies first. */
export function editScans(roots: readonly Tensor[], decide: Decide): Edited {
  const inner: Edited[] = []
  const within = (body: Body): Body => {
    const made = editScans(bodyResults(body), decide)
    inner.push(made)
    return made.roots.every((t, i) => t === bodyResults(body)[i]) ? body : withResults(body, made.roots)
  }
  const deep = new Map<Tensor, Tensor>()
  const deepImage = (t: Tensor): Tensor => deep.get(t) ?? t
  for (const t of toposort(roots)) {
    if (t.op.kind === 'leaf') continue
    const moved = withInputs(t, t.inputs.map(deepImage))
    const now = withBodies(moved, within)
    if (now !== t) deep.set(t, now)
  }
  const order = toposort(roots.map(deepImage))
  const edits = decide(order)
  const done = new Map<Tensor, Tensor>()
  const image = (t: Tensor): Tensor => done.get(t) ?? t
  const rebuilt: Rebuilt = { image, stack: (scan, output) => scanPart(image(scan), 'stack', output) }
  const finals = new Map<Tensor, ReadonlyMap<number, Tensor | number>>()
  for (const t of order) {
    if (t.op.kind === 'leaf') continue
    const edit = edits.get(t)
    const numbers = t.op.kind === 'part' ? finals.get(t.inputs[0]!) : undefined
    if (edit) {
      const { scan, carries } = onBehalfOf(t.origin, () => edited(t, edit, rebuilt, done))
      done.set(t, scan)
      finals.set(t, onBehalfOf(t.origin, carries))
    } else if (numbers && partAttrs(t).kind !== 'stack') {
      const now = numbers.get(partAttrs(t).index)!
      const { kind } = partAttrs(t)
      done.set(t, typeof now === 'number' ? onBehalfOf(t.origin, () => scanPart(image(t.inputs[0]!), kind, now)) : now)
    } else {
      const now = withInputs(t, t.inputs.map(image))
      if (now !== t) done.set(t, now)
    }
  }
  return {
    roots: roots.map((t) => image(deepImage(t))),
    image: (t) => {
      for (const made of inner) {
        const found = made.image(t)
        if (found && found !== t) return found
      }
      return image(deepImage(t))
    },
  }
}

function edited(scan: Tensor, edit: ScanEdit, rebuilt: Rebuilt, done: Map<Tensor, Tensor>) {
  const attrs = scanAttrs(scan)
  const { body } = attrs
  const { slices, carries, captured } = operandsByRole(scan)
  const { outputs = [], slices: added = [], substitutes = new Map(), dropped = new Map() } = edit
  const results = [...bodyResults(body), ...outputs]
  const made = new Map<Tensor, Tensor>(substitutes)
  for (const t of toposort(results, substitutes)) {
    if (t.op.kind !== 'leaf') made.set(t, withInputs(t, t.inputs.map((x) => made.get(x) ?? x))) // prettier-ignore
  }
  for (const [t, now] of made) if (t.op.kind !== 'leaf') done.set(t, now)
  const now = results.map((t) => made.get(t) ?? t)
  const kept = carries.flatMap((_, i) => (dropped.has(i) ? [] : [i]))
  const changed: Body = {
    slices: [...body.slices, ...added.map((s) => s.stand)],
    carries: kept.map((i) => body.carries[i]!),
    captured: body.captured,
    turn: body.turn,
    next: kept.map((i) => now[i]!),
    outputs: now.slice(body.next.length),
  }
  const operands = [
    ...slices.map((s) => rebuilt.image(s.operand)),
    ...added.map((s) => s.operand(rebuilt)),
    ...kept.map((i) => rebuilt.image(carries[i]!.operand)),
    ...captured.map((c) => rebuilt.image(c.operand)),
  ]
  const rebuiltScan = makeScan({ ...attrs, body: changed }, operands)
  // What a dropped carry comes to may be made of other parts of the same scan.
  const numbers = (): Map<number, Tensor | number> => {
    done.set(scan, rebuiltScan)
    const list = new Map<number, Tensor | number>(kept.map((i, k) => [i, k]))
    for (const [i, final] of dropped) list.set(i, final(rebuilt, rebuilt.image(carries[i]!.operand)))
    return list
  }
  return { scan: rebuiltScan, carries: numbers }
}
