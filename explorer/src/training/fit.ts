import type { DataKind } from './data/kinds'

/** What is declared of an input of an entry. */
export interface InputSpec {
  readonly dims: readonly (number | string)[]
  readonly dtype: string
}

/** How a sample is written. */
export type SampleForm =
  | { readonly kind: 'spirals' }
  | { readonly kind: 'digits'; readonly side: number }
  /** So many days of so many quantities. */
  | { readonly kind: 'series'; readonly days: number; readonly quantities: number }

/** How what is to be predicted is written. */
export type TargetForm =
  /** The number of the class. */
  | { readonly kind: 'label' }
  /** 1 for the class and 0 for others. */
  | { readonly kind: 'oneHot'; readonly classes: number }
  /** The sample itself. */
  | { readonly kind: 'sample' }
  /** The next day in so many quantities. */
  | { readonly kind: 'next'; readonly quantities: number }
  /** The first quantity on so many next days. */
  | { readonly kind: 'ahead'; readonly days: number }

/** What is fed to an input. */
export interface FitInput<F> {
  readonly input: string
  readonly dtype: string
  /** Of a row. */
  readonly shape: readonly number[]
  readonly form: F
}

/** A data set for the inputs of an entry. */
export interface Fit {
  readonly sample: FitInput<SampleForm>
  readonly target?: FitInput<TargetForm>
  /** The size of a batch, where the model fixes it. */
  readonly batch: number | undefined
}

/** Why there is none. */
export interface Misfit {
  readonly message: string
}

const DEFAULT_DAYS = 14
const MOST_DAYS = 200
const QUANTITIES = 4
const CLASSES: Readonly<Record<DataKind, number>> = { spirals: 2, digits: 10, series: 0 }

const isFloat = (dtype: string): boolean => dtype === 'float32' || dtype === 'float64'
const isWhole = (dtype: string): boolean => dtype === 'int32' || dtype === 'uint8'
const showInput = (name: string, { dims, dtype }: InputSpec): string => `${name}: ${dtype}[${dims.join(', ')}]`

/** What inputs of each data set look like, for people. */
export const SHAPES: Readonly<Record<DataKind, string>> = {
  spirals: 'two spirals: x [B, 2], y int32 [B] or [B, 1], float32 [B, 1], or [B, 2] with a 1 for the spiral',
  digits:
    'digits: x [B, 64], [B, 784] or [B, 28, 28], also with a channel of 1, y int32 [B] or [B, 1], or [B, 10] with a 1 for the digit',
  series:
    'time series: x [B, T] or [B, T, F] of T days (2 to 200) in F quantities (1 to 4), y [B], [B, 1], [B, F], or [B, H] for H days ahead',
}

/**
 * The data set that the inputs of a train entry are for, by their shapes: the samples and, except for models that learn from
 * samples alone, the targets, in either order. `wanted` leaves only one data set to choose.
 */
export function fitOf(inputs: Readonly<Record<string, InputSpec>>, wanted?: DataKind): Fit | Misfit {
  const list = Object.entries(inputs)
  const orders = list.length === 2 ? [list, [list[1]!, list[0]!]] : list.length === 1 ? [list] : []
  for (const kind of wanted === undefined ? (['spirals', 'digits', 'series'] as const) : [wanted])
    for (const [sample, target] of orders) {
      const found = fitInOrder(kind, sample!, target)
      if (found) return found
    }
  const takes = list.map(([name, spec]) => showInput(name, spec)).join(', ') || 'no inputs'
  const right = wanted === undefined ? Object.values(SHAPES) : [SHAPES[wanted]]
  const asked = wanted === undefined ? '' : `, and the model exports data = '${wanted}'`
  return {
    message: `The entry train takes ${takes}${asked}. What would fit:\n${right.map((r) => `· ${r}`).join('\n')}`,
  }
}

type Named = readonly [name: string, spec: InputSpec]

function fitInOrder(kind: DataKind, [input, spec]: Named, target: Named | undefined): Fit | undefined {
  const [batch, ...dims] = spec.dims
  const form = batch === undefined || !isFloat(spec.dtype) ? undefined : sampleForm(kind, dims)
  if (!form) return undefined
  // A length that is named is the number of days, of samples and of what belongs to them.
  const settled = (shape: readonly (number | string)[]): number[] =>
    shape.map((d) => (typeof d === 'number' ? d : form.kind === 'series' ? form.days : 0))
  const sample = { input, dtype: spec.dtype, shape: settled(dims), form }
  const fixed = typeof batch === 'number' ? batch : undefined
  if (!target) return { sample, batch: fixed }
  const [name, { dims: all, dtype }] = target
  const found = all[0] === batch ? targetForm(form, dims, all.slice(1), dtype) : undefined
  return found && { sample, target: { input: name, dtype, shape: settled(all.slice(1)), form: found }, batch: fixed }
}

/** A data set for what a sample looks like; its extents without the batch. */
function sampleForm(kind: DataKind, dims: readonly (number | string)[]): SampleForm | undefined {
  const without = dims.filter((d) => d !== 1)
  const is = (...shape: readonly number[]): boolean =>
    without.length === shape.length && shape.every((extent, i) => without[i] === extent)
  if (kind === 'spirals') return dims.length === 1 && dims[0] === 2 ? { kind } : undefined
  if (kind === 'digits')
    return is(784) || is(28, 28) ? { kind, side: 28 } : is(64) || is(8, 8) ? { kind, side: 8 } : undefined
  const [days, quantities = 1] = dims
  if (dims.length < 1 || dims.length > 2 || typeof quantities === 'string' || quantities > QUANTITIES) return undefined
  const length = typeof days === 'string' ? DEFAULT_DAYS : days!
  return length >= 2 && length <= MOST_DAYS && quantities >= 1 ? { kind, days: length, quantities } : undefined
}

function targetForm(
  sample: SampleForm,
  sampleDims: readonly (number | string)[],
  dims: readonly (number | string)[],
  dtype: string,
): TargetForm | undefined {
  const isOne = dims.length === 0 || (dims.length === 1 && dims[0] === 1)
  if (sample.kind === 'series') {
    if (!isFloat(dtype)) return undefined
    if (isOne) return { kind: 'next', quantities: 1 }
    const [extent] = dims
    if (dims.length !== 1 || typeof extent !== 'number') return undefined
    if (sample.quantities > 1) return extent === sample.quantities ? { kind: 'next', quantities: extent } : undefined
    return extent <= MOST_DAYS ? { kind: 'ahead', days: extent } : undefined
  }
  const classes = CLASSES[sample.kind]
  // A float is a class where there are two: what a sigmoid is compared with.
  if (isOne && (isWhole(dtype) || (classes === 2 && isFloat(dtype)))) return { kind: 'label' }
  if (dims.length === 1 && dims[0] === classes) return { kind: 'oneHot', classes }
  const isSame = dims.length === sampleDims.length && dims.every((d, i) => d === sampleDims[i])
  return isSame && isFloat(dtype) ? { kind: 'sample' } : undefined
}
