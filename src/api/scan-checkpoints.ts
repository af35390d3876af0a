import { sweepRegion } from '../autodiff/vjp'
import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import type { Tensor } from '../ir/tensor'
import { bytesOf, isFloat, sizeOf, type TensorType } from '../ir/type'
import { rewriteLoops } from '../passes/loops/loops'
import { simplification } from '../passes/simplify'
import { addT, mulT } from '../ops/arith'
import { scalarConstant } from '../ops/leaf'
import { concatT, partT } from '../ops/pieces'
import { instantiate, standIn } from '../ops/region'
import { makeScan, scanT } from '../ops/scan'
import { partsOf, scanAttrs, type ScanParts, type ScanSpec } from '../ops/scan-parts'
import { reshapeT } from '../ops/view'

/**
 * A scan in segments: an outer scan over segments whose step is a scan over the turns of one. Only the carries between
 * segments are kept for the gradient, which then goes segment by segment: it computes one again, keeps what that needs, and
 * goes back through it. What does not fill a segment is a scan by itself.
 * Source: Chen et al. 2016, arXiv:1604.06174.
 */
export function segmented(spec: ScanSpec, every: number): ScanParts {
  const { length, reverse } = spec
  const count = Math.floor(length / every)
  if (count < 2) return scanT(spec)
  const whole = count * every
  const rest = length - whole
  const firsts = spec.carry.map(([first]) => first)
  const tail = (from: readonly Tensor[]): ScanParts | undefined =>
    rest === 0 ? undefined : scanT(part(spec, { from, start: scalarConstant(whole, 'int32'), length: rest, slices: cut(spec, whole, rest) })) // prettier-ignore
  const before = reverse ? tail(firsts) : undefined
  const main = segments(spec, { from: before?.finals ?? firsts, count, every })
  const after = reverse ? undefined : tail(main.finals)
  const others = before ?? after
  return {
    finals: after?.finals ?? main.finals,
    stacks: main.stacks.map((t, i) => (others ? concatT([t, others.stacks[i]!], 0) : t)),
  }
}

const cut = ({ over }: ScanSpec, from: number, count: number): Tensor[] => over.map(([x]) => partT(x, 0, from, count))

interface Part {
  /** First values of the carries. */
  readonly from: readonly Tensor[]
  /** The place of the first turn. */
  readonly start: Tensor
  readonly length: number
  readonly slices: readonly Tensor[]
}

/** The same step over some of the turns. */
function part({ reverse, over, carry, turn, outputs }: ScanSpec, { from, start, length, slices }: Part): ScanSpec {
  const own = standIn('turn', turn, turn.origin)
  const mine = over.map(([, slice]) => standIn('slice', slice, slice.origin))
  const carries = carry.map(([, c]) => standIn('carry', c, c.origin))
  const leaves = new Map<Tensor, Tensor>([
    ...over.map(([, slice], i) => [slice, mine[i]!] as const),
    ...carry.map(([, c], i) => [c, carries[i]!] as const),
    [turn, addT(own, start)],
  ])
  const results = instantiate([...carry.map(([, , next]) => next), ...outputs], leaves)
  return {
    length,
    reverse,
    over: slices.map((x, i) => [x, mine[i]!] as const),
    carry: from.map((first, i) => [first, carries[i]!, results[i]!] as const),
    turn: own,
    outputs: results.slice(carry.length),
  }
}

