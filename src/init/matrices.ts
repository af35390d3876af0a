import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { partFrom } from '../ir/part'
import { showShape, sizeOf } from '../ir/type'
import { checkFinite, drawing, type Initializer, normalValues, type SeedOption } from './draws'
import { orthonormalize } from './orthonormal'

/** Options of `orthogonal` and `identityInit`. */
export interface GainOption {
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

function transposed(matrix: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(matrix.length)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) out[j * rows + i] = matrix[i * cols + j]!
  }
  return out
}
