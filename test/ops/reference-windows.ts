import type { WINDOWED } from '../../src/ops/table-window'
import { at, largest, pointsOf, type Reference, sizeOf, tabulate, times, total, type Values } from './values'

// Windows by their definition alone: window position o and tap k meet element i = o * stride + k * dilation - before.

type Format = 'channelsLast' | 'channelsFirst'
interface Moving {
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly format: Format
}
type Pooling = Moving & { readonly window: readonly number[] }

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const placed = (n: number, spatial: readonly number[], c: number, format: Format): number[] =>
  format === 'channelsLast' ? [n, ...spatial, c] : [n, c, ...spatial]
const parted = (p: readonly number[], format: Format) =>
  format === 'channelsLast'
    ? { n: p[0]!, spatial: p.slice(1, -1), c: p.at(-1)! }
    : { n: p[0]!, spatial: p.slice(2), c: p[1]! }
const spatialOf = ({ shape }: Values, format: Format): readonly number[] => parted(shape, format).spatial
const channelsOf = ({ shape }: Values, format: Format): number => parted(shape, format).c

/** Where window position o and tap k meet; elements of the border are counted as outside. */
const meeting = (o: readonly number[], k: readonly number[], { strides, dilations, before }: Moving): number[] =>
  o.map((v, i) => v * strides[i]! + k[i]! * dilations[i]! - before[i]!)
const isInside = (i: readonly number[], size: readonly number[]): boolean => i.every((v, d) => v >= 0 && v < size[d]!)

/** Windows whose last tap is no further out than the border. */
const countsOf = (
  size: readonly number[],
  window: readonly number[],
  { strides, dilations, before, after }: Moving,
): number[] =>
  size.map((extent, i) => {
    const last = (o: number): number => o * strides[i]! + (window[i]! - 1) * dilations[i]! - before[i]!
    let count = 0
    while (last(count) < extent + after[i]!) count++
    return count
  })

/** All triples of a window position, a tap and the element that they meet. */
function meetings(counts: readonly number[], window: readonly number[], size: readonly number[], moving: Moving) {
  const taps = pointsOf(window)
  return pointsOf(counts).flatMap((o) =>
    taps.map((k) => ({ o, k, i: meeting(o, k, moving) })).filter(({ i }) => isInside(i, size)),
  )
}

/** Zeros to which terms are added. */
function sums(shape: readonly number[], dtype: Values['dtype']) {
  const data = new Float64Array(sizeOf(shape))
  const add = (p: readonly number[], term: number): void => {
    data[p.reduce((n, k, i) => n * shape[i]! + k, 0)]! += term
  }
  return { add, done: (): Values => tabulate(shape, dtype, (p) => at({ shape, dtype, data }, p)) }
}

interface Trilinear extends Moving {
  readonly groups: number
}
/** Every (n, o, k, i, input channel within its group, input channel, output channel) of a convolution. */
function everyTerm(
  {
    batch,
    counts,
    window,
    size,
    inputs,
    outputs,
  }: Readonly<Record<'batch' | 'inputs' | 'outputs', number>> &
    Readonly<Record<'counts' | 'window' | 'size', readonly number[]>>,
  attrs: Trilinear,
  visit: (x: number[], w: number[], y: number[]) => void,
): void {
  const perGroup = inputs / attrs.groups
  for (const { o, k, i } of meetings(counts, window, size, attrs))
    for (const n of range(batch))
      for (const c of range(outputs))
        for (const own of range(perGroup)) {
          const group = Math.floor(c / (outputs / attrs.groups))
          visit(placed(n, i, group * perGroup + own, attrs.format), [...k, own, c], placed(n, o, c, attrs.format))
        }
}