function segments(
  spec: ScanSpec,
  { from, count, every }: { readonly from: readonly Tensor[]; readonly count: number; readonly every: number },
): ScanParts {
  const { over, carry, turn, reverse } = spec
  const number = standIn('turn', turn, turn.origin)
  const stretches = cut(spec, 0, count * every).map((x) => reshapeT(x, [count, every, ...x.shape.slice(1)]))
  const mine = stretches.map((x, i) =>
    standIn('slice', { dtype: x.dtype, shape: x.shape.slice(1) }, over[i]![1].origin),
  )
  const carries = carry.map(([, c]) => standIn('carry', c, c.origin))
  const start = mulT(number, scalarConstant(every, 'int32'))
  const inner = scanT(part(spec, { from: carries, start, length: every, slices: mine }))
  const { finals, stacks } = scanT({
    length: count,
    reverse,
    over: stretches.map((x, i) => [x, mine[i]!] as const),
    carry: from.map((first, i) => [first, carries[i]!, inner.finals[i]!] as const),
    turn: number,
    outputs: inner.stacks,
  })
  return { finals, stacks: stacks.map((t) => reshapeT(t, [count * every, ...t.shape.slice(2)])) }
}

/**
 * The most turns a segment can have so that what is kept for the gradient takes at most so many bytes; all, if that fits.
 * Otherwise at most half of them: one segment and a rest would keep all.
 */
export function turnsFor(spec: ScanSpec, bytes: number): number {
  const { length, carry } = spec
  if (!Number.isFinite(bytes) || bytes <= 0)
    throw new GraphError(`scan: memory must be a number of bytes above 0, it is ${String(bytes)}`)
  const turn = keptBytes(spec)
  if (turn * length <= bytes) return length
  const boundary = carry.reduce((sum, [first]) => sum + bytesIn(first), 0)
  const need = (every: number): number => every * turn + Math.ceil(length / every) * boundary
  const most = Math.max(1, Math.floor(length / 2))
  const best = Math.max(1, Math.min(most, Math.round(Math.sqrt((length * boundary) / Math.max(1, turn)))))
  if (need(best) > bytes)
    throw new GraphError(
      `scan: the gradient needs ${need(best)} bytes with checkpoints every ${best} of ${length} turns, the least there is; ` +
        `memory is ${bytes}`,
    )
  let every = best
  const fits = (turns: number): boolean => turns <= most && need(turns) <= bytes
  while (fits(every * 2)) every *= 2
  for (let step = every >> 1; step >= 1; step >>= 1) if (fits(every + step)) every += step
  return every
}

const bytesIn = (t: Pick<Tensor, 'dtype' | 'shape'>): number => sizeOf(t.shape) * bytesOf(t.dtype)

/** Turns that are looked at to know what each keeps. */
const SAMPLE = 16

/** Bytes that one turn keeps for the gradient of everything by everything, found out by building it. */
function keptBytes(spec: ScanSpec): number {
  const { finals, stacks } = scanT(spec)
  const own = [...finals, ...stacks][0]?.inputs[0]
  if (!own) return 0
  const leaf = ({ dtype, shape }: TensorType): Tensor => standIn('captured', { dtype, shape }, { scope: '' })
  // What the operands are made of is not looked at, nor are long loops, where some passes stop.
  const length = Math.min(spec.length, SAMPLE)
  const operands = own.inputs.map((x, i) =>
    leaf(i < spec.over.length ? { dtype: x.dtype, shape: [length, ...x.shape.slice(1)] } : x),
  )
  const scan = makeScan({ ...scanAttrs(own), length }, operands)
  const parts = partsOf(scan)
  const results = [...parts.finals, ...parts.stacks].filter((t) => isFloat(t.dtype))
  const arrivals = results.map((t) => ({ part: t, cotangent: leaf(t) }))
  const cotangents = sweepRegion(scan, arrivals).filter((t) => t !== null)
  const passes = { save: true, hoist: true, sink: true }
  const { roots } = rewriteLoops([...results, ...cotangents], simplification(), passes)
  const given = new Set(operands)
  const kept = toposort(roots).flatMap((t) =>
    t.op.kind === 'region' ? t.inputs.filter((x) => !given.has(x)) : t.op.kind === 'part' ? [t] : [],
  )
  const turns = [...new Set(kept)].filter((t) => t.op.kind !== 'leaf' && t.shape[0] === length)
  return turns.reduce((sum, t) => sum + bytesIn(t) / length, 0)
}
