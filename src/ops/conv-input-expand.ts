import { countTo } from '../ir/count-to'
import type { Tensor } from '../ir/tensor'
import type { TensorType } from '../ir/type'
import { zerosT } from './broadcast'
import { BATCH, channel, FIRST, GROUP, type Grouped, IN, layout, OUT } from './conv-expand'
import { concatT, firstT, padT } from './pieces'
import { reshapeT } from './view'
import { spatialOf, withLayout } from './window'
import { bordered } from './window-border'
import { type LabelIndex, plain, windowProductT } from './window-product'

/**
 * The taps of one dimension that reach elements s Q + r, for some values of r from the first that is meant:
 * k = first + firstStep r + apart t, from window position Q + from + fromStep r - back t.
 */
interface Phases {
  readonly values: number
  readonly first: number
  readonly firstStep: number
  readonly apart: number
  readonly count: number
  readonly from: number
  readonly fromStep: number
  readonly back: number
}

/** The taps for one r; undefined where none reaches these elements. Element i is position i + before. */
function phaseOf(r: number, window: number, stride: number, dilation: number, before: number): Phases | undefined {
  const reaches = (k: number): boolean => (r + before - k * dilation) % stride === 0
  const first = countTo(Math.min(window, stride)).find(reaches)
  if (first === undefined) return undefined
  const common = gcd(dilation, stride)
  const apart = stride / common
  return {
    values: 1,
    first,
    firstStep: 0,
    apart,
    count: Math.floor((window - 1 - first) / apart) + 1,
    from: (r + before - first * dilation) / stride,
    fromStep: 0,
    back: dilation / common,
  }
}
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** The phases of a dimension as one, where as many taps reach each and they move evenly from one to the next. */
function together(all: readonly (Phases | undefined)[]): Phases | undefined {
  const [a, b = a] = all
  if (!a || !b) return undefined
  const [firstStep, fromStep] = [b.first - a.first, b.from - a.from]
  const isEven = all.every(
    (p, r) => p?.count === a.count && p.first === a.first + r * firstStep && p.from === a.from + r * fromStep,
  )
  return isEven ? { ...a, values: all.length, firstStep, fromStep } : undefined
}

/**
 * The gradient of a convolution by its operand, which is a transposed convolution. Elements that are a stride apart get their
 * sums from the same taps: each such phase is a dense product with every stride-th tap, so that no zeros are multiplied.
 * Phases that are alike are one product, others are laid side by side.
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
  const phases = counts.map((count, i) => {
    const all = countTo(count).map((r) => phaseOf(r, w.shape[i]!, strides[i]!, dilations[i]!, before[i]!))
    // Where channels come first, vectors are neighbours along the last dimension: those of one phase.
    const isDense = format === 'channelsFirst' && i === size.length - 1 && count > 1
    const one = isDense ? undefined : together(all)
    return one ? [one] : all
  })
  const shapeOf = (spatial: readonly number[]): number[] => withLayout(y.shape[0]!, spatial, channels, format)
  // Element s Q + r lies at Q, r until all phases are there.
  const apart = (held: readonly number[]): number[] =>
    layout([y.shape[0]!], turns.map((n, i) => (counts[i] === 1 ? [n] : [n, held[i]!])), [[channels]], format).flat() // prettier-ignore
  const axisOf = (dim: number): number =>
    counts.slice(0, dim).reduce((sum, n) => sum + (n === 1 ? 1 : 2), format === 'channelsLast' ? 2 : 3)

  const operand = borderedForPhases(y, attrs, phases, turns)
  const each = (dim: number, known: readonly Phases[]): Tensor => {
    if (dim === size.length)
      return reshapeT(phaseProduct(operand, w, attrs, known, turns), apart(known.map((p) => p.values)))
    const parts = phases[dim]!.map((phase) => phase && each(dim + 1, [...known, phase]))
    const shape = apart(counts.map((n, i) => known[i]?.values ?? (i > dim ? n : 1)))
    return sideBySide(parts, axisOf(dim), { dtype: y.dtype, shape })
  }
  const whole = reshapeT(each(0, []), shapeOf(turns.map((n, i) => n * counts[i]!)))
  return firstT(whole, shapeOf(size))
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
  phases: readonly (readonly (Phases | undefined)[])[],
  turns: readonly number[],
): BorderedWindows {
  const counts = spatialOf(y.shape, format)
  const most = (i: number, of: (phase: Phases) => number): number =>
    Math.max(0, ...phases[i]!.flatMap((phase) => (phase ? [of(phase)] : [])))
  const moved = ({ values, fromStep }: Phases): number => fromStep * (values - 1)
  const front = counts.map((_, i) => most(i, (p) => p.back * (p.count - 1) - p.from - Math.min(0, moved(p))))
  const behind = counts.map((n, i) => most(i, (p) => p.from + Math.max(0, moved(p)) + turns[i]! - n))
  return { windows: bordered(y, front, behind, format, 0), front }
}

/** The product of some phases of each dimension, apart from the turns where there are several. */
function phaseProduct(
  { windows, front }: BorderedWindows,
  w: Tensor,
  { groups, format }: Grouped,
  phases: readonly Phases[],
  turns: readonly number[],
): Tensor {
  const batch = windows.shape[0]!
  const [perGroup, outputs] = w.shape.slice(-2) as [number, number]
  const labelsFrom = (first: number): number[] => phases.map((_, i) => first + i)
  const [Q, R, T] = [FIRST, FIRST + phases.length, FIRST + 2 * phases.length].map(labelsFrom) as [number[], number[], number[]] // prettier-ignore
  const at = phases.map(({ from, fromStep, back }, i): LabelIndex => ({ base: from + front[i]!, terms: [[Q[i]!, 1], [R[i]!, fromStep], [T[i]!, -back]] })) // prettier-ignore
  const tapAt = phases.map(({ first, firstStep, apart }, i): LabelIndex => ({ base: first, terms: [[R[i]!, firstStep], [T[i]!, apart]] })) // prettier-ignore
  const places = phases.map(({ values }, i) => (values === 1 ? [Q[i]!] : [Q[i]!, R[i]!]))
  const out = channel(OUT, outputs / groups, groups)
  const made = windowProductT(windows, w, {
    extents: [batch, groups, perGroup, outputs / groups, ...turns, ...phases.map((p) => p.values), ...phases.map((p) => p.count)], // prettier-ignore
    a: layout(plain(BATCH), at, [out], format),
    b: [...tapAt, plain(IN), out],
    out: layout([BATCH], places, [groups === 1 ? [IN] : [GROUP, IN]], format).flat(),
    summed: [...T, OUT],
    title: 'convTranspose',
  })
  const extents = turns.flatMap((n, i) => (phases[i]!.values === 1 ? [n] : [n, phases[i]!.values]))
  return reshapeT(made, withLayout(batch, extents, perGroup * groups, format))
}
