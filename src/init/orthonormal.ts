// Vectors that are projected together, on as many before them; a multiple of a tile's four.
const BLOCK = 16
/** Elements of a stretch: what a block has of one stays in the cache while all its tiles are computed. */
const STRETCH = 1024

/**
 * Gram-Schmidt on vectors that lie one after the other: modified from block to block and inside one, where many products of
 * a block share what they load. Its R has the norms on the diagonal, which are positive: no signs are left to fix. What a
 * subtraction cancels comes back as error relative to what remains, so a vector that lost most of its length is projected
 * again (Daniel, Gragg, Kaufman and Stewart, 1976).
 */
export function orthonormalize(vectors: Float64Array, count: number, length: number): void {
  const along = new Float64Array(BLOCK * BLOCK)
  const norms = new Float64Array(BLOCK)
  for (let begin = 0; begin < count; begin += BLOCK) {
    const end = Math.min(begin + BLOCK, count)
    for (let j = begin; j < end; j++) norms[j - begin] = normOf(vectors, j * length, length)
    for (let units = 0; units < begin; units += BLOCK) projectBlock(vectors, length, units, begin, end, along)
    for (let j = begin; j < end; j++) settle(vectors, length, begin, j, norms[j - begin]!)
  }
}

/** Projects a vector on those of its block, and on all before it as long as that takes most of its length; makes it a unit. */
function settle(vectors: Float64Array, length: number, begin: number, j: number, norm: number): void {
  const at = j * length
  let before: number
  let first = begin
  do {
    before = norm
    for (let i = first; i < j; i++) project(vectors, at, i * length, length)
    norm = normOf(vectors, at, length)
    first = 0
  } while (norm < before / 10)
  for (let k = at; k < at + length; k++) vectors[k]! /= norm
}

/** Subtracts the component along a unit vector. */
function project(vectors: Float64Array, at: number, unit: number, length: number): void {
  let along = 0
  for (let k = 0; k < length; k++) along += vectors[at + k]! * vectors[unit + k]!
  for (let k = 0; k < length; k++) vectors[at + k]! -= along * vectors[unit + k]!
}

function normOf(vectors: Float64Array, at: number, length: number): number {
  let sum = 0
  for (let k = at; k < at + length; k++) sum += vectors[k]! * vectors[k]!
  return Math.sqrt(sum)
}

/** Subtracts the components of some vectors along a whole block of units, by tiles of two of them and four of these. */
function projectBlock(
  vectors: Float64Array,
  length: number,
  units: number,
  begin: number,
  end: number,
  along: Float64Array,
): void {
  along.fill(0)
  for (const tile of [addProducts, subtract])
    for (let from = 0; from < length; from += STRETCH) {
      const size = Math.min(STRETCH, length - from)
      for (let j = begin; j < end; j += 2) {
        // The last of an odd number is its own partner: both halves of the tile then say the same.
        const p = j * length + from
        const q = Math.min(j + 1, end - 1) * length + from
        for (let i = 0; i < BLOCK; i += 4)
          tile(vectors, (units + i) * length + from, length, p, q, size, along, (j - begin) * BLOCK + i)
      }
    }
}

/** Adds to `along` at `to`, and a row below, what vectors at p and q have along four units over a stretch. */
function addProducts(
  vectors: Float64Array,
  unit: number,
  length: number,
  p: number,
  q: number,
  size: number,
  along: Float64Array,
  to: number,
): void {
  let [p0, p1, p2, p3, q0, q1, q2, q3] = [0, 0, 0, 0, 0, 0, 0, 0]
  const [unit1, unit2, unit3] = [unit + length, unit + 2 * length, unit + 3 * length]
  for (let k = 0; k < size; k++) {
    const a = vectors[p + k]!
    const b = vectors[q + k]!
    const u0 = vectors[unit + k]!
    p0 += a * u0
    q0 += b * u0
    const u1 = vectors[unit1 + k]!
    p1 += a * u1
    q1 += b * u1
    const u2 = vectors[unit2 + k]!
    p2 += a * u2
    q2 += b * u2
    const u3 = vectors[unit3 + k]!
    p3 += a * u3
    q3 += b * u3
  }
  along[to]! += p0
  along[to + 1]! += p1
  along[to + 2]! += p2
  along[to + 3]! += p3
  along[to + BLOCK]! += q0
  along[to + BLOCK + 1]! += q1
  along[to + BLOCK + 2]! += q2
  along[to + BLOCK + 3]! += q3
}

/** Subtracts four units as often as `along` says from the vectors at p and q, over a stretch. */
function subtract(
  vectors: Float64Array,
  unit: number,
  length: number,
  p: number,
  q: number,
  size: number,
  along: Float64Array,
  from: number,
): void {
  const [p0, p1, p2, p3] = [along[from]!, along[from + 1]!, along[from + 2]!, along[from + 3]!]
  const next = from + BLOCK
  const [q0, q1, q2, q3] = [along[next]!, along[next + 1]!, along[next + 2]!, along[next + 3]!]
  const [unit1, unit2, unit3] = [unit + length, unit + 2 * length, unit + 3 * length]
  for (let k = 0; k < size; k++) {
    const u0 = vectors[unit + k]!
    const u1 = vectors[unit1 + k]!
    const u2 = vectors[unit2 + k]!
    const u3 = vectors[unit3 + k]!
    const a = vectors[p + k]! - p0 * u0 - p1 * u1 - p2 * u2 - p3 * u3
    const b = vectors[q + k]! - q0 * u0 - q1 * u1 - q2 * u2 - q3 * u3
    vectors[p + k] = a
    vectors[q + k] = b
  }
}
