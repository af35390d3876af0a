import { sizeOf, type Values } from './values'

// Linear algebra on small matrices, by other methods than those of the ops.

export type Matrix = number[][]

const zeros = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0))
export const table = (rows: number, columns: number, f: (i: number, j: number) => number): Matrix =>
  zeros(rows, columns).map((row, i) => row.map((_, j) => f(i, j)))
export const mirrored = (a: Matrix, rows = a[0]?.length ?? 0): Matrix => table(rows, a.length, (i, j) => a[j]![i]!)
export const product = (a: Matrix, b: Matrix, columns = b[0]?.length ?? 0): Matrix =>
  table(a.length, columns, (i, j) => a[i]!.reduce((sum, v, k) => sum + v * b[k]![j]!, 0))
const symmetric = (a: Matrix): Matrix => table(a.length, a.length, (i, j) => (a[i]![j]! + a[j]![i]!) / 2)

/** The matrices of a batch, one after the other. */
export function matricesOf({ shape, data }: Values): Matrix[] {
  const [rows, columns] = shape.slice(-2) as [number, number]
  return Array.from({ length: sizeOf(shape.slice(0, -2)) }, (_, b) =>
    table(rows, columns, (i, j) => data[(b * rows + i) * columns + j]!),
  )
}

/** Each matrix (with those beside it in the other operands) for itself. */
export function each(
  operands: readonly Values[],
  [rows, columns]: readonly [number, number],
  f: (...m: Matrix[]) => Matrix,
): Values {
  const lists = operands.map(matricesOf)
  const { shape, dtype } = operands[0]!
  const results = lists[0]!.map((_, b) => f(...lists.map((list) => list[b]!)))
  return { shape: [...shape.slice(0, -2), rows, columns], dtype, data: Float64Array.from(results.flat(2)) }
}
export function eachNumber(x: Values, f: (m: Matrix) => number): Values {
  return { shape: x.shape.slice(0, -2), dtype: x.dtype, data: Float64Array.from(matricesOf(x), f) }
}
export const rowsOf = (x: Values | undefined): number => x!.shape.at(-2)!
export const columnsOf = (x: Values | undefined): number => x!.shape.at(-1)!

/** Gauss and Jordan, with the largest of all that is left as pivot. */
export function gauss(a: Matrix, b: Matrix): Matrix {
  const left = a.map((row) => [...row])
  const right = b.map((row) => [...row])
  const done = new Set<number>()
  const rowFor = new Array<number>(a.length)
  for (let step = 0; step < a.length; step++) {
    let [p, q] = [-1, -1]
    for (let i = 0; i < a.length; i++)
      for (let j = 0; j < a.length; j++)
        if (!done.has(i) && (p < 0 || Math.abs(left[i]![j]!) > Math.abs(left[p]![q]!))) [p, q] = [i, j]
    done.add(p)
    rowFor[q] = p
    const pivot = left[p]![q]!
    for (let i = 0; i < a.length; i++) {
      if (i === p) continue
      const by = left[i]![q]! / pivot
      left[i] = left[i]!.map((v, j) => v - by * left[p]![j]!)
      right[i] = right[i]!.map((v, j) => v - by * right[p]![j]!)
    }
  }
  return rowFor.map((p, q) => right[p]!.map((v) => v / left[p]![q]!))
}
export const identity = (n: number): Matrix => table(n, n, (i, j) => Number(i === j))

/** By the rule of Laplace for small ones, by elimination for others. */
export function determinant(a: Matrix): number {
  if (a.length === 0) return 1
  if (a.length > 5) {
    const [first, ...rest] = a
    const at = first!.reduce((best, v, j) => (Math.abs(v) > Math.abs(first![best]!) ? j : best), 0)
    const minor = rest.map((row) =>
      row.flatMap((v, j) => (j === at ? [] : [v - (row[at]! / first![at]!) * first![j]!])),
    )
    return (at % 2 === 0 ? 1 : -1) * first![at]! * determinant(minor)
  }
  return a[0]!.reduce(
    (sum, v, j) => sum + (j % 2 === 0 ? v : -v) * determinant(a.slice(1).map((row) => row.filter((_, k) => k !== j))),
    0,
  )
}

