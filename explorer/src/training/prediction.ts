import type { Columns, Source } from './columns'
import { dateOf, inUnit, type Standardised } from './data/series'
import type { Fit } from './fit'
import type { Predicted, Predictor } from './predictor'
import type { Prediction } from './protocol'
import { REACH } from './reach'

const FIELDS = 40
const SHOWN_DIGITS = 24
const SHOWN_DAYS = 120

/** What a model predicts, in the form in which it is drawn; undefined where results are of no form that is known. */
export function predictionOf(predictor: Predictor, fit: Fit, columns: Columns, source: Source): Prediction | undefined {
  const { learnt, count, sample } = columns
  const heldOut = sample.data.subarray(learnt * sample.width)
  if (source.kind === 'series') return forecast(predictor, fit, columns, source.series)
  if (source.kind === 'digits' && fit.target?.form.kind !== 'label' && fit.target?.form.kind !== 'oneHot')
    return copies(predictor, heldOut, sample.width)
  const classes = columns.classes!.subarray(learnt, count)
  const read = classified(predictor.of(heldOut), source.kind === 'spirals' ? 2 : 10, predictor.isProbability)
  if (!read) return undefined
  const accuracy = classes.reduce((right, label, i) => right + Number(label === read.classes[i]), 0) / classes.length
  if (source.kind === 'spirals') {
    const { certainties } = classified(predictor.of(grid()), 2, predictor.isProbability)!
    const field = Float32Array.from({ length: FIELDS ** 2 }, (_, i) => certainties[2 * i + 1]!)
    return { kind: 'spirals', side: FIELDS, field, accuracy }
  }
  return {
    kind: 'digits',
    side: Math.sqrt(sample.width),
    images: heldOut.slice(0, SHOWN_DIGITS * sample.width) as Float32Array,
    classes: classes.slice(0, SHOWN_DIGITS),
    predicted: read.classes.slice(0, SHOWN_DIGITS),
    certainty: Float32Array.from({ length: SHOWN_DIGITS }, (_, i) => read.certainties[10 * i + read.classes[i]!]!),
    accuracy,
  }
}

/** The middles of the fields of the square, by rows from the upper left. */
function grid(): Float32Array {
  const at = (i: number): number => ((i + 0.5) / FIELDS) * 2 * REACH - REACH
  return Float32Array.from({ length: 2 * FIELDS ** 2 }, (_, i) => {
    const field = i >> 1
    return i % 2 === 0 ? at(field % FIELDS) : -at(Math.floor(field / FIELDS))
  })
}

export interface Classified {
  readonly classes: Int32Array
  /** How probable each class is held to be, class by class for each row. */
  readonly certainties: Float32Array
}

/**
 * Classes from what a model gives: a number for each class, probabilities or the scores that a softmax makes such of; or one
 * number, the probability of the second of two or its logit.
 */
export function classified(
  { width, values }: Predicted,
  classes: number,
  isProbability: boolean,
): Classified | undefined {
  const isPair = width === 1 && classes === 2
  if (width !== classes && !isPair) return undefined
  const rows = values.length / width
  const certainties = new Float32Array(rows * classes)
  if (isPair) {
    values.forEach((v, i) => {
      const p = isProbability ? v : 1 / (1 + Math.exp(-v))
      certainties.set([1 - p, p], 2 * i)
    })
  } else {
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * classes, (row + 1) * classes)
      const sum = own.reduce((a, b) => a + b, 0)
      const isProbable = own.every((v) => v >= 0) && Math.abs(sum - 1) < 1e-3
      const most = Math.max(...own)
      const shares = isProbable ? own : own.map((v) => Math.exp(v - most))
      const total = shares.reduce((a, b) => a + b, 0)
      certainties.set(
        shares.map((v) => v / total),
        row * classes,
      )
    }
  }
  const found = Int32Array.from({ length: rows }, (_, row) => {
    let best = 0
    for (let c = 1; c < classes; c++) if (certainties[row * classes + c]! > certainties[row * classes + best]!) best = c
    return best
  })
  return { classes: found, certainties }
}

/** What a model makes of images that it is to give back. */
function copies(predictor: Predictor, heldOut: Float32Array | Int32Array, width: number): Prediction | undefined {
  const images = Float32Array.from(heldOut.subarray(0, (SHOWN_DIGITS / 2) * width))
  const made = predictor.of(images)
  return made.width === width ? { kind: 'images', side: Math.sqrt(width), images, made: made.values } : undefined
}

/** The first quantity on the first day behind each window of the days that are held out, against what came. */
function forecast(predictor: Predictor, fit: Fit, columns: Columns, series: Standardised): Prediction | undefined {
  const { form } = fit.sample
  const { count, learnt, sample } = columns
  if (form.kind !== 'series') return undefined
  // The first rows behind those that are learnt from may have targets on both sides of the split.
  const first = Math.max(learnt, series.series.split - form.days)
  const rows = Math.min(SHOWN_DAYS, count - first)
  const { width, values } = predictor.of(sample.data.subarray(first * sample.width, (first + rows) * sample.width))
  const all = series.series.quantities.length
  const valueOn = (day: number): number => inUnit(series.values[day * all]!, series)
  const actual = Float32Array.from({ length: rows }, (_, i) => valueOn(first + form.days + i))
  const predicted = Float32Array.from({ length: rows }, (_, i) => inUnit(values[i * width]!, series))
  const rms = (forecastOf: (i: number) => number): number =>
    Math.sqrt(actual.reduce((sum, v, i) => sum + (forecastOf(i) - v) ** 2, 0) / rows)
  return {
    kind: 'series',
    quantity: 'Highest temperature of the day',
    unit: series.series.unit,
    dates: Array.from({ length: rows }, (_, i) => dateOf(series.series, first + form.days + i)),
    actual,
    forecast: predicted,
    error: rms((i) => predicted[i]!),
    errorOfToday: rms((i) => valueOn(first + form.days + i - 1)),
  }
}
