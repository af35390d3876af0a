import { type Affine, type Axis, axisIndex, addScaled, constIndex } from '../../ir/affine'
import type { ContractAttrs } from '../../ops/contract'
import type { LabelIndex, WindowProductAttrs } from '../../ops/window-product'
import { type Direct, hasElements } from './direct'
import { isFloatValue, type GraphWriter } from './writer'
import { labelled, squeezed } from './loads'
import { int, text, type Value } from './value'

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** A sum of products over labels, as an einsum. */
function einsum(
  to: GraphWriter,
  [a, b]: readonly [Value, Value],
  labels: { readonly a: readonly unknown[]; readonly b: readonly unknown[]; readonly out: readonly unknown[] },
  shape: readonly number[],
): Value {
  const order = [...new Set([...labels.a, ...labels.b, ...labels.out])]
  const word = (list: readonly unknown[]): string => list.map((label) => LETTERS[order.indexOf(label)]).join('')
  const equation = `${word(labels.a)},${word(labels.b)}->${word(labels.out)}`
  return to.compute('Einsum', [a, b], shape, { equation: text(equation) })
}

/** A matrix product, of operands as they are or transposed, by Gemm; of stacks of matrices, by MatMul; else an einsum. */
export const contraction: Direct = {
  takes: hasElements,
  write: (to, t, [a, b]) => {
    const labels = t.attrs as ContractAttrs
    const found = matrixProduct(to, [a!, b!], labels, t.shape) ?? matrixProduct(to, [b!, a!], swapped(labels), t.shape)
    return found ?? einsum(to, [a!, b!], labels, t.shape)
  },
}
const swapped = ({ a, b, out }: ContractAttrs): ContractAttrs => ({ a: b, b: a, out })

/** The product whose rows are those of the first operand, if the labels read so. */
function matrixProduct(
  to: GraphWriter,
  [x, y]: readonly [Value, Value],
  { a, b, out }: ContractAttrs,
  shape: readonly number[],
): Value | undefined {
  const rank = out.length
  if (rank < 2 || b.length < 2) return undefined
  const [i, j] = out.slice(-2) as [number, number]
  const stack = out.slice(0, -2)
  const k = b.find((label) => label !== j && !out.includes(label))
  if (k === undefined) return undefined
  const isStack = (labels: readonly number[]): boolean => labels.every((label, n) => label === stack[n])
  const ends = (labels: readonly number[], p: number, q: number): boolean => labels.at(-2) === p && labels.at(-1) === q
  // A stack of matrices by one matrix is also a product.
  const fits = (labels: readonly number[]): boolean =>
    labels.length === rank ? isStack(labels.slice(0, -2)) : labels.length === 2
  if (!fits(a) || !fits(b) || (a.length === 2 && b.length === 2 && rank > 2)) return undefined
  const [isLeft, isRight] = [ends(a, i, k), ends(b, k, j)]
  if ((!isLeft && !ends(a, k, i)) || (!isRight && !ends(b, j, k))) return undefined
  if (rank === 2 && isFloatValue(x) && !(isLeft && isRight))
    return to.compute('Gemm', [x, y], shape, { transA: int(isLeft ? 0 : 1), transB: int(isRight ? 0 : 1) })
  const turned = (v: Value, isPlain: boolean): Value => {
    const axes = v.shape.map((_, n) => n)
    return isPlain ? v : to.transpose(v, [...axes.slice(0, -2), axes.length - 1, axes.length - 2])
  }
  return to.compute('MatMul', [turned(x, isLeft), turned(y, isRight)], shape)
}

/** Windows are gathered at positions that are known, then multiplied. */
export const windowedProduct: Direct = {
  takes: (t) => hasElements(t) && (t.attrs as WindowProductAttrs).moved === undefined,
  write: (to, t, [a, b]) => {
    const attrs = t.attrs as WindowProductAttrs
    const axes = attrs.extents.map((extent, i): Axis => ({ name: `l${i}`, extent, kind: 'space' }))
    const at = ({ base, terms }: LabelIndex): Affine =>
      terms.reduce((sum, [label, k]) => addScaled(sum, axisIndex(axes[label]!), k), constIndex(base))
    const [left, right] = [labelled(to, a!, attrs.a.map(at)), labelled(to, b!, attrs.b.map(at))] // prettier-ignore
    const out = attrs.out.map((label) => axes[label]!)
    return einsum(to, [squeezed(to, left!), squeezed(to, right!)], { a: left!.axes, b: right!.axes, out }, t.shape)
  },
}
