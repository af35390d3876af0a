import type { DataKind } from './data/kinds'
import { CLASSES, type Digits, imagesOf } from './data/digits'
import type { Standardised } from './data/series'
import type { Spirals } from './data/spirals'
import type { Fit, SampleForm, TargetForm } from './fit'

/** A data set as it was made or fetched. */
export type Source =
  | { readonly kind: 'spirals'; readonly spirals: Spirals }
  | { readonly kind: 'digits'; readonly digits: Digits }
  | { readonly kind: 'series'; readonly series: Standardised }

/** What is fed to one input, row by row. */
export interface Column {
  readonly input: string
  readonly dtype: string
  /** Of a row. */
  readonly shape: readonly number[]
  /** How many numbers a row has. */
  readonly width: number
  readonly data: Float32Array | Int32Array
}

/** A data set as the inputs of a model: rows to learn from, then those that are held out. */
export interface Columns {
  readonly kind: DataKind
  readonly sample: Column
  readonly target?: Column
  readonly count: number
  /** How many of them are learnt from; the others are held out. */
  readonly learnt: number
  /** The class of each row, where there are classes. */
  readonly classes?: Int32Array
}

/** A fifth to a quarter of what has no order of its own is held out. */
const LEARNT = { spirals: 0.75, digits: 0.8 } as const

/** Writes a data set in the form that a model takes it. */
export function columnsOf(fit: Fit, source: Source): Columns {
  if (source.kind === 'series') return seriesColumns(fit, source.series)
  const { sample, classes, count } = classified(fit.sample.form, source)
  const column = { ...fit.sample, data: sample, width: sample.length / count }
  return {
    kind: source.kind,
    sample: column,
    ...(fit.target ? { target: { ...fit.target, ...classTarget(fit.target.form, classes, column) } } : {}),
    count,
    learnt: Math.round(LEARNT[source.kind] * count),
    classes,
  }
}

function classified(form: SampleForm, source: Exclude<Source, { kind: 'series' }>) {
  if (source.kind === 'spirals') {
    const { points, labels } = source.spirals
    return { sample: points, classes: labels, count: labels.length }
  }
  const { count } = source.digits
  const sample = imagesOf(source.digits, form.kind === 'digits' ? form.side : 0)
  return { sample, classes: Int32Array.from({ length: count }, (_, i) => i % CLASSES), count }
}

function classTarget(form: TargetForm, labels: Int32Array, sample: Column): Pick<Column, 'data' | 'width'> {
  if (form.kind === 'sample') return { data: sample.data, width: sample.width }
  if (form.kind !== 'oneHot') return { data: labels, width: 1 }
  const data = new Float32Array(labels.length * form.classes)
  labels.forEach((label, i) => (data[i * form.classes + label] = 1))
  return { data, width: form.classes }
}

/** A row for each day that has enough days before it; what it says of later days belongs to its own. */
function seriesColumns({ sample, target }: Fit, { values, days, series }: Standardised): Columns {
  const { form } = sample
  if (form.kind !== 'series') throw new TypeError('the model takes no series')
  const all = series.quantities.length
  const ahead = target?.form.kind === 'ahead' ? target.form.days : 1
  const count = days - form.days - ahead + 1
  const width = form.days * form.quantities
  const data = new Float32Array(count * width)
  const wanted = target?.form.kind === 'next' ? target.form.quantities : ahead
  const next = new Float32Array(count * wanted)
  for (let row = 0; row < count; row++) {
    for (let day = 0; day < form.days; day++)
      for (let q = 0; q < form.quantities; q++)
        data[row * width + day * form.quantities + q] = values[(row + day) * all + q]!
    const first = row + form.days
    for (let k = 0; k < wanted; k++)
      next[row * wanted + k] = target?.form.kind === 'next' ? values[first * all + k]! : values[(first + k) * all]!
  }
  return {
    kind: 'series',
    sample: { ...sample, data, width },
    ...(target ? { target: { ...target, data: next, width: wanted } } : {}),
    count,
    // No day that is held out is a target to learn from.
    learnt: series.split - form.days - ahead + 1,
  }
}
