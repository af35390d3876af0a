import { GraphError } from '../ir/errors'
import { apply, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { countTo } from '../ir/count-to'
import { mulT } from './arith'
import { sumT } from './broadcast'
import { composite } from './composite'
import { contractT } from './contract'
import { contractAll, type EinsumAttrs } from './einsum'
import { sliceT } from './pieces'
import { reshapeT } from './view'

/** The sum of products along the last axis of a and the last but one of b (the only one of a vector), as in NumPy. */
export const dotOp = composite('dot', {
  check: ([a, b]) => {
    const inner = b!.shape.at(b!.shape.length > 1 ? -2 : -1)
    if (a!.shape.length > 0 && b!.shape.length > 0 && a!.shape.at(-1) !== inner)
      throw new GraphError(`the last extent of ${showShape(a!.shape)} and ${inner} of ${showShape(b!.shape)} differ`)
  },
  expand: ([a, b]) => {
    const [p, q] = [a!.shape.length, b!.shape.length]
    if (p === 0 || q === 0) return mulT(a!, b!)
    const k = p - 1
    const right = countTo(q, p)
    right[Math.max(0, q - 2)] = k
    return contractT(a!, b!, { a: countTo(p), b: right, out: [...countTo(k), ...right.filter((l) => l !== k)] })
  },
})

/** Every product of an element of a and an element of b: the shape is that of a, then that of b. */
export const outerOp = composite('outer', {
  expand: ([a, b]) => {
    const [p, q] = [a!.shape.length, b!.shape.length]
    const left = reshapeT(a!, [...a!.shape, ...countTo(q).map(() => 1)])
    return p === 0 || q === 0 ? mulT(a!, b!) : mulT(left, b!)
  },
})

export interface TensordotAttrs {
  /** Axes of a and of b that are summed together. */
  readonly a: readonly number[]
  readonly b: readonly number[]
}
/** The sum of products over pairs of axes; the shape is what is left of a, then of b. */
export const tensordotOp = composite<'tensordot', TensordotAttrs>('tensordot', {
  expand: ([a, b], axes) => {
    const left = countTo(a!.shape.length)
    const right = b!.shape.map((_, i) => {
      const pair = axes.b.indexOf(i)
      return pair < 0 ? a!.shape.length + i : axes.a[pair]!
    })
    const out = [...left.filter((i) => !axes.a.includes(i)), ...right.filter((_, i) => !axes.b.includes(i))]
    return contractT(a!, b!, { a: left, b: right, out })
  },
})

/** The sum of products that Einstein's convention writes, of any number of operands, in pairs of least cost. */
export const einsumOp = composite<'einsum', EinsumAttrs>('einsum', {
  expand: contractAll,
  formula: (operands, { inputs, output }) => {
    const letters = (labels: readonly number[]): string =>
      labels.map((l) => 'ijklmnopqrstuvwxyzabcdefgh'[l] ?? '?').join('')
    return { kind: 'einsum', letters: inputs.map(letters), result: letters(output), operands }
  },
})

/** Blocks of b scaled by the elements of a, both of one rank. */
export const kronOp = composite('kron', {
  expand: ([a, b]) => {
    const rank = Math.max(a!.shape.length, b!.shape.length)
    const full = (x: Tensor): number[] => [...countTo(rank - x.shape.length).map(() => 1), ...x.shape]
    const [p, q] = [full(a!), full(b!)]
    const product = mulT(
      reshapeT(a!, p.flatMap((d) => [d, 1])), // prettier-ignore
      reshapeT(b!, q.flatMap((d) => [1, d])), // prettier-ignore
    )
    return reshapeT(product, p.map((d, i) => d * q[i]!)) // prettier-ignore
  },
})

export interface DiagonalAttrs {
  readonly offset: number
}
/** The diagonal of the last two axes, `offset` columns above it. */
export const diagonalOp = composite<'diagonal', DiagonalAttrs>('diagonal', {
  check: ([x]) => {
    if (x!.shape.length < 2) throw new GraphError(`a diagonal needs two axes, got ${showShape(x!.shape)}`)
  },
  expand: ([x], { offset }) => {
    const [rows, columns] = x!.shape.slice(-2) as [number, number]
    const batch = x!.shape.slice(0, -2)
    const size = Math.max(0, Math.min(rows - Math.max(0, -offset), columns - Math.max(0, offset)))
    const flat = reshapeT(x!, [...batch, rows * columns])
    return sliceT(flat, {
      start: [...batch.map(() => 0), size === 0 ? 0 : offset >= 0 ? offset : -offset * columns],
      step: [...batch.map(() => 1), columns + 1],
      size: [...batch, size],
    })
  },
})
/** The sum of the diagonal of the last two axes. */
export const traceOp = composite<'trace', DiagonalAttrs>('trace', {
  expand: ([x], attrs) => {
    const d = apply(diagonalOp, [x!], attrs)
    return sumT(d, { axes: [d.shape.length - 1], keepDims: false })
  },
})
