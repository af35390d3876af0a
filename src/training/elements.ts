import { FeedError } from '../ir/errors'
import { type SampleSet, type SamplesOf, sampleSet, type WeightArguments } from './samples'
import type { Trainer } from './trainer'

/** The parts of an element: `{ x, y, sampleWeight }`, `{ xs, ys }` or `[x, y, sampleWeight]`. */
export function partsOf(what: string, element: unknown): { x: unknown; y: unknown; sampleWeight: unknown } {
  if (Array.isArray(element) && element.length >= 1 && element.length <= 3) {
    const [x, y, sampleWeight] = element as unknown[]
    return { x, y, sampleWeight }
  }
  if (typeof element === 'object' && element !== null && !ArrayBuffer.isView(element)) {
    const { x, xs, y, ys, sampleWeight, ...others } = element as Readonly<Record<string, unknown>>
    const [unknown] = Object.keys(others)
    if ((x ?? xs) !== undefined && unknown !== undefined)
      throw new FeedError(`${what}: an element of the data has "${unknown}"; known are x, y and sampleWeight`)
    if ((x ?? xs) !== undefined) return { x: x ?? xs, y: y ?? ys, sampleWeight }
  }
  throw new FeedError(`${what}: an element of the data must be { x, y }, { x, y, sampleWeight } or a list of these`)
}

/** The columns of one element of data with targets. */
export function elementSet(
  trainer: Trainer,
  what: string,
  element: unknown,
  classWeight?: WeightArguments['classWeight'],
): SampleSet {
  const { x, y, sampleWeight } = partsOf(what, element)
  const weights = { sampleWeight: sampleWeight as SamplesOf | undefined, classWeight }
  return sampleSet(trainer.model, trainer.settings, x as SamplesOf, y as SamplesOf, weights)
}
