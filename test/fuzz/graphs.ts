import fc from 'fast-check'
import * as loom from 'gradloom'
import type { DType, Tensor, Update, Variable } from 'gradloom'
import { broadcastShapes, isFloat, newData, sameShape, sizeOf } from '../../src/ir/type'
import { isVariable } from '../../src/ir/variable'
import { type Body, type Feeds, type Inputs, randomNumbers, sample } from '../ops/cases'

/** How to grow a graph, as plain numbers: they shrink well, and every choice of them gives a legal graph. */
export interface Recipe {
  readonly leaves: readonly { readonly shape: number; readonly dtype: number; readonly variable: boolean }[]
  readonly steps: readonly Step[]
  readonly outputs: readonly number[]
  readonly seed: number
  readonly kind: Kind
}
type Step = Readonly<Record<'grow' | 'a' | 'b' | 'p', number>>
/** `smooth` graphs are float64 throughout and have derivatives of all orders; `gradients` adds those of a loss. */
export type Kind = 'values' | 'gradients' | 'smooth'

const SHAPES = [[5], [3, 5], [], [5, 3], [1, 5], [3, 1], [2, 3, 5], [5, 5], [17, 19], [19], [0, 5], [1]]
const DTYPES: readonly DType[] = ['float32', 'float64', 'float32', 'int32', 'uint8', 'bool']

const list = <T>(item: fc.Arbitrary<T>, maxLength: number) => fc.array(item, { minLength: 1, maxLength, size: 'max' })
export const recipes = (kinds: readonly Kind[]): fc.Arbitrary<Recipe> =>
  fc.record({
    leaves: list(fc.record({ shape: fc.nat(SHAPES.length - 1), dtype: fc.nat(5), variable: fc.boolean() }), 5),
    steps: fc.noBias(list(fc.record({ grow: fc.nat(999), a: fc.nat(99), b: fc.nat(99), p: fc.nat(99) }), 25)),
    outputs: list(fc.nat(99), 4),
    seed: fc.nat(1e6),
    kind: fc.constantFrom(...kinds),
  })

/** The tensors grown so far, each with a bound of its magnitude, so that values stay ordinary. */
class Pool {
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

type Grower = (pool: Pool) => void
interface Unary {
  readonly op: (x: Tensor, p: number) => Tensor
  /** The bound of the result from that of the operands; the same if not given. */
  readonly to?: (b: number) => number
  readonly if?: (t: Tensor) => boolean
}
const unary =
  ({ op, to = (b) => b, if: fits = floats }: Unary): Grower =>
  (pool) => {
    const x = pool.find(fits)
    if (x) pool.add(op(x, pool.p), to(pool.bound(x)))
  }
const binary =
  (op: unknown, to: (b: number) => number, fits: (t: Tensor) => boolean = floats): Grower =>
  (pool) => {
    const a = pool.find(fits)
    if (!a) return
    const b = pool.beside(a)
    pool.add((op as (a: Tensor, b: Tensor) => Tensor)(a, b), to(pool.bound(a, b)))
  }
const floats = (t: Tensor): boolean => isFloat(t.dtype)
const isAny = (): boolean => true
const hasAxis = (x: Tensor): boolean => x.shape.length > 0
const isFull = (x: Tensor): boolean => sizeOf(x.shape) > 0
const isSome = (x: Tensor): boolean => floats(x) && isFull(x)
const isRow = (x: Tensor): boolean => isSome(x) && hasAxis(x)
const axisOf = (x: Tensor, p: number): number => p % x.shape.length
/** x² + 1/2 */
const positive = (x: Tensor): Tensor => loom.add(loom.square(x), 0.5)
const reduction =
  (op: typeof loom.sum | typeof loom.max | typeof loom.mean, fits: (t: Tensor) => boolean): Grower =>
  (pool) => {
    const x = pool.find((t) => hasAxis(t) && fits(t))
    const keepDims = pool.p % 2 === 0
    const options = (t: Tensor) => (pool.p % 3 === 0 ? { keepDims } : { axis: axisOf(t, pool.p), keepDims })
    if (x) pool.add(op(x, options(x)), pool.bound(x) * (op === loom.sum ? sizeOf(x.shape) : 1))
  }
const squaredError = (a: Tensor, b: Tensor): Tensor =>
  loom.meanSquaredError(a, sameShape(a.shape, b.shape) ? b : loom.tanh(a))
/** Factors of n into two. */
const split = (n: number, p: number): [number, number] => {
  const divisors = Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0)
  return [n / divisors[p % divisors.length]!, divisors[p % divisors.length]!]
}

