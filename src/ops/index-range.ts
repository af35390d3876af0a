import { toposort } from '../ir/graph'
import type { AnyOp, Check } from '../ir/op'
import { currentOrigin } from '../ir/origin'
import { bodyResults } from '../ir/region'
import { apply, describe, makeTensor, type Tensor } from '../ir/tensor'
import type { DType, TensorType } from '../ir/type'
import { sumT } from './broadcast'
import { scalarConstant } from './leaf'
import { castTensor } from './promote'
import { operandsOf, type PartAttrs, partOp, roleOf } from './region'
import { type CountedOutput, scanPart } from './scan-parts'
import { lessEqualOp, lessT, whereT } from './select'

const INT32: TensorType = { dtype: 'int32', shape: [] }

/** An operand that is an index, and what it must stay below. */
export interface IndexUse {
  readonly index: Tensor
  readonly below: number
  readonly op: string
}

/** Every index operand among the tensors, each range of one tensor once; also what regions read as an index. */
export function indexUses(order: readonly Tensor[]): IndexUse[] {
  const found: IndexUse[] = []
  const note = (use: IndexUse): void => {
    if (boundOf(use.index) > use.below && !found.some((u) => u.index === use.index && u.below === use.below))
      found.push(use)
  }
  for (const t of order) {
    for (const { input, below } of t.op.ranges?.(t.inputs, t.attrs) ?? [])
      note({ index: throughViews(t.inputs[input]!), below, op: nameOf(userOf(t)) })
    if (t.op.kind === 'region') usesOfRegion(forwardOf(t)).forEach(note)
  }
  return found
}

/** The op that people wrote: its gradient may be all that is left of it. */
function userOf(t: Tensor): Tensor {
  const { rule } = t.origin
  return rule?.op.ranges ? userOf(rule) : t
}

const nameOf = ({ op, origin: { call } }: Tensor): string => call ?? op.name

/** A gradient reads the indices that its region reads. */
export function forwardOf(region: Tensor): Tensor {
  const { rule } = region.origin
  return rule?.op.kind === 'region' ? forwardOf(rule) : region
}

/** What a loop takes slices of or captures, and constants. An arm of a choice counts itself what it reads from outside. */
function usesOfRegion(region: Tensor): IndexUse[] {
  if (region.op.kind !== 'region') return []
  const isLoop = region.op.name === 'scan'
  const operands = new Map(
    operandsOf(region).flatMap(({ operand, stand }) =>
      stand && roleOf(stand) !== 'carry' ? [[stand, operand] as const] : [],
    ),
  )
  return region.op.bodies(region.attrs).flatMap((body) =>
    indexUses(toposort(bodyResults(body))).flatMap((use) => {
      const operand = operands.get(use.index)
      const index = operand ? throughViews(operand) : use.index
      return (operand && isLoop) || index.op.name === 'constant' ? [{ ...use, index }] : []
    }),
  )
}

const MOVES: ReadonlySet<string> = new Set([
  'reshape',
  'expandDims',
  'squeeze',
  'transpose',
  'flip',
  'broadcastTo',
  'identity',
  'barrier',
  'stopGradient',
])

/** What a tensor's values are, whatever their order; floats are cut to whole numbers where they are cast. */
function throughViews(t: Tensor): Tensor {
  let now = t
  while (MOVES.has(now.op.name) || isCastToIndex(now)) now = now.inputs[0]!
  return now
}

/** Other casts change what is in range: uint8 wraps, a float rounds large integers, a bool is 0 or 1. */
const isCastToIndex = ({ op, dtype }: Tensor): boolean => op.name === 'cast' && dtype === 'int32'

/** What all values of a tensor are known to stay below; those of a part do too. */
function boundOf(t: Tensor): number {
  let now = throughViews(t)
  while (now.op.name === 'slice') now = throughViews(now.inputs[0]!)
  return now.op.bound?.(now.inputs, now.attrs) ?? VALUES[now.dtype] ?? Infinity
}
/** How many values there are, from 0 on. */
const VALUES: Readonly<Partial<Record<DType, number>>> = { bool: 2, uint8: 256 }

/** Counts what is out of range. */
export function countOf({ index, below, op }: IndexUse): Check {
  // float32 has not all bounds.
  const value = index.dtype === 'float32' ? castTensor(index, 'float64') : index
  const isLarge = apply(lessEqualOp, [scalarConstant(below, value.dtype), value], {})
  const hasSign = VALUES[value.dtype] === undefined
  // A cast makes 0 of what lies between -1 and 0. NaN is not above -1, and so it is outside.
  const isThere = hasSign ? lessT(scalarConstant(-1, value.dtype), value) : undefined
  const outside = isThere ? whereT(isThere, isLarge, scalarConstant(1, 'bool')) : isLarge
  return {
    count: total(castTensor(outside, 'int32')),
    message: `${describe(index)} has indices out of range for ${op}: legal are 0 to ${below - 1}`,
  }
}

const total = (t: Tensor): Tensor =>
  t.shape.length === 0 ? t : sumT(t, { axes: t.shape.map((_, i) => i), keepDims: false })

/**
 * What the ops of tensors check by themselves, and what the regions among them count. The regions of a gradient count what
 * their rules made, so where those stand, what they are the gradient of counts as well.
 */
export function checksOf(order: readonly Tensor[], isGradient = false): Check[] {
  const seen = new Set<unknown>()
  return order.flatMap((t) => {
    if (t.op.checks)
      return t.op.checks(t, t.attrs).map((check) => ({ ...check, message: check.message + purposeOf(t) }))
    if (t.op.kind !== 'region') return []
    return (isGradient ? [t] : [forwardOf(t), t]).flatMap((region) => {
      if (seen.has(region.attrs)) return []
      seen.add(region.attrs)
      const { counts = [] } = region.attrs as { readonly counts?: readonly CountedOutput[] }
      return counts.map(({ output, message }) => ({ count: total(countPart(region, output)), message }))
    })
  })
}

/** People did not write what a rule made, but what it is the gradient of. */
function purposeOf({ origin: { rule, recomputed } }: Tensor): string {
  if (!rule || recomputed) return ''
  let of = rule
  // What is computed again in a loop or an arm has that for its rule.
  while (of.origin.rule && of.origin.rule.op.kind !== 'region') of = of.origin.rule
  return `, in the gradient of ${describe(of)}`
}

function countPart(region: Tensor, index: number): Tensor {
  if (region.op.name === 'scan') return scanPart(region, 'stack', index)
  return makeTensor(partOp as AnyOp, [region], { kind: 'result', index } satisfies PartAttrs, INT32, currentOrigin())
}

/**
 * Checks in a body that is being closed; `isCounted` says of which of its indices those are counted that are out of range. A
 * gradient computes the body again, where all has been counted, and only its own rules are looked at.
 */
export function countsWithin(
  results: readonly Tensor[],
  inside: { has(t: Tensor): boolean },
  isCounted: (use: IndexUse) => boolean,
  isGradient: boolean,
): Check[] {
  const order = toposort(results).filter((t) => inside.has(t) && !(isGradient && t.origin.recomputed))
  const indices = isGradient ? [] : indexUses(order).filter(isCounted)
  return [...indices.map(countOf), ...checksOf(order, isGradient)]
}
