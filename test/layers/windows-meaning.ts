import { at, pointsOf, sizeOf, tabulate, type Values } from '../ops/values'

// Convolutions and pools by their definition, channels last; Keras's rules of padding.

type Numbers = readonly number[]
export interface Moves {
  readonly strides: Numbers
  readonly dilations: Numbers
  readonly padding: 'valid' | 'same' | 'causal'
}
const reachOf = (k: number, d: number): number => (k - 1) * d + 1

/** How many windows there are along an axis, and what lies in front of the first element. */
function along(n: number, k: number, stride: number, dilation: number, padding: Moves['padding']) {
  const reach = reachOf(k, dilation)
  if (padding === 'valid') return { count: Math.floor((n - reach) / stride) + 1, before: 0 }
  if (padding === 'causal') return { count: Math.floor((n - 1) / stride) + 1, before: reach - 1 }
  const count = Math.ceil(n / stride)
  return { count, before: Math.floor(Math.max((count - 1) * stride + reach - n, 0) / 2) }
}
const spatial = ({ shape }: Values): Numbers => shape.slice(1, -1)
const axesOf = (x: Values, window: Numbers, { strides, dilations, padding }: Moves) =>
  window.map((k, i) => along(spatial(x)[i]!, k, strides[i]!, dilations[i]!, padding))
const elementAt = (o: Numbers, k: Numbers, befores: Numbers, { strides, dilations }: Moves): number[] =>
  o.map((v, i) => v * strides[i]! + k[i]! * dilations[i]! - befores[i]!)
const isInside = (i: Numbers, size: Numbers): boolean => i.every((v, d) => v >= 0 && v < size[d]!)

export function convolved(x: Values, w: Values, moves: Moves, groups = 1): Values {
  const window = w.shape.slice(0, -2)
  const axes = axesOf(x, window, moves)
  const [perGroup, filters] = w.shape.slice(-2) as [number, number]
  const taps = pointsOf([...window, perGroup])
  return tabulate([x.shape[0]!, ...axes.map((a) => a.count), filters], x.dtype, (p) => {
    const [o, f] = [p.slice(1, -1), p.at(-1)!]
    const group = Math.floor(f / (filters / groups))
    return taps.reduce((total, tap) => {
      const [k, c] = [tap.slice(0, -1), tap.at(-1)!]
      const i = elementAt(o, k, axes.map((a) => a.before), moves) // prettier-ignore
      return isInside(i, spatial(x)) ? total + at(x, [p[0]!, ...i, group * perGroup + c]) * at(w, [...k, c, f]) : total
    }, 0)
  })
}

/** Each channel by kernels [..., channels, multiplier]. */
export function depthwise(x: Values, w: Values, moves: Moves): Values {
  const [channels, multiplier] = w.shape.slice(-2) as [number, number]
  return convolved(x, { ...w, shape: [...w.shape.slice(0, -2), 1, channels * multiplier] }, moves, channels)
}

/** Kernel [..., filters, channels]; padding and sizes as in the JAX backend of Keras. */
export function transposed(x: Values, w: Values, moves: Moves, outputPadding?: Numbers): Values {
  const window = w.shape.slice(0, -2)
  const filters = w.shape.at(-2)!
  const axes = window.map((k, i) => {
    const [stride, reach, extra] = [moves.strides[i]!, reachOf(k, moves.dilations[i]!), outputPadding?.[i]]
    if (moves.padding === 'valid') return [reach - 1, reach - 1 + (extra ?? Math.max(reach, stride) - reach)] as const
    const length = extra === undefined ? stride + reach - 2 : reach + (reach % 2) - 2 + extra
    const left = Math.min(Math.ceil(length / 2), reach - 1)
    return [left, length - left] as const
  })
  const size = axes.map(([left, right], i) => (spatial(x)[i]! - 1) * moves.strides[i]! - reachOf(window[i]!, moves.dilations[i]!) + 2 + left + right) // prettier-ignore
  const befores = axes.map(([left], i) => reachOf(window[i]!, moves.dilations[i]!) - 1 - left)
  const data = new Float64Array(sizeOf([x.shape[0]!, ...size, filters]))
  const y: Values = { shape: [x.shape[0]!, ...size, filters], dtype: x.dtype, data }
  for (const p of pointsOf(x.shape))
    for (const k of pointsOf(window)) {
      const i = elementAt(p.slice(1, -1), k, befores, moves)
      if (!isInside(i, size)) continue
      for (let f = 0; f < filters; f++) {
        const to = [p[0]!, ...i, f].reduce((n, v, d) => n * y.shape[d]! + v, 0)
        data[to]! += at(x, p) * at(w, [...k, f, p.at(-1)!])
      }
    }
  return y
}

/** A number for the elements of each window that lie inside. */
export function pooled(x: Values, window: Numbers, moves: Moves, of: (values: readonly number[]) => number): Values {
  const axes = axesOf(x, window, moves)
  return tabulate([x.shape[0]!, ...axes.map((a) => a.count), x.shape.at(-1)!], x.dtype, (p) => {
    const inside = pointsOf(window)
      .map((k) =>
        elementAt(
          p.slice(1, -1),
          k,
          axes.map((a) => a.before),
          moves,
        ),
      ) // prettier-ignore
      .filter((i) => isInside(i, spatial(x)))
    return of(inside.map((i) => at(x, [p[0]!, ...i, p.at(-1)!])))
  })
}

/** Windows from floor(i n / m) to ceil((i + 1) n / m). */
export function adaptive(x: Values, size: Numbers, of: (values: readonly number[]) => number): Values {
  return tabulate([x.shape[0]!, ...size, x.shape.at(-1)!], x.dtype, (p) => {
    const ranges = size.map((m, d) => {
      const [n, i] = [spatial(x)[d]!, p[1 + d]!]
      return [Math.floor((i * n) / m), Math.ceil(((i + 1) * n) / m)] as const
    })
    const points = pointsOf(ranges.map(([a, b]) => b - a)).map((q) => q.map((v, d) => v + ranges[d]![0]))
    return of(points.map((i) => at(x, [p[0]!, ...i, p.at(-1)!])))
  })
}

export const permuted = (x: Values, order: Numbers): Values =>
  tabulate(order.map((i) => x.shape[i]!), x.dtype, (p) => at(x, order.map((_, i) => p[order.indexOf(i)]!))) // prettier-ignore
/** Channels behind the batch moved to the end. */
export const lastOf = (x: Values): Values => permuted(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1])
/** Channels at the end moved behind the batch. */
export const firstOf = (x: Values): Values => permuted(x, [0, x.shape.length - 1, ...x.shape.slice(2).map((_, i) => i + 1)]) // prettier-ignore

/** y + bias along the last axis. */
export const biased = (y: Values, b: Values): Values => tabulate(y.shape, y.dtype, (p) => at(y, p) + b.data[p.at(-1)!]!)
export const mapped = (y: Values, f: (v: number) => number): Values => ({ ...y, data: y.data.map(f) })