const product: Grower = (pool) => {
  const a = pool.find((t) => hasAxis(t) && (floats(t) || t.dtype === 'int32'))
  const meets = ({ dtype, shape }: Tensor): boolean =>
    dtype === a?.dtype &&
    (shape.at(-2) ?? shape[0]) === a.shape.at(-1) &&
    broadcastShapes(a.shape.slice(0, -2), shape.slice(0, -2)) !== null
  const b = pool.find(meets, true)
  if (a && b) pool.add(loom.matmul(a, b), pool.bound(a) * pool.bound(b) * Math.max(1, a.shape.at(-1)!))
}

const SMOOTH: readonly Grower[] = [
  binary(loom.add, (b) => 2 * b),
  binary(loom.sub, (b) => 2 * b),
  binary(loom.mul, (b) => b * b),
  binary((a: Tensor, b: Tensor) => loom.div(a, positive(b)), (b) => 2 * b), // prettier-ignore
  unary({ op: loom.neg }),
  unary({ op: loom.square, to: (b) => b * b }),
  unary({ op: (x) => loom.exp(loom.tanh(x)), to: () => 3 }),
  unary({ op: (x) => loom.log(positive(x)), to: (b) => Math.log(b * b + 2) }),
  unary({ op: (x) => loom.sqrt(positive(x)), to: (b) => b + 1 }),
  ...[loom.tanh, loom.sigmoid].map((op) => unary({ op, to: () => 1 })),
  unary({ op: (x, p) => loom.pow(positive(x), [-1, 0.5, 3, 0, -2.5][p % 5]!), to: (b) => (b + 1) ** 6 }),
  unary({ op: (x) => loom.named('copy', x) }),
  unary({ op: (x, p) => loom.reshape(x, split(sizeOf(x.shape), p)), if: isSome }),
  unary({ op: (x) => loom.reshape(x, [1, ...x.shape]) }),
  unary({ op: (x, p) => loom.transpose(x, x.shape.map((_, i) => (i + 1 + (p % 2)) % x.shape.length)) }), // prettier-ignore
  unary({ op: (x, p) => (hasAxis(x) ? loom.flip(x, axisOf(x, p)) : loom.flip(x)) }),
  unary({ op: (x, p) => loom.broadcastTo(x, p % 2 ? [2, ...x.shape] : x.shape.map((d) => (d === 1 ? 3 : d))) }),
  reduction(loom.sum, floats),
  reduction(loom.mean, isSome),
  unary({ op: (x, p) => loom.softmax(x, { axis: axisOf(x, p) }), if: isRow }),
  unary({ op: (x) => loom.logSoftmax(x), to: (b) => 2 * b + 8, if: isRow }),
  product,
  binary(squaredError, (b) => 4 * b * b, isSome),
  unary({ op: (x) => loom.softmaxCrossEntropy(x, loom.softmax(loom.neg(x))), to: (b) => 3 * b + 3, if: isRow }),
]

const whole = (t: Tensor): boolean => t.dtype === 'int32' || t.dtype === 'uint8'
const compare = [loom.less, loom.lessEqual, loom.greater, loom.equal, loom.notEqual]
const OTHERS: readonly Grower[] = [
  ...[loom.add, loom.mul].map((op) =>
    binary(
      op,
      (b) => b,
      (t) => !floats(t),
    ),
  ),
  binary(loom.sub, (b) => b, whole),
  ...[loom.neg, loom.square].map((op) => unary({ op, if: whole })),
  unary({ op: loom.relu, if: (x) => x.dtype !== 'bool' }),
  binary(loom.maximum, (b) => b, isAny),
  ...compare.map((op) => binary(op, () => 1, isAny)),
  (pool) => {
    const c = pool.find((t) => t.dtype === 'bool')
    const a = pool.find((t) => c !== undefined && broadcastShapes(c.shape, t.shape) !== null, true)
    if (!c || !a) return
    const b = pool.beside(a)
    if (broadcastShapes(broadcastShapes(c.shape, a.shape)!, b.shape) === null) return
    pool.add(loom.where(c, a, pool.p % 3 || a.dtype === 'bool' ? b : 0), pool.bound(a, b))
  },
  (pool) => {
    const x = pool.find(isAny)!
    const dtype = DTYPES[pool.p % DTYPES.length]!
    // Integers of any size become floats of ordinary size.
    const small = isFloat(dtype) && whole(x) ? loom.div(loom.cast(x, dtype), 2 ** 31) : x
    pool.add(loom.cast(small, dtype), pool.bound(x))
  },
  unary({ op: loom.stopGradient, if: isAny }),
  unary({ op: (x, p) => loom.reshape(x, split(sizeOf(x.shape), p)), if: isFull }),
  unary({ op: (x) => loom.transpose(x), if: isAny }),
  unary({ op: (x, p) => loom.flip(x, axisOf(x, p)), if: hasAxis }),
  reduction(loom.sum, isAny),
  reduction(loom.max, isFull),
  reduction(loom.mean, isAny),
  unary({ op: (x, p) => loom.argMax(x, { axis: axisOf(x, p) }), to: () => 20, if: (x) => hasAxis(x) && isFull(x) }),
  unary({ op: (x, p) => loom.oneHot(x, 2 + (p % 4), DTYPES[p % DTYPES.length]), to: () => 1, if: whole }),
  unary({ op: (x) => loom.sparseSoftmaxCrossEntropy(x, loom.argMax(loom.neg(x))), to: (b) => 3 * b + 3, if: isRow }),
]
const ALL = [...SMOOTH, ...OTHERS]

