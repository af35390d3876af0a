import { readersOf, toposort } from '../../ir/graph'
import { bodyResults } from '../../ir/region'
import type { Tensor } from '../../ir/tensor'
import { addT } from '../../ops/arith'
import { sumT } from '../../ops/broadcast'
import type { ReduceAttrs } from '../../ops/axes'
import { type ContractAttrs, contractT } from '../../ops/contract'
import { scanAttrs, scanPart } from '../../ops/scan-parts'
import { reshapeT } from '../../ops/view'
import { partAttrs, partsByRegion } from '../../ops/region'
import { isScan, operandsByRole, type Rebuilt, type ScanEdit } from './edit'

/** Makes what a carry adds up from what is kept of every turn. */
type Total = (rebuilt: Rebuilt) => Tensor

/**
 * Sums over all turns that no turn looks at, such as the gradients of weights, are taken after the loop: a contraction a
 * turn becomes one contraction over all turns of what is kept of them. A sum of nothing is gone.
 */
export function sumsAfterwards(order: readonly Tensor[]): Map<Tensor, ScanEdit> {
  const parts = partsByRegion(order)
  const edits = new Map<Tensor, ScanEdit>()
  for (const scan of order) {
    if (!isScan(scan)) continue
    const edit = editOf(scan, parts.get(scan) ?? [])
    if (edit) edits.set(scan, edit)
  }
  return edits
}

function editOf(scan: Tensor, parts: readonly Tensor[]): ScanEdit | undefined {
  const { body } = scanAttrs(scan)
  const { carries, slices } = operandsByRole(scan)
  const readers = readersOf(toposort(bodyResults(body)))
  const outputs: Tensor[] = []
  const first = body.outputs.length
  const stacked = (t: Tensor): Total => {
    const slice = slices.find((s) => s.stand === t)
    if (slice) return ({ image }) => image(slice.operand)
    const carry = body.carries.indexOf(t)
    if (carry >= 0) return ({ image }) => scanPart(image(scan), 'history', kept.indexOf(carry))
    const at = body.outputs.indexOf(t)
    const output = at >= 0 ? at : first + (outputs.includes(t) ? outputs.indexOf(t) : outputs.push(t) - 1)
    return ({ stack }) => stack(scan, output)
  }
  const moves = movedBy(body.carries, [...slices.map((s) => s.stand), body.turn], bodyResults(body))
  const dropped = new Map<number, Total>()
  // What is handed on as it came, and not looked at, is what it was at first.
  const idle = new Set<number>()
  const found = carries.flatMap(({ stand, next }, i) => {
    const isRead = parts.some((p) => partAttrs(p).kind === 'history' && partAttrs(p).index === i)
    const used = readers.get(stand) ?? []
    // A result of the body may be the value before the turn.
    const isElsewhere = bodyResults(body).filter((t) => t === stand).length > (next === stand ? 1 : 0)
    if (isRead || isElsewhere) return []
    if (next === stand && used.length === 0) idle.add(i)
    if (next.op.name !== 'add' || used.length !== 1 || used[0] !== next) return []
    const [a, b] = next.inputs as [Tensor, Tensor]
    const term = a === stand ? b : b === stand ? a : undefined
    const isResult = body.next.filter((t) => t === next).length > 1 || body.outputs.includes(next)
    if (!term || term === stand || isResult || (readers.get(next) ?? []).length > 0) return []
    return canMove(term, moves) ? [{ i, term }] : []
  })
  const gone = new Set([...idle, ...found.map(({ i }) => i)])
  const kept = carries.flatMap((_, i) => (gone.has(i) ? [] : [i]))
  for (const { i, term } of found) dropped.set(i, totalOf(term, moves, stacked))
  if (gone.size === 0) return undefined
  return {
    outputs,
    dropped: new Map<number, (rebuilt: Rebuilt, from: Tensor) => Tensor>([
      ...[...idle].map((i) => [i, (_: Rebuilt, from: Tensor) => from] as const),
      ...[...dropped].map(([i, total]) => [i, (rebuilt: Rebuilt, from: Tensor) => addT(from, total(rebuilt))] as const),
    ]),
  }
}

/** What differs from turn to turn. */
function movedBy(carries: readonly Tensor[], others: readonly Tensor[], results: readonly Tensor[]): Set<Tensor> {
  const moved = new Set<Tensor>([...carries, ...others])
  for (const t of toposort(results)) if (t.inputs.some((x) => moved.has(x))) moved.add(t)
  return moved
}

/** Whether the sum over all turns of a term is one op over what is kept of its operands. */
function canMove(term: Tensor, moved: ReadonlySet<Tensor>): boolean {
  switch (term.op.name) {
    case 'contract':
      return term.inputs.every((x) => moved.has(x))
    case 'sum':
      return moved.has(term.inputs[0]!)
    case 'add':
      return term.inputs.every((x) => canMove(x, moved) && x.shape.length === term.shape.length)
    case 'reshape':
      return canMove(term.inputs[0]!, moved)
    default:
      return false
  }
}

function totalOf(term: Tensor, moved: ReadonlySet<Tensor>, stacked: (t: Tensor) => Total): Total {
  const [a, b] = term.inputs
  if (term.op.name === 'add') {
    const [p, q] = [totalOf(a!, moved, stacked), totalOf(b!, moved, stacked)]
    return (rebuilt) => addT(p(rebuilt), q(rebuilt))
  }
  if (term.op.name === 'reshape') {
    const inner = totalOf(a!, moved, stacked)
    return (rebuilt) => reshapeT(inner(rebuilt), term.shape)
  }
  if (term.op.name === 'sum') {
    const { axes } = term.attrs as ReduceAttrs
    const x = stacked(a!)
    return (rebuilt) =>
      reshapeT(sumT(x(rebuilt), { axes: [0, ...axes.map((i) => i + 1)], keepDims: false }), term.shape)
  }
  const labels = term.attrs as ContractAttrs
  const turn = 1 + Math.max(-1, ...labels.a, ...labels.b)
  const [p, q] = [stacked(a!), stacked(b!)]
  return (rebuilt) =>
    contractT(p(rebuilt), q(rebuilt), { a: [turn, ...labels.a], b: [turn, ...labels.b], out: labels.out })
}
