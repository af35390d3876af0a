import { axisIndex } from '../ir/affine'
import type { Axis } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { type Formula, infixF, transposeF } from '../ir/formula'
import type { Op } from '../ir/op'
import { call } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { sameDtype } from './elementwise'

/** Labels of the dimensions, by operand: a dimension is summed when its label is not in `out`. */
export interface ContractAttrs {
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly out: readonly number[]
}

/**
 * The general product of two tensors (an einsum of two operands in which every label of an operand is in the other or in
 * the result). Closed under its gradient: transposition is only another order of labels.
 */
export const contractOp: Op<'contract', ContractAttrs> = {
  name: 'contract',
  kind: 'point',
  infer: ([a, b], attrs) => {
    const dtype = sameDtype([a!, b!])
    if (dtype === 'bool' || dtype === 'uint8') throw new GraphError(`needs int32 or float operands, got ${dtype}`)
    const extents = extentsOf(a!.shape, b!.shape, attrs)
    return { dtype, shape: attrs.out.map((label) => extents.get(label)!) }
  },
  vjp: ({ inputs: [a, b], cotangent: g, attrs }) => [
    apply(contractOp, [g, b!], { a: attrs.out, b: attrs.b, out: attrs.a }),
    apply(contractOp, [a!, g], { a: attrs.a, b: attrs.out, out: attrs.b }),
  ],
  lower: ({ inputs: [a, b], attrs, index, reduceAxis, read }) => {
    const extents = extentsOf(a!.shape, b!.shape, attrs)
    const at = new Map(attrs.out.map((label, i) => [label, index[i]!]))
    const axes: Axis[] = []
    for (const label of [...attrs.a, ...attrs.b]) {
      if (at.has(label)) continue
      const axis = reduceAxis(extents.get(label)!, 'k')
      axes.push(axis)
      at.set(label, axisIndex(axis))
    }
    const point = (labels: readonly number[]) => labels.map((label) => at.get(label)!)
    const body = call('mul', read(0, point(attrs.a)), read(1, point(attrs.b)))
    const total = { combine: 'add', dtype: body.dtype, init: 0, body } as const
    return { value: { kind: 'acc', dtype: body.dtype, of: total }, reduce: { axes, accumulators: [total] } }
  },
  formula: ([a, b], attrs) => contractFormula(a!, b!, attrs),
}

function extentsOf(a: readonly number[], b: readonly number[], attrs: ContractAttrs): Map<number, number> {
  const extents = new Map<number, number>()
  const bind = (labels: readonly number[], shape: readonly number[]): void =>
    labels.forEach((label, i) => {
      const known = extents.get(label)
      if (known !== undefined && known !== shape[i])
        throw new GraphError(`dimensions ${known} and ${shape[i]} of ${showShape(a)} and ${showShape(b)} differ`)
      extents.set(label, shape[i]!)
    })
  bind(attrs.a, a)
  bind(attrs.b, b)
  return extents
}

/** `a · b` with transposes, or `a ⊗ b`, where the labels read so, else the einsum in letters. */
function contractFormula(a: Formula, b: Formula, attrs: ContractAttrs): Formula {
  const read = asProduct(attrs)
  if (read) {
    const left = read.turned[0] ? transposeF(a) : a
    const right = read.turned[1] ? transposeF(b) : b
    return read.swapped ? infixF(read.symbol, right, left) : infixF(read.symbol, left, right)
  }
  const letters = new Map<number, string>()
  const name = (labels: readonly number[]): string =>
    labels
      .map((label) => {
        if (!letters.has(label)) letters.set(label, 'ijklmnopqrstuvw'[letters.size] ?? `x${label}`)
        return letters.get(label)
      })
      .join('')
  const result = name(attrs.out)
  return { kind: 'einsum', letters: [name(attrs.a), name(attrs.b)], result, operands: [a, b] }
}

interface ProductReading {
  readonly symbol: '·' | '⊗'
  /** Operands whose last two axes change places. */
  readonly turned: readonly [a: boolean, b: boolean]
  readonly swapped: boolean
}

/** As the product of matrices, stacked ones too, or of vectors. */
function asProduct({ a, b, out }: ContractAttrs): ProductReading | undefined {
  if (a.length === 1 && b.length === 1) {
    if (out.length === 0) return { symbol: '·', turned: [false, false], swapped: false }
    return out.length === 2 ? { symbol: '⊗', turned: [false, false], swapped: out[0] !== a[0] } : undefined
  }
  // Stacks lie in front: of both operands, or of one whose matrices all meet the same other one.
  const front = out.slice(0, -2)
  const isStacked = (labels: readonly number[]): boolean =>
    labels.length <= 2 || (labels.length === out.length && front.every((l, i) => l === labels[i]))
  if (!isStacked(a) || !isStacked(b)) return undefined
  const [p, q, r] = [a, b, out].map((labels) => labels.slice(-2)) as [number[], number[], number[]]
  if ([...p, ...q].some((l) => front.includes(l))) return undefined
  const k = p.find((l) => q.includes(l) && !r.includes(l))
  const [i, j] = [p.find((l) => l !== k), q.find((l) => l !== k)]
  if (k === undefined || r.length !== p.length + q.length - 2 || i === j) return undefined
  if (!r.every((l) => l === i || l === j)) return undefined
  const swapped = r.length === 2 ? r[0] === j : q.length === 2 && q.indexOf(k) === 1
  // What stands on the left is summed along its last axis, what stands on the right along its first.
  const turned = (labels: readonly number[], onLeft: boolean): boolean =>
    labels.length === 2 && labels.indexOf(k) !== (onLeft ? 1 : 0)
  return { symbol: '·', turned: [turned(p, !swapped), turned(q, swapped)], swapped }
}

/** `title` is what messages call it. */
export const contractT = (a: Tensor, b: Tensor, attrs: ContractAttrs, title?: string): Tensor =>
  apply(contractOp, [a, b], attrs, title)
