import type { Origin } from '../ir/origin'
import type { RegionContext } from '../ir/region'
import { type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { isVariable, shortName } from '../ir/variable'
import { addT } from './arith'
import { zerosT } from './broadcast'
import { instantiate, partAttrs, standIn } from './region'
import { scanPart, type ScanAttrs, type ScanParts, type ScanSpec } from './scan-parts'

/**
 * The gradient of a scan is a scan the other way: it carries the cotangents of the carries and a running sum for each
 * captured tensor, and computes the body again from the carries as they were before each turn. Nothing else is kept, so it
 * can be differentiated like any graph; what is better kept than computed again is decided afterwards.
 */
export function deriveScan(
  { region, inputs, attrs: { body, length, reverse }, arrivals, wanted, differentiate }: RegionContext<ScanAttrs>,
  close: (spec: ScanSpec) => ScanParts,
): (Tensor | null)[] {
  const arrived = (kind: 'final' | 'stack' | 'history', index: number): Tensor | undefined => {
    const found = arrivals.filter(({ part }) => partAttrs(part).kind === kind && partAttrs(part).index === index)
    return found.map((a) => a.cotangent).reduce<Tensor | undefined>((sum, g) => (sum ? addT(sum, g) : g), undefined)
  }
  const operandsFrom = (from: number, count: number): readonly Tensor[] => inputs.slice(from, from + count)
  const xs = operandsFrom(0, body.slices.length)
  const firsts = operandsFrom(xs.length, body.carries.length)
  const captured = inputs.slice(xs.length + firsts.length)
  const turn = standIn('turn', body.turn, body.turn.origin)
  const over: [Tensor, Tensor][] = []
  const sliceOf = (stack: Tensor, like: Tensor, origin: Origin = like.origin): Tensor => {
    const made = standIn('slice', like, origin)
    over.push([stack, made])
    return made
  }
  const slices = xs.map((x, i) => sliceOf(x, body.slices[i]!))
  const before = body.carries.map((c, i) => sliceOf(scanPart(region, 'history', i), c))

  const again = instantiate(
    [...body.next, ...body.outputs],
    new Map([
      ...body.slices.map((s, i) => [s, slices[i]!] as const),
      ...body.carries.map((c, i) => [c, before[i]!] as const),
      ...body.captured.map((c, i) => [c, captured[i]!] as const),
      [body.turn, turn],
    ]),
    (t) => ({ ...t.origin, rule: region, recomputed: true }),
  )
  const outputs: Tensor[] = []
  const cotangents: Tensor[] = []
  const handed = body.carries.flatMap((c, i) => {
    if (!isFloat(c.dtype)) return []
    const carry = standIn('carry', c, cotangentOf(c, region))
    outputs.push(again[i]!)
    cotangents.push(carry)
    return [{ i, carry }]
  })
  body.outputs.forEach((t, i) => {
    const g = arrived('stack', i)
    if (!g) return
    outputs.push(again[body.next.length + i]!)
    cotangents.push(sliceOf(g, t, cotangentOf(t, region)))
  })
  const asked = [
    ...slices.filter((_, i) => wanted(xs[i]!)),
    ...handed.map(({ i }) => before[i]!),
    ...captured.filter((x) => wanted(x)),
  ]
  const sources = [...new Set(asked)].filter((t) => isFloat(t.dtype))
  const found = new Map(
    differentiate(outputs, cotangents, sources, [...over.map(([, slice]) => slice), ...captured]).map((g, i) => [
      sources[i]!,
      g,
    ]),
  )

  const carry: [Tensor, Tensor, Tensor][] = handed.map(({ i, carry }) => {
    const flowing = found.get(before[i]!) ?? zerosT(body.carries[i]!)
    const noted = arrived('history', i)
    const next = noted
      ? addT(flowing, sliceOf(noted, body.carries[i]!, cotangentOf(body.carries[i]!, region)))
      : flowing
    return [arrived('final', i) ?? zerosT(body.carries[i]!), carry, next]
  })
  const sums = new Map<Tensor, number>()
  for (const x of new Set(captured)) {
    const g = wanted(x) ? found.get(x) : null
    if (!g) continue
    const sum = standIn('carry', x, cotangentOf(x, region))
    sums.set(x, carry.push([zerosT(x), sum, addT(sum, g)]) - 1)
  }
  const kept = slices.flatMap((s, i) => {
    const g = wanted(xs[i]!) ? found.get(s) : null
    return g ? [{ i, g }] : []
  })
  const parts = close({ length, reverse: !reverse, over, carry, turn, outputs: kept.map(({ g }) => g) })
  const ofCarry = new Map(handed.map(({ i }, k) => [i, parts.finals[k]!]))
  const ofSlice = new Map(kept.map(({ i }, k) => [i, parts.stacks[k]!]))
  return [
    ...xs.map((_, i) => ofSlice.get(i) ?? null),
    ...firsts.map((x, i) => (wanted(x) ? (ofCarry.get(i) ?? null) : null)),
    // A tensor that is captured twice gets its sum once.
    ...captured.map((x, i) => (sums.has(x) && captured.indexOf(x) === i ? parts.finals[sums.get(x)!]! : null)),
  ]
}

/** Called after what it belongs to. */
function cotangentOf(t: Tensor, region: Tensor): Origin {
  const { scope } = region.origin
  const name = isVariable(t) ? shortName(t) : t.origin.name
  return name === undefined ? { scope } : { scope, name: `d_${name}` }
}
