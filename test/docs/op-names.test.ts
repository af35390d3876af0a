import * as loom from 'gradloom'
import { expect, it } from 'vitest'
import { isThere, ROWS } from './op-names'

/** Names that are set but not built yet. */
const PLANNED: readonly string[] = [
  'median', 'quantile', 'cumSum', 'cumProd', 'sort', 'argsort', 'topK', 'inTopK', 'searchSorted', 'bincount',
  'histogram', 'digitize', 'segmentSum', 'inverse', 'pinv', 'determinant', 'slogDet', 'cholesky', 'choleskyInverse',
  'luFactor', 'qr', 'eigh', 'solve', 'triangularSolve', 'leastSquares', 'matrixRank', 'sliceUpdate', 'scatterND',
  'scatterUpdate', 'isIn', 'vmap',
  'threshold', 'squareplus', 'sparsePlus', 'sparseSigmoid', 'glu', 'ptp', 'nanSum', 'nanMean',
  'average', 'diff',
  'segmentSum', 'corrcoef', 'inner', 'cross', 'vdot', 'matrixPower', 'inverse', 'pinv', 'determinant',
  'slogDet', 'cholesky', 'choleskyInverse', 'luFactor', 'qr', 'eigh', 'solve', 'triangularSolve', 'leastSquares',
  'matrixRank', 'triu', 'tril', 'diag', 'eye', 'hannWindow', 'hammingWindow', 'zerosLike', 'onesLike', 'fullLike',
  'range', 'linspace', 'logspace', 'meshgrid', 'tri', 'flatten', 'swapAxes', 'moveAxis', 'rot90', 'sliceUpdate',
  'scatterND', 'scatterUpdate', 'lpNormalize', 'rgbToGrayscale', 'unfold', 'fold', 'vmap',
] // prettier-ignore

/** How many rows are there at least. */
const LEAST = 236

it('the ops that Keras and one other library have are here by name or alias, or stand with a reason', () => {
  const places = Object.values(ROWS)
  expect(places.length).toBe(287)
  const unknown = places.filter((p) => typeof p === 'string' && !isThere(p) && !PLANNED.includes(p))
  expect(unknown, 'names that are not exported').toEqual([])
  const silent = places.filter((p) => typeof p !== 'string' && p.missing === '')
  expect(silent).toEqual([])
  const there = places.filter(isThere)
  console.info(`${there.length} of ${places.length} rows, under ${new Set(there).size} names`)
  expect(there.length).toBeGreaterThanOrEqual(LEAST)
})

it('no row is said to be missing that is exported under its name', () => {
  const lower = new Set(Object.keys(loom).map((name) => name.toLowerCase()))
  const found = Object.entries(ROWS).filter(([row, p]) => typeof p !== 'string' && lower.has(row.replaceAll('_', '')))
  expect(found).toEqual([])
})
