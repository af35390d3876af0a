import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { partFrom } from '../ir/part'
import { showShape, sizeOf } from '../ir/type'
import { checkFinite, drawing, type Initializer, normalValues, type SeedOption } from './draws'

interface GainOption {
  /** The factor of the matrix, 1 by default. */
  readonly gain?: number
}

/** `gain` where the numbers of row and column are equal, 0 elsewhere, for a shape [rows, cols]; throws for any other rank. */
export function identityInit(options: GainOption = {}): Initializer {
  checkKeys('identityInit', options, ['gain'])
  const { gain = 1 } = options
  checkFinite('identityInit', { gain })
  return partFrom('Identity', { gain }, (shape: readonly number[]) => {
    const [rows, cols, ...rest] = shape
    if (rows === undefined || cols === undefined || rest.length > 0)
      throw new GraphError(`identityInit: the shape must have two dimensions, it is ${showShape(shape)}`)
    const out = new Float64Array(rows * cols)
    for (let i = 0; i < Math.min(rows, cols); i++) out[i * cols + i] = gain
    return out
  })
}

/**
 * gain * Q for a shape [...rows, cols] of two dimensions or more, taken as a matrix of product(rows) times cols: its
 * columns are orthonormal where it is tall, its rows where it is wide. Q is the orthogonal factor of a matrix of
 * standard normals with the signs that make the diagonal of R positive, and so uniform among all such matrices.
 * For recurrent kernels and deep linear chains. Throws for fewer dimensions. Saxe, McClelland and Ganguli, "Exact
 * solutions to the nonlinear dynamics of learning in deep linear neural networks", 2013.
 */
export function orthogonal(options: GainOption & SeedOption = {}): Initializer {
  checkKeys('orthogonal', options, ['gain', 'seed'])
  const { gain = 1, seed } = options
  checkFinite('orthogonal', { gain })
  return drawing('Orthogonal', { gain, seed }, (shape, random) => {
    if (shape.length < 2)
      throw new GraphError(`orthogonal: the shape must have two dimensions or more, it is ${showShape(shape)}`)
    const cols = shape.at(-1)!
    const rows = sizeOf(shape.slice(0, -1))
    const count = Math.min(rows, cols)
    const vectors = normalValues(shape, random, 0, 1)
    orthonormalize(vectors, count, Math.max(rows, cols))
    const values = rows >= cols ? transposed(vectors, cols, rows) : vectors
    return values.map((value) => gain * value)
  })
}

/**
 * Modified Gram-Schmidt on vectors that lie one after the other. Its R has the norms on the diagonal, which are
 * positive: no signs are left to fix. What a subtraction cancels comes back as error relative to what remains, so a
 * vector that lost most of its length is projected again (Daniel, Gragg, Kaufman and Stewart, 1976).
 */
function orthonormalize(vectors: Float64Array, count: number, length: number): void {
  for (let j = 0; j < count; j++) {
    const vector = vectors.subarray(j * length, (j + 1) * length)
    let before: number
    let norm = Math.sqrt(dot(vector, vector))
    do {
      before = norm
      for (let i = 0; i < j; i++) project(vector, vectors.subarray(i * length, (i + 1) * length))
      norm = Math.sqrt(dot(vector, vector))
    } while (norm < before / 10)
    for (let k = 0; k < length; k++) vector[k]! /= norm
  }
}

/** Subtracts the component along a unit vector. */
function project(vector: Float64Array, unit: Float64Array): void {
  const along = dot(vector, unit)
  for (let k = 0; k < vector.length; k++) vector[k]! -= along * unit[k]!
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}

function transposed(matrix: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(matrix.length)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) out[j * rows + i] = matrix[i * cols + j]!
  }
  return out
}
