import { axisIndex } from '../ir/affine'
import type { Axis } from '../ir/affine'
import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { call } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { bracket, sameDtype } from './elementwise'

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

/** `a · b` with transposes where the labels read as matrices, else the einsum in letters. */
function contractFormula(a: string, b: string, attrs: ContractAttrs): string {
  const [i, j] = attrs.out
  const isMatrix = attrs.a.length === 2 && attrs.b.length === 2 && attrs.out.length === 2
  if (isMatrix) {
    const k = attrs.a.find((label) => label !== i)!
    const left = attrs.a[0] === i ? bracket(a) : `${bracket(a)}ᵀ`
    const right = attrs.b[0] === k ? bracket(b) : `${bracket(b)}ᵀ`
    if (attrs.a.includes(i!) && attrs.b.includes(j!) && attrs.b.includes(k)) return `${left} · ${right}`
  }
  const letters = new Map<number, string>()
  const name = (labels: readonly number[]): string =>
    labels
      .map((label) => {
        if (!letters.has(label)) letters.set(label, 'ijklmnopqrstuvw'[letters.size] ?? `x${label}`)
        return letters.get(label)
      })
      .join('')
  const [outLabels, aLabels, bLabels] = [name(attrs.out), name(attrs.a), name(attrs.b)]
  return `einsum('${aLabels},${bLabels}->${outLabels}', ${a}, ${b})`
}

export const contractT = (a: Tensor, b: Tensor, attrs: ContractAttrs): Tensor => apply(contractOp, [a, b], attrs)
