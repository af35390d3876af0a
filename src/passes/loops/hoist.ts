import { toposort } from '../../ir/graph'
import { bodyResults } from '../../ir/region'
import type { Tensor } from '../../ir/tensor'
import { bytesOf, sizeOf } from '../../ir/type'
import { type ContractAttrs, contractT } from '../../ops/contract'
import { standIn } from '../../ops/region'
import { scanAttrs } from '../../ops/scan-parts'
import { isScan, operandsByRole, type ScanEdit } from './edit'

/** Bytes of all turns beyond which a product stays in the loop. */
const MOST = 2 ** 26

/** Products of slices with what does not change are one product of all slices before the loop. */
export function productsBefore(order: readonly Tensor[]): Map<Tensor, ScanEdit> {
  const edits = new Map<Tensor, ScanEdit>()
  for (const scan of order) {
    if (!isScan(scan)) continue
    const { body, length } = scanAttrs(scan)
    const { slices, captured } = operandsByRole(scan)
    const sliced = new Map(slices.map((s) => [s.stand, s.operand]))
    const fixed = new Map(captured.map((c) => [c.stand, c.operand]))
    const added: NonNullable<ScanEdit['slices']>[number][] = []
    const substitutes = new Map<Tensor, Tensor>()
    for (const t of toposort(bodyResults(body))) {
      if (t.op.name !== 'contract' || length * sizeOf(t.shape) * bytesOf(t.dtype) > MOST) continue
      const [a, b] = t.inputs as [Tensor, Tensor]
      const inReach = (x: Tensor): boolean => sliced.has(x) || fixed.has(x)
      if (!inReach(a) || !inReach(b) || !(sliced.has(a) || sliced.has(b))) continue
      const labels = t.attrs as ContractAttrs
      const turn = 1 + Math.max(-1, ...labels.a, ...labels.b)
      const along = (x: Tensor, own: readonly number[]): readonly number[] => (sliced.has(x) ? [turn, ...own] : own)
      const stand = standIn('slice', t, t.origin, t)
      substitutes.set(t, stand)
      const outside = (x: Tensor): Tensor => sliced.get(x) ?? fixed.get(x)!
      added.push({
        stand,
        operand: ({ image }) =>
          contractT(image(outside(a)), image(outside(b)), {
            a: along(a, labels.a),
            b: along(b, labels.b),
            out: [turn, ...labels.out],
          }),
      })
    }
    if (added.length > 0) edits.set(scan, { slices: added, substitutes })
  }
  return edits
}