const conv: Reference<'conv'> = ([x, w], attrs) => {
  const [size, window] = [spatialOf(x!, attrs.format), w!.shape.slice(0, -2)]
  const [batch, inputs, outputs] = [x!.shape[0]!, channelsOf(x!, attrs.format), w!.shape.at(-1)!]
  const counts = countsOf(size, window, attrs)
  const y = sums(placed(batch, counts, outputs, attrs.format), x!.dtype)
  everyTerm({ batch, counts, window, size, inputs, outputs }, attrs, (p, q, r) =>
    y.add(r, times(at(x!, p), at(w!, q), x!.dtype)),
  )
  return y.done()
}
const convInput: Reference<'convInput'> = ([y, w], attrs) => {
  const [counts, window] = [spatialOf(y!, attrs.format), w!.shape.slice(0, -2)]
  const [batch, outputs] = [y!.shape[0]!, w!.shape.at(-1)!]
  const inputs = w!.shape.at(-2)! * attrs.groups
  const x = sums(placed(batch, attrs.size, inputs, attrs.format), y!.dtype)
  everyTerm({ batch, counts, window, size: attrs.size, inputs, outputs }, attrs, (p, q, r) =>
    x.add(p, times(at(y!, r), at(w!, q), y!.dtype)),
  )
  return x.done()
}
const convKernel: Reference<'convKernel'> = ([x, y], attrs) => {
  const { format, window, groups } = attrs
  const [batch, inputs, outputs] = [x!.shape[0]!, channelsOf(x!, format), channelsOf(y!, format)]
  const w = sums([...window, inputs / groups, outputs], x!.dtype)
  const [counts, size] = [spatialOf(y!, format), spatialOf(x!, format)]
  everyTerm({ batch, counts, window, size, inputs, outputs }, attrs, (p, q, r) =>
    w.add(q, times(at(x!, p), at(y!, r), x!.dtype)),
  )
  return w.done()
}

interface Indexed {
  readonly base: number
  readonly terms: readonly (readonly [number, number])[]
}
const indexOf = (dims: readonly Indexed[], point: readonly number[]): number[] =>
  dims.map(({ base, terms }) => terms.reduce((sum, [label, k]) => sum + k * point[label]!, base))
const flatOf = (p: readonly number[], shape: readonly number[]): number => p.reduce((n, k, i) => n * shape[i]! + k, 0)

/** A pooled tensor: every window, by the elements that it really holds in row-major order of its taps. */
function pooled(
  x: Values,
  attrs: Pooling,
  dtype: Values['dtype'],
  of: (held: { value: number; tap: number }[], o: readonly number[]) => number,
): Values {
  const size = spatialOf(x, attrs.format)
  const taps = pointsOf(attrs.window)
  const shape = placed(x.shape[0]!, countsOf(size, attrs.window, attrs), channelsOf(x, attrs.format), attrs.format)
  return tabulate(shape, dtype, (p) => {
    const { n, spatial, c } = parted(p, attrs.format)
    const held = taps.flatMap((k, tap) => {
      const i = meeting(spatial, k, attrs)
      return isInside(i, size) ? [{ value: at(x, placed(n, i, c, attrs.format)), tap }] : []
    })
    return of(held, spatial)
  })
}
const tapOf = (tap: number, window: readonly number[]): readonly number[] => pointsOf(window)[tap]!

