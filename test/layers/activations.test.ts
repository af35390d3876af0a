import * as layers from '../../src/layers/index'
import { softmaxOf, alongAxis, at, pointwise, reduced, tabulate, total } from '../ops/values'
import { describeCases, type LayerCase } from './cases'

/** A mask and the result element by element. */
const each = (f: (v: number) => number): LayerCase['reference'] => {
  return ([x]) => pointwise(f)([x!])
}
const passed: LayerCase['mask'] = (_, [m]) => m
const SHAPE = [2, 3, 4]
const MASK = [2, 3]

const activations: Record<string, LayerCase> = {
  ...Object.fromEntries(
    [
      ['none', {}, 0, 0, Infinity],
      ['all', { maxValue: 1.5, negativeSlope: 0.1, threshold: 0.25 }, 0.25, 0.1, 1.5],
      ['a largest value', { maxValue: 0.7 }, 0, 0, 0.7],
      ['a threshold', { threshold: 0.5 }, 0.5, 0, Infinity],
    ].map(([what, options, threshold, slope, most]) => [
      `reLU with ${what as string}`,
      {
        make: () => layers.reLU(options as object),
        shapes: [SHAPE],
        masks: [MASK],
        mask: passed,
        reference: each((v) =>
          v > (threshold as number) ? Math.min(v, most as number) : (slope as number) * (v - (threshold as number)),
        ),
      },
    ]),
  ),
  leakyReLU: {
    make: () => layers.leakyReLU(),
    shapes: [SHAPE],
    masks: [MASK],
    mask: passed,
    reference: each((v) => (v > 0 ? v : 0.3 * v)),
  },
  eLU: {
    make: () => layers.eLU({ alpha: 0.7 }),
    shapes: [SHAPE],
    masks: [MASK],
    mask: passed,
    reference: each((v) => (v > 0 ? v : 0.7 * Math.expm1(v))),
  },
  thresholdedReLU: {
    make: () => layers.thresholdedReLU({ theta: 0.4 }),
    shapes: [SHAPE],
    masks: [MASK],
    mask: passed,
    reference: each((v) => (v > 0.4 ? v : 0)),
  },
  activation: {
    make: () => layers.activation({ activation: 'softsign' }),
    shapes: [SHAPE],
    masks: [MASK],
    mask: passed,
    reference: each((v) => v / (1 + Math.abs(v))),
  },
  ...Object.fromEntries(
    [undefined, 1, [1, 2]].map((sharedAxes) => [
      `pReLU shared along ${String(sharedAxes)}`,
      {
        make: () => layers.pReLU({ sharedAxes, alphaInitializer: 'ones' }),
        shapes: [SHAPE],
        masks: [MASK],
        mask: passed,
        reference: ([x], [alpha]) => pointwise((v, a) => (v > 0 ? v : a * v))([x!, alpha!]),
      } satisfies LayerCase,
    ]),
  ),
  softmax: { make: () => layers.softmax(), shapes: [SHAPE], reference: ([x]) => alongAxis(x!, 2, softmaxOf) },
  'softmax along the second axis': {
    make: () => layers.softmax({ axis: 1 }),
    shapes: [SHAPE],
    reference: ([x]) => alongAxis(x!, 1, softmaxOf),
  },
  'softmax along two axes': {
    make: () => layers.softmax({ axis: [1, -1] }),
    shapes: [SHAPE],
    reference: ([x]) => {
      const all = alongAxis({ ...x!, shape: [2, 12] }, 1, softmaxOf)
      return { ...all, shape: SHAPE }
    },
  },
  'softmax under a mask, of which a row is nothing': {
    make: () => layers.softmax(),
    // The third element counts in no row of a single one.
    shapes: [[6, 1]],
    masks: [[6, 1]],
    mask: passed,
    reference: (_, __, [m]) => ({ ...m!, dtype: 'float64' }),
  },
  'softmax under a mask that broadcasts': {
    make: () => layers.softmax({ axis: [1, 2] }),
    shapes: [[2, 3, 4]],
    masks: [[3, 4]],
    mask: passed,
    reference: ([x], _, [m]) => {
      const on = (p: readonly number[]): boolean => at(m!, p.slice(1)) !== 0
      const e = tabulate(SHAPE, 'float64', (p) => (on(p) ? Math.exp(at(x!, p)) : 0))
      const sums = reduced(e, { axes: [1, 2], keepDims: true }, 'float64', total)
      return pointwise((a, b) => a / b)([e, sums])
    },
  },
}

describeCases('activation layers', activations)
