import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import { broadcastShapes, isFloat, sameShape, sizeOf } from '../../src/ir/type'

export type Step = Readonly<Record<'grow' | 'a' | 'b' | 'p', number>>
export const DTYPES: readonly DType[] = ['float32', 'float64', 'float32', 'int32', 'uint8', 'bool']

/** The tensors grown so far, each with a bound of its magnitude, so that values stay ordinary. */
export class Pool {
  readonly all: Tensor[] = []
  p = 0
  private readonly bounds = new Map<Tensor, number>()
  private step: Step = { grow: 0, a: 0, b: 0, p: 0 }

  add(t: Tensor, bound: number): void {
    if (sizeOf(t.shape) > 2000) return
    const shift = isFloat(t.dtype) && bound > 64 ? 2 ** Math.ceil(Math.log2(bound / 8)) : 1
    const kept = shift === 1 ? t : loom.mul(t, 1 / shift)
    if (!this.bounds.has(kept)) this.all.push(kept)
    this.bounds.set(kept, bound / shift)
  }
  readonly bound = (...tensors: readonly Tensor[]): number => Math.max(...tensors.map((t) => this.bounds.get(t) ?? 2))
  grow(step: Step, growers: readonly Grower[]): void {
    this.step = step
    this.p = step.p
    growers[step.grow % growers.length]!(this)
  }
  /** The first tensor that fits, beginning at the place that the step names; late ones come first. */
  find(fits: (t: Tensor) => boolean, second = false): Tensor | undefined {
    const start = second ? this.step.b : this.step.a
    const { length } = this.all
    return Array.from({ length }, (_, i) => this.all.at(-1 - ((start + i) % length))!).find(fits)
  }
  /** Another operand for t: of its dtype, and of a shape that broadcasts with it. */
  beside(t: Tensor): Tensor {
    const meets = (x: Tensor): boolean => x.dtype === t.dtype && broadcastShapes(x.shape, t.shape) !== null
    return this.find(meets, true) ?? t
  }
}

export type Grower = (pool: Pool) => void
interface Unary {
  readonly op: (x: Tensor, p: number) => Tensor
  /** The bound of the result from that of the operands; the same if not given. */
  readonly to?: (b: number) => number
  readonly if?: (t: Tensor) => boolean
}
export const unary =
  ({ op, to = (b) => b, if: fits = floats }: Unary): Grower =>
  (pool) => {
    const x = pool.find(fits)
    if (x) pool.add(op(x, pool.p), to(pool.bound(x)))
  }
export const binary =
  (op: unknown, to: (b: number) => number, fits: (t: Tensor) => boolean = floats): Grower =>
  (pool) => {
    const a = pool.find(fits)
    if (!a) return
    const b = pool.beside(a)
    pool.add((op as (a: Tensor, b: Tensor) => Tensor)(a, b), to(pool.bound(a, b)))
  }
export const floats = (t: Tensor): boolean => isFloat(t.dtype)
export const isAny = (): boolean => true
export const hasAxis = (x: Tensor): boolean => x.shape.length > 0
export const isFull = (x: Tensor): boolean => sizeOf(x.shape) > 0
export const isSome = (x: Tensor): boolean => floats(x) && isFull(x)
export const isRow = (x: Tensor): boolean => isSome(x) && hasAxis(x)
export const axisOf = (x: Tensor, p: number): number => p % x.shape.length
/** x² + 1/2 */
export const positive = (x: Tensor): Tensor => loom.add(loom.square(x), 0.5)
export const reduction =
  (op: typeof loom.sum | typeof loom.max | typeof loom.mean, fits: (t: Tensor) => boolean): Grower =>
  (pool) => {
    const x = pool.find((t) => hasAxis(t) && fits(t))
    const keepDims = pool.p % 2 === 0
    const options = (t: Tensor) => (pool.p % 3 === 0 ? { keepDims } : { axis: axisOf(t, pool.p), keepDims })
    if (x) pool.add(op(x, options(x)), pool.bound(x) * (op === loom.sum ? sizeOf(x.shape) : 1))
  }
export const squaredError = (a: Tensor, b: Tensor): Tensor =>
  loom.meanSquaredError(a, sameShape(a.shape, b.shape) ? b : loom.tanh(a))
/** Factors of n into two. */
export const split = (n: number, p: number): [number, number] => {
  const divisors = Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0)
  return [n / divisors[p % divisors.length]!, divisors[p % divisors.length]!]
}

export const product: Grower = (pool) => {
  const a = pool.find((t) => hasAxis(t) && (floats(t) || t.dtype === 'int32'))
  const meets = ({ dtype, shape }: Tensor): boolean =>
    dtype === a?.dtype &&
    (shape.at(-2) ?? shape[0]) === a.shape.at(-1) &&
    broadcastShapes(a.shape.slice(0, -2), shape.slice(0, -2)) !== null
  const b = pool.find(meets, true)
  if (a && b) pool.add(loom.matmul(a, b), pool.bound(a) * pool.bound(b) * Math.max(1, a.shape.at(-1)!))
}