/** Column by column, each taken away from what is left. */
export function cholesky(a: Matrix): Matrix {
  const left = symmetric(a)
  const l = zeros(a.length, a.length)
  for (let j = 0; j < a.length; j++) {
    const root = Math.sqrt(left[j]![j]!)
    for (let i = j; i < a.length; i++) l[i]![j] = left[i]![j]! / root
    for (let i = 0; i < a.length; i++) for (let k = 0; k < a.length; k++) left[i]![k]! -= l[i]![j]! * l[k]![j]!
  }
  return l
}

/** Rank one after rank one is taken away; rows change places for the largest of each column. */
export function factored(a: Matrix): { readonly lu: Matrix; readonly pivots: number[] } {
  const lu = a.map((row) => [...row])
  const pivots = lu.map((_, k) => {
    let p = k
    for (let i = k; i < lu.length; i++) if (Math.abs(lu[i]![k]!) > Math.abs(lu[p]![k]!)) p = i
    ;[lu[k], lu[p]] = [lu[p]!, lu[k]!]
    for (let i = k + 1; i < lu.length; i++) {
      lu[i]![k]! /= lu[k][k]!
      for (let j = k + 1; j < lu.length; j++) lu[i]![j]! -= lu[i]![k]! * lu[k][j]!
    }
    return p
  })
  return { lu, pivots }
}

/** A from its factors, one next to the other with the pivots. */
export function unfactored(packed: Matrix): Matrix {
  const n = packed.length
  const lower = table(n, n, (i, j) => (i === j ? 1 : i > j ? packed[i]![j]! : 0))
  const upper = table(n, n, (i, j) => (i <= j ? packed[i]![j]! : 0))
  const a = product(lower, upper, n)
  for (let i = n - 1; i >= 0; i--) {
    const p = packed[i]![n]!
    ;[a[i], a[p]] = [a[p]!, a[i]!]
  }
  return a
}

/** Whole reflections multiplied together; a column that is done already is left alone. */
export function orthonormal(a: Matrix, columns: number): Matrix {
  const m = a.length
  let q = identity(m)
  let r = a
  for (let j = 0; j < columns; j++) {
    const x = r.map((row, i) => (i < j ? 0 : row[j]!))
    if (x.every((v, i) => i === j || v === 0)) continue
    const length = Math.hypot(...x)
    const v = x.map((value, i) => (i === j ? value + (value < 0 ? -length : length) : value))
    const square = v.reduce((sum, value) => sum + value * value, 0)
    const h = table(m, m, (i, k) => Number(i === k) - (2 * v[i]! * v[k]!) / square)
    q = product(q, h)
    r = product(h, r)
  }
  return table(m, columns, (i, j) => q[i]![j]!)
}

/** Jacobi's own method: the largest element off the diagonal vanishes, again and again. */
export function eigen(a: Matrix): Matrix {
  const n = a.length
  let d = symmetric(a)
  let v = identity(n)
  for (let turn = 0; turn < 60 * n * n; turn++) {
    let [p, q] = [0, 1]
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) if (Math.abs(d[i]![j]!) > Math.abs(d[p]![q]!)) [p, q] = [i, j]
    if (n < 2 || Math.abs(d[p]![q]!) < 1e-300) break
    const angle = Math.atan2(2 * d[p]![q]!, d[q]![q]! - d[p]![p]!) / 2
    const turned = identity(n)
    ;[turned[p]![p], turned[q]![q], turned[p]![q], turned[q]![p]] = [Math.cos(angle), Math.cos(angle), Math.sin(angle), -Math.sin(angle)] // prettier-ignore
    d = product(mirrored(turned), product(d, turned))
    v = product(v, turned)
  }
  const order = d.map((_, i) => i).sort((i, j) => d[i]![i]! - d[j]![j]!)
  const sign = (i: number): number => {
    const column = v.map((row) => row[i]!)
    return Math.sign(column.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0))
  }
  return [order.map((i) => d[i]![i]!), ...v.map((row) => order.map((i) => sign(i) * row[i]!))]
}
