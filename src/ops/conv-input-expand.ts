import { countTo } from '../ir/count-to'
import type { Tensor } from '../ir/tensor'
import type { TensorType } from '../ir/type'
import { zerosT } from './broadcast'
import { BATCH, channel, FIRST, GROUP, type Grouped, IN, layout, OUT } from './conv-expand'
import { concatT, padT, sliceT } from './pieces'
import { reshapeT } from './view'
import { spatialOf, withLayout } from './window'
import { bordered } from './window-border'
import { type LabelIndex, plain, windowProductT } from './window-product'

/** The taps of one dimension that reach elements s Q + r: k = first + apart * t, from window position Q + from - back * t. */
interface Phase {
  readonly first: number
  readonly apart: number
  readonly count: number
  readonly from: number
  readonly back: number
}

/** Undefined where no tap reaches elements s Q + r; element i is position i + before. */
function phaseOf(r: number, window: number, stride: number, dilation: number, before: number): Phase | undefined {
  const reaches = (k: number): boolean => (r + before - k * dilation) % stride === 0
  const first = countTo(Math.min(window, stride)).find(reaches)
  if (first === undefined) return undefined
  const common = gcd(dilation, stride)
  const apart = stride / common
  return {
    first,
    apart,
    count: Math.floor((window - 1 - first) / apart) + 1,
    from: (r + before - first * dilation) / stride,
    back: dilation / common,
  }
}
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/**
 * The gradient of a convolution by its operand, which is a transposed convolution. Elements that are a stride apart get their
 * sums from the same taps: each such phase is a dense product with every stride-th tap, so that no zeros are multiplied. The
 * phases are laid side by side at the end.
 */
export function convInputExpansion(
  y: Tensor,
  w: Tensor,
  attrs: Grouped & { readonly size: readonly number[] },
): Tensor {
  const { strides, dilations, before, format, size } = attrs
  const channels = w.shape.at(-2)! * attrs.groups
  const counts = size.map((d, i) => Math.max(1, Math.min(d, strides[i]!)))
  const turns = size.map((d, i) => Math.ceil(d / strides[i]!))
  const phases = counts.map((count, i) =>
    countTo(count).map((r) => phaseOf(r, w.shape[i]!, strides[i]!, dilations[i]!, before[i]!)),
  )
  const shapeOf = (spatial: readonly number[]): number[] => withLayout(y.shape[0]!, spatial, channels, format)
  // Element s Q + r lies at Q, r until all phases are there.
  const apart = (held: readonly number[]): number[] =>
    layout([y.shape[0]!], turns.map((n, i) => (counts[i] === 1 ? [n] : [n, held[i]!])), [[channels]], format).flat() // prettier-ignore
  const axisOf = (dim: number): number =>
    counts.slice(0, dim).reduce((sum, n) => sum + (n === 1 ? 1 : 2), format === 'channelsLast' ? 2 : 3)

  const operand = borderedForPhases(y, attrs, phases, turns)
  const each = (dim: number, known: readonly Phase[]): Tensor => {
    if (dim === size.length) return reshapeT(phaseProduct(operand, w, attrs, known, turns), apart(size.map(() => 1)))
    const parts = phases[dim]!.map((phase) => phase && each(dim + 1, [...known, phase]))
    const shape = apart(counts.map((n, i) => (i > dim ? n : 1)))
    return sideBySide(parts, axisOf(dim), { dtype: y.dtype, shape })
  }
  const whole = reshapeT(each(0, []), shapeOf(turns.map((n, i) => n * counts[i]!)))
  return sliceT(whole, { start: whole.shape.map(() => 0), step: whole.shape.map(() => 1), size: shapeOf(size) })
}

/** Parts side by side along an axis, zeros where there is none. */
function sideBySide(parts: readonly (Tensor | undefined)[], axis: number, type: TensorType): Tensor {
  const [first, last] = [parts.findIndex((p) => p), parts.findLastIndex((p) => p)]
  if (first < 0) return zerosT({ ...type, shape: parts.length > 1 ? type.shape.with(axis, parts.length) : type.shape })
  const border = (n: number): number[] => type.shape.map((_, i) => (i === axis ? n : 0))
  const held = parts.slice(first, last + 1).map((p) => p ?? zerosT(type))
  return padT(concatT(held, axis), border(first), border(parts.length - 1 - last), 0)
}

/** Windows with a border that all phases read within. */
interface BorderedWindows {
  readonly windows: Tensor
  /** Positions in front of the first window. */
  readonly front: readonly number[]
}

function borderedForPhases(
  y: Tensor,
  { format }: Grouped,
  phases: readonly (readonly (Phase | undefined)[])[],
  turns: readonly number[],
): BorderedWindows {
  const counts = spatialOf(y.shape, format)
  const most = (i: number, of: (phase: Phase) => number): number =>
    Math.max(0, ...phases[i]!.flatMap((phase) => (phase ? [of(phase)] : [])))
  const front = counts.map((_, i) => most(i, ({ from, back, count }) => back * (count - 1) - from))
  const behind = counts.map((n, i) => most(i, ({ from }) => from + turns[i]! - n))
  return { windows: bordered(y, front, behind, format, 0), front }
}

function phaseProduct(
  { windows, front }: BorderedWindows,
  w: Tensor,
  { groups, format }: Grouped,
  phases: readonly Phase[],
  turns: readonly number[],
): Tensor {
  const batch = windows.shape[0]!
  const [perGroup, outputs] = w.shape.slice(-2) as [number, number]
  const positions = phases.map((_, i) => FIRST + i)
  const taps = phases.map((_, i) => FIRST + phases.length + i)
  const at = phases.map(({ from, back }, i): LabelIndex => ({ base: from + front[i]!, terms: [[positions[i]!, 1], [taps[i]!, -back]] })) // prettier-ignore
  const tapAt = phases.map(({ first, apart }, i): LabelIndex => ({ base: first, terms: [[taps[i]!, apart]] }))
  const out = channel(OUT, outputs / groups, groups)
  const made = windowProductT(windows, w, {
    extents: [batch, groups, perGroup, outputs / groups, ...turns, ...phases.map((p) => p.count)],
    a: layout(plain(BATCH), at, [out], format),
    b: [...tapAt, plain(IN), out],
    out: layout(BATCH, positions, groups === 1 ? [IN] : [GROUP, IN], format),
    summed: [...taps, OUT],
    title: 'convTranspose',
  })
  return reshapeT(made, withLayout(batch, turns, perGroup * groups, format))
}
