import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { valueText } from '../ir/names-of'
import { describe, requireTensor } from '../ir/tensor'
import { type DataFormat, reachOf } from '../ops/window'

export type { DataFormat }

/** One number for every spatial dimension, or one each. */
export type PerDim = number | readonly number[]
/**
 * `valid`: windows lie inside. `same`: as many windows as elements divided by the stride, rounded up; an odd unit of padding
 * lies at the end (TensorFlow, Keras). A number pads both sides of every dimension by itself (PyTorch); a list has a number
 * or a pair [before, after] for each dimension.
 */
export type Padding = 'valid' | 'same' | number | readonly (number | readonly [before: number, after: number])[]

/** Where channels stand. */
export interface FormatOption<F extends DataFormat = DataFormat> {
  /** `channelsLast` is [batch, ...spatial, channels], the default; `channelsFirst` is [batch, channels, ...spatial]. */
  readonly dataFormat?: F
}

/** What is left of options once every dimension has its numbers. */
export interface ResolvedPadding {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export function checkRank(op: string, x: Tensor, spatial: number): void {
  requireTensor(op, x)
  if (x.shape.length !== spatial + 2)
    throw new GraphError(
      `${op}: needs ${spatial + 2} dimensions, batch, channels and ${spatial} spatial, got ${describe(x)}`,
    )
}

export function checkFormat(op: string, format: DataFormat): DataFormat {
  if (format !== 'channelsLast' && format !== 'channelsFirst')
    throw new GraphError(`${op}: dataFormat must be 'channelsLast' or 'channelsFirst', it is ${JSON.stringify(format)}`)
  return format
}

/** A list as it was written, anything else by its kind. */
const listText = (value: unknown): string => (Array.isArray(value) ? JSON.stringify(value) : valueText(value))

/** Whole numbers from `least`, one for each dimension. */
export function perDim(op: string, name: string, value: PerDim, spatial: number, least = 1): number[] {
  const list: unknown = typeof value === 'number' ? Array.from({ length: spatial }, () => value) : value
  const isLegal = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= least
  if (Array.isArray(list) && list.length === spatial && list.every(isLegal)) return [...list]
  throw new GraphError(
    `${op}: ${name} must be a whole number from ${least}, or ${spatial} of them, it is ${listText(value)}`,
  )
}

export function explicitPadding(op: string, padding: Exclude<Padding, string>, spatial: number): ResolvedPadding {
  const list: unknown = typeof padding === 'number' ? Array.from({ length: spatial }, () => padding) : padding
  const pairs: unknown = Array.isArray(list) && list.map((p: unknown) => (typeof p === 'number' ? [p, p] : p))
  const isWidth = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= 0
  const isPair = (p: unknown): p is readonly [number, number] => Array.isArray(p) && p.length === 2 && p.every(isWidth)
  if (Array.isArray(pairs) && pairs.length === spatial && pairs.every(isPair))
    return { before: pairs.map((p) => p[0]), after: pairs.map((p) => p[1]) }
  throw new GraphError(
    `${op}: padding must be 'valid', 'same', a whole number from 0, or one or a pair [before, after] for each of ` +
      `${spatial} spatial dimensions, it is ${listText(padding)}`,
  )
}

/** Padding in numbers for windows over `size`. */
export function resolvePadding(
  op: string,
  padding: Padding | 'causal',
  size: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): ResolvedPadding {
  if (typeof padding !== 'string') return explicitPadding(op, padding, size.length)
  const none = size.map(() => 0)
  const reach = window.map((k, i) => reachOf(k, dilations[i]!))
  switch (padding) {
    case 'valid':
      return { before: none, after: none }
    case 'same': {
      const total = size.map((d, i) => Math.max(0, (Math.ceil(d / strides[i]!) - 1) * strides[i]! + reach[i]! - d))
      return split(total)
    }
    case 'causal':
      if (size.length === 1) return { before: reach.map((r) => r - 1), after: none }
      throw new GraphError(`${op}: causal padding is for one spatial dimension, there are ${size.length}`)
    default:
      throw new GraphError(`${op}: padding must be 'valid', 'same' or numbers, it is ${JSON.stringify(padding)}`)
  }
}

/** Half on either side, the odd unit behind. */
export const split = (total: readonly number[]): ResolvedPadding => ({
  before: total.map((t) => Math.floor(t / 2)),
  after: total.map((t) => Math.ceil(t / 2)),
})
