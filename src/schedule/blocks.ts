import { addScaled, type Axis, axisIndex, type AxisMap, constIndex } from '../ir/affine'
import type { Accumulator } from '../ir/block'
import type { Local, Stmt } from '../ir/loop'
import { call, mapScalars, type Scalar } from '../ir/scalar'
import { type FlatKernel, localValue, makeLocal, moveAxes } from './flat'
import { loop, type Span } from './loops'

/** Longest chain of float32 additions in a plain sum, and in a sum of products. */
export const CHAIN = { sum: 64, product: 1024 } as const

/** A stretch of a reduction that is summed by itself before it is added to the total. */
export interface ReducePart {
  /** Loops around it, outermost first. */
  readonly around: readonly { readonly axis: Axis; readonly span: Span }[]
  /** Those of the kernel, in their order, over the axes of the part. */
  readonly accumulators: readonly Accumulator[]
  readonly reduceAxes: readonly Axis[]
  /** The kernel's axes over those of the part. */
  readonly map: AxisMap
}

/**
 * Splits a reduction in float32 so that no chain of additions exceeds `limit`; the innermost axis advances by `width` in
 * independent chains. One part without loops around it where nothing has to be split.
 */
export function reduceParts(kernel: FlatKernel, limit: number, width = 1): ReducePart[] {
  const { accumulators, reduceAxes } = kernel
  const whole: ReducePart = { around: [], accumulators, reduceAxes, map: new Map() }
  if (!accumulators.some((a) => a.combine === 'add' && a.dtype === 'float32')) return [whole]
  let chain = 1
  for (let p = reduceAxes.length - 1; p >= 0; p--) {
    const axis = reduceAxes[p]!
    const unit = p === reduceAxes.length - 1 ? width : 1
    const own = Math.ceil(axis.extent / unit)
    if (chain * own > limit) return splitAxis(whole, p, Math.max(1, Math.floor(limit / chain)) * unit)
    chain *= own
  }
  return [whole]
}

function splitAxis({ accumulators, reduceAxes }: ReducePart, p: number, size: number): ReducePart[] {
  const axis = reduceAxes[p]!
  const count = Math.floor(axis.extent / size)
  const outside = reduceAxes.slice(0, p).map((a) => ({ axis: a, span: { from: 0, to: a.extent, step: 1 } }))
  const block: Axis = { ...axis, name: `${axis.name}0` }
  const part = (extent: number, start: ReturnType<typeof axisIndex>): Omit<ReducePart, 'around'> => {
    const inner: Axis = { ...axis, extent }
    const map = new Map([[axis, addScaled(start, axisIndex(inner), 1)]])
    const bodies = mapScalars(
      accumulators.map((a) => a.body),
      moveAxes(map),
    )
    return {
      accumulators: accumulators.map((a, i) => ({ ...a, body: bodies[i]! })),
      reduceAxes: [inner, ...reduceAxes.slice(p + 1)],
      map,
    }
  }
  const to = count * size
  const parts: ReducePart[] = []
  if (count > 0)
    parts.push({
      around: [...outside, { axis: block, span: { from: 0, to, step: size } }],
      ...part(size, axisIndex(block)),
    })
  if (to < axis.extent) parts.push({ around: outside, ...part(axis.extent - to, constIndex(to)) })
  return parts
}

/** Wraps statements in the loops around a part. */
export const wrapPart = ({ around }: ReducePart, body: readonly Stmt[]): Stmt[] =>
  around.reduceRight<Stmt[]>((inner, { axis, span }) => [loop(axis, inner, span)], [...body])

/** A running total of the parts, with what its additions lost where that matters. */
export interface Total {
  readonly high: Local
  readonly low?: Local
}

export const makeTotal = ({ combine, dtype }: Accumulator, hint: string, isCareful: boolean): Total => ({
  high: makeLocal(hint, dtype),
  ...(isCareful && combine === 'add' && dtype === 'float32' ? { low: makeLocal(`${hint}Low`, dtype) } : {}),
})

/** Adds a part. Where a total has a low half it keeps the error of each addition. Source: Knuth, TAOCP 2, 4.2.2, theorem B. */
export function addToTotal({ combine }: Accumulator, { high, low }: Total, part: Local): Stmt[] {
  const [a, b] = [localValue(high), localValue(part)]
  const sum = call(combine as 'add', a, b)
  if (!low) return [{ kind: 'set', local: high, value: sum }]
  const now = makeLocal('sum', high.dtype)
  const back = makeLocal('back', high.dtype)
  const [s, z] = [localValue(now), localValue(back)]
  const lost: Scalar = call('add', call('sub', a, call('sub', s, z)), call('sub', b, z))
  return [
    { kind: 'let', local: now, value: sum },
    { kind: 'let', local: back, value: call('sub', s, a) },
    { kind: 'set', local: low, value: call('add', localValue(low), lost) },
    { kind: 'set', local: high, value: s },
  ]
}

/** Both halves as one value. What an infinite total lost is no number. */
export function finishTotal({ high, low }: Total): Stmt[] {
  if (!low) return []
  const [a, b] = [localValue(high), localValue(low)]
  return [{ kind: 'set', local: high, value: call('select', call('eq', b, b), call('add', a, b), a) }]
}