export const WINDOW_REFERENCE: { readonly [N in keyof typeof WINDOWED]: Reference<N> } = {
  conv,
  convInput,
  convKernel,
  windowProduct: ([a, b, offsets], { extents, a: left, b: right, out, summed, moved }) => {
    const inner = pointsOf(summed.map((label) => extents[label]!))
    const shape = out.map((label) => extents[label]!)
    return tabulate(shape, a!.dtype, (p) => {
      const point = extents.map(() => 0)
      out.forEach((label, i) => (point[label] = p[i]!))
      const terms = inner.map((q) => {
        summed.forEach((label, i) => (point[label] = q[i]!))
        const shift = moved ? at(offsets!, indexOf(moved, point)) : 0
        return times(a!.data[flatOf(indexOf(left, point), a!.shape) + shift]!, at(b!, indexOf(right, point)), a!.dtype)
      })
      return total(terms)
    })
  },
  windowScatter: ([a, b, offsets], { extents, a: left, b: right, moved, to, shape }) => {
    const data = new Float64Array(sizeOf(shape))
    for (const point of pointsOf(extents)) {
      const position = flatOf(indexOf(to, point), shape) + at(offsets!, indexOf(moved, point))
      data[position]! += times(at(a!, indexOf(left, point)), at(b!, indexOf(right, point)), a!.dtype)
    }
    return tabulate(shape, a!.dtype, (p) => data[flatOf(p, shape)]!)
  },
  windows: ([x], attrs) => {
    const { window, format } = attrs
    const counts = countsOf(spatialOf(x!, format), window, attrs)
    return tabulate(placed(x!.shape[0]!, [...counts, ...window], channelsOf(x!, format), format), x!.dtype, (p) => {
      const { n, spatial, c } = parted(p, format)
      const i = meeting(spatial.slice(0, window.length), spatial.slice(window.length), attrs)
      return at(x!, placed(n, i, c, format))
    })
  },
  foldTurns: ([x], { strides, dilations, window, firsts, turns, format }) => {
    const apart = turns.flatMap((n, i) => [n, strides[i]!])
    const y = sums(placed(x!.shape[0]!, apart, channelsOf(x!, format), format), x!.dtype)
    const none = window.map(() => 0)
    const moving = { strides, dilations, before: none, after: none, format }
    const positions = spatialOf(x!, format).slice(0, window.length)
    for (const o of pointsOf(positions))
      for (const k of pointsOf(window)) {
        const i = meeting(o, k, moving)
        const turn = i.map((v, d) => Math.floor(v / strides[d]!) - firsts[d]!)
        if (!isInside(turn, turns)) continue
        for (const n of range(x!.shape[0]!))
          for (const c of range(channelsOf(x!, format))) {
            const to = turn.flatMap((q, d) => [q, i[d]! % strides[d]!])
            y.add(placed(n, to, c, format), at(x!, placed(n, [...o, ...k], c, format)))
          }
      }
    return y.done()
  },
  maxPool: ([x], attrs) => pooled(x!, attrs, x!.dtype, (held) => largest(held.map((h) => h.value))),
  poolIndex: ([x], attrs) =>
    pooled(x!, attrs, 'int32', (held) => {
      const top = largest(held.map((h) => h.value))
      return attrs.codes[held.find(({ value }) => value === top || (top !== top && value !== value))!.tap]!
    }),
  place: ([g, index], attrs) => {
    const { format, size, window } = attrs
    const x = sums(placed(g!.shape[0]!, size, channelsOf(g!, format), format), g!.dtype)
    for (const p of pointsOf(g!.shape)) {
      const { n, spatial, c } = parted(p, format)
      const i = meeting(spatial, tapOf(at(index!, p), window), attrs)
      if (isInside(i, size)) x.add(placed(n, i, c, format), at(g!, p))
    }
    return x.done()
  },
  pick: ([x, index], attrs) =>
    tabulate(index!.shape, x!.dtype, (p) => {
      const { n, spatial, c } = parted(p, attrs.format)
      const i = meeting(spatial, tapOf(at(index!, p), attrs.window), attrs)
      return isInside(i, spatialOf(x!, attrs.format)) ? at(x!, placed(n, i, c, attrs.format)) : 0
    }),
  sumPool: ([x], attrs) => pooled(x!, attrs, x!.dtype, (held) => total(held.map((h) => h.value))),
  averagePool: ([x], attrs) =>
    pooled(x!, attrs, x!.dtype === 'float64' ? 'float64' : 'float32', (held) => {
      const sum = total(held.map((h) => h.value))
      return sum / (attrs.includesPadding ? sizeOf(attrs.window) : held.length)
    }),
}