/** Variables have few types, so that they are swapped and updated from one another. */
const typeOf = ({ shape, dtype, variable }: Recipe['leaves'][number], kind: Kind) => ({
  shape: SHAPES[variable ? [7, 7, 1][shape % 3]! : shape]!,
  dtype: kind === 'smooth' ? ('float64' as const) : DTYPES[variable && dtype < 4 ? 0 : dtype]!,
})
function dataOf(type: Inputs[string], random: () => number): number[] {
  const domain = { float32: 'any', float64: 'any', int32: 'integer', uint8: 256, bool: 'bool' } as const
  return sample({ shape: type.shape, domain: domain[type.dtype] }, random)
}

export const inputsOf = ({ leaves, kind }: Recipe): Inputs =>
  Object.fromEntries(leaves.flatMap((leaf, i) => (leaf.variable ? [] : [[`x${i}`, typeOf(leaf, kind)]])))

export const feedsOf = (recipe: Recipe, random: () => number): Feeds =>
  Object.fromEntries(Object.entries(inputsOf(recipe)).map(([name, type]) => [name, dataOf(type, random)]))

/** The body of the entry that a recipe describes: outputs y0, y1, ..., updates of its variables, gradients g_x0, ... */
export const bodyOf =
  (recipe: Recipe): Body =>
  (xs) => {
    const { leaves, steps, outputs, seed, kind } = recipe
    const random = randomNumbers(seed)
    const constantOf = (type: Inputs[string]) => {
      const data = newData(type.dtype, sizeOf(type.shape))
      data.set(dataOf(type, random))
      return data
    }
    const dot = (t: Tensor): Tensor => loom.sum(loom.mul(t, loom.constant(constantOf(t), { shape: t.shape })))
    const pool = new Pool()
    const roots = leaves.map((leaf, i): Tensor => {
      const { shape, dtype } = typeOf(leaf, kind)
      return leaf.variable ? loom.variable(`x${i}`, shape, constantOf({ shape, dtype }), { dtype }) : xs[`x${i}`]!
    })
    const variables = roots.filter(isVariable)
    for (const t of roots) pool.add(t, t.dtype === 'uint8' ? 256 : 5)
    for (const step of steps) pool.grow(step, kind === 'smooth' ? SMOOTH : ALL)
    const results = outputs.map((o) => pool.all[pool.all.length - 1 - (o % pool.all.length)]!)
    const named: Record<string, Tensor> = Object.fromEntries(results.map((t, i) => [`y${i}`, t]))
    const first = results.find(floats)
    if (kind !== 'values' && first) {
      const terms = results.filter((t) => t.dtype === first.dtype).map(dot)
      const loss = terms.reduce((a, b) => loom.add(a, b))
      const by = roots.map((t, i) => [`g_x${i}`, t] as const).filter(([, t]) => floats(t))
      const gradients = loom.grad(loss, by.map(([, t]) => t), { disconnected: 'zeros' }) // prettier-ignore
      Object.assign(named, { loss }, Object.fromEntries(by.map(([name], i) => [name, gradients[i]!])))
    }
    return { outputs: named, updates: variables.flatMap((v, i) => nextOf(v, variables, pool, outputs[i] ?? i)) }
  }

/** No update, another variable's old value, a tensor of the right type, or a step from the old value. */
function nextOf(v: Variable, variables: readonly Variable[], { all }: Pool, choice: number): Update[] {
  if (choice % 8 === 0) return []
  const alike = all.filter((t) => t.dtype === v.dtype && sameShape(broadcastShapes(t.shape, v.shape) ?? [-1], v.shape))
  if (choice % 4 === 3 && floats(v)) return [loom.update(v, loom.sub(v, loom.mul(alike.at(-1)!, 0.125)))]
  const others = [...variables, ...alike].filter((t) => t !== v && t.dtype === v.dtype && sameShape(t.shape, v.shape))
  return others.length === 0 ? [] : [loom.update(v, others[choice % others.length]!)]
}
