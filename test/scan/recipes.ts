import fc from 'fast-check'
import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import { broadcastShapes, newData, sizeOf } from '../../src/ir/type'
import { isVariable } from '../../src/ir/variable'
import { nextOf } from '../fuzz/graphs'
import { SMOOTH } from '../fuzz/growers'
import { binary, floats, type Grower, isAny, Pool, type Step, unary } from '../fuzz/pool'
import { type Body, type Feeds, type Inputs, randomNumbers, sample } from '../ops/cases'
import type { Loop } from './unrolled'

/** How to grow a program with loops, as plain numbers, of which every choice gives a legal program. */
export interface Recipe {
  readonly leaves: readonly { readonly shape: number; readonly dtype: number; readonly variable: boolean }[]
  readonly items: readonly Item[]
  readonly outputs: readonly number[]
  readonly seed: number
  readonly float: 'float32' | 'float64'
  /** 0: values only. */
  readonly order: number
}
/** An op, or a loop with items of its own. */
type Item = Step | LoopRecipe
interface LoopRecipe {
  readonly over: readonly number[]
  readonly carry: readonly number[]
  readonly captured: readonly number[]
  readonly axis: number
  readonly reverse: boolean
  readonly length: number
  /** Bytes that may be kept, doubled so often; all from 10 on. */
  readonly memory: number
  readonly items: readonly Item[]
  readonly next: readonly number[]
  readonly outputs: readonly number[]
}

const SHAPES = [[3], [2, 3], [], [3, 2], [3, 3], [1, 3], [3, 2, 3], [2, 2, 1], [4, 2]]
const KINDS = ['float', 'float', 'float', 'int32', 'float', 'bool', 'uint8'] as const

const list = <T>(item: fc.Arbitrary<T>, maxLength: number, minLength = 0) =>
  fc.array(item, { minLength, maxLength, size: 'max' })
const step: fc.Arbitrary<Step> = fc.record({ grow: fc.nat(999), a: fc.nat(99), b: fc.nat(99), p: fc.nat(99) })
const loopOf = (items: fc.Arbitrary<Item[]>): fc.Arbitrary<LoopRecipe> =>
  fc.record({
    over: list(fc.nat(99), 2),
    carry: list(fc.nat(99), 3),
    captured: list(fc.nat(99), 3),
    axis: fc.nat(2),
    reverse: fc.boolean(),
    length: fc.integer({ min: 1, max: 4 }),
    memory: fc.nat(20),
    items,
    next: list(fc.nat(99), 3, 3),
    outputs: list(fc.nat(99), 3),
  })
const inner: fc.Arbitrary<Item> = loopOf(list(step, 3, 1))
const itemsWith = (loop: fc.Arbitrary<Item>, most: number, weight: number): fc.Arbitrary<Item[]> =>
  list(fc.oneof({ weight, arbitrary: step }, { weight: 1, arbitrary: loop }), most, 1)

export const recipes = (settings: Pick<Recipe, 'float' | 'order'>): fc.Arbitrary<Recipe> =>
  fc.record({
    leaves: list(fc.record({ shape: fc.nat(SHAPES.length - 1), dtype: fc.nat(6), variable: fc.boolean() }), 5, 1),
    items: fc.noBias(itemsWith(loopOf(itemsWith(inner, 6, 6)), 4, 1)),
    outputs: list(fc.nat(99), 4, 1),
    seed: fc.nat(1e6),
    float: fc.constant(settings.float),
    order: fc.constant(settings.order),
  })

const typeOf = ({ shape, dtype }: Recipe['leaves'][number], float: Recipe['float']) => {
  const kind = KINDS[dtype % KINDS.length]!
  return { shape: SHAPES[shape % SHAPES.length]!, dtype: kind === 'float' ? float : kind }
}
const DOMAINS = { float32: 'any', float64: 'any', int32: 'integer', uint8: 200, bool: 'bool' } as const
const dataOf = ({ shape, dtype }: { shape: readonly number[]; dtype: DType }, random: () => number): number[] =>
  sample({ shape, domain: DOMAINS[dtype] }, random)

export const inputsOf = ({ leaves, float }: Recipe): Inputs =>
  Object.fromEntries(leaves.flatMap((leaf, i) => (leaf.variable ? [] : [[`x${i}`, typeOf(leaf, float)]])))

export const feedsOf = (recipe: Recipe, random: () => number): Feeds =>
  Object.fromEntries(Object.entries(inputsOf(recipe)).map(([name, type]) => [name, dataOf(type, random)]))

const rowsOf = loom.gather as unknown as (x: Tensor, at: Tensor) => Tensor
const whole = (t: Tensor): boolean => t.dtype === 'int32' || t.dtype === 'uint8'
/** What moves integers and truth values about and decides by them; nothing that jumps where a float is rounded. */
const WHOLE: readonly Grower[] = [
  ...[loom.add, loom.mul].map((op) => binary(op, (b) => b, whole)),
  ...[loom.equal, loom.less].map((op) => binary(op, () => 1, whole)),
  ...[loom.maximum, loom.bitwiseXor].map((op) => binary(op, (b) => b, whole)),
  unary({ op: loom.logicalNot, to: () => 1, if: (t) => t.dtype === 'bool' }),
  unary({ op: (x) => loom.sum(x), if: (t) => whole(t) || t.dtype === 'bool' }),
  (pool) => {
    const x = pool.find(floats)
    const c = pool.find((t) => whole(t) && t.shape.length === 0, true)
    if (x && c) pool.add(loom.where(loom.equal(loom.mod(c, 2 as never), 0), x, loom.neg(x)), pool.bound(x))
  },
  unary({ op: (x) => loom.where(loom.bernoulli(x.shape), x, loom.flip(x)), if: isAny }),
  // Rows at indices that are within bounds, read by position.
  (pool) => {
    const x = pool.find((t) => t.shape.length > 0 && t.shape[0]! > 0)
    const at = pool.find(whole, true)
    if (!x || !at || sizeOf(x.shape.slice(1)) * sizeOf(at.shape) > 100) return
    const within = loom.bitwiseAnd(loom.cast(at, 'int32'), loom.constant(1, { dtype: 'int32' }))
    pool.add(rowsOf(x, x.shape[0] === 1 ? loom.mul(within, 0) : within), pool.bound(x))
  },
]
const GROWERS = [...SMOOTH, ...WHOLE]

const SMALL = 40
/** The element that a number names; late ones come first. */
const pick = <T>(all: readonly T[], at: number): T | undefined => all.at(-1 - (at % Math.max(1, all.length)))
const distinct = <T>(all: readonly (T | undefined)[]): T[] => [...new Set(all)].filter((t) => t !== undefined)

function grow(pool: Pool, items: readonly Item[], loop: Loop): void {
  for (const item of items)
    if ('grow' in item) pool.grow(item, GROWERS)
    else growLoop(pool, item, loop)
}

function growLoop(pool: Pool, recipe: LoopRecipe, loop: Loop): void {
  const { axis, reverse } = recipe
  const sliced = pool.all.filter((t) => t.shape.length > axis && t.shape[axis]! >= 1 && t.shape[axis]! <= 5)
  const first = recipe.over.length > 0 ? pick(sliced, recipe.over[0]!) : undefined
  const alike = sliced.filter((t) => t.shape[axis] === first?.shape[axis])
  const over = distinct(recipe.over.map((at, i) => (i === 0 ? first : pick(alike, at))))
  const small = pool.all.filter((t) => sizeOf(t.shape) <= SMALL)
  const carry = recipe.carry.flatMap((at) => pick(small, at) ?? [])
  const captured = distinct(recipe.captured.map((at) => pick(small, at)))
  if (carry.length === 0 && recipe.outputs.length === 0) return
  const bounds: Record<string, number> = {}
  const made = loop({
    over: named('x', over),
    carry: named('c', carry),
    ...(over.length === 0 ? { length: recipe.length } : {}),
    ...(recipe.memory < 10 ? { memory: 8 * 2 ** recipe.memory } : {}),
    axis,
    reverse,
    step: (carries, slices, place) => {
      const inside = new Pool()
      inside.add(place, 4)
      captured.forEach((t) => inside.add(t, pool.bound(t)))
      over.forEach((t, i) => inside.add(slices[`x${i}`]!, pool.bound(t)))
      carry.forEach((t, i) => inside.add(carries[`c${i}`]!, Math.max(1, pool.bound(t))))
      const before = named('c', carry.map((_, i) => carries[`c${i}`]!)) // prettier-ignore
      grow(inside, recipe.items, loop)
      const next = Object.entries(before).map(([name, c], i) => [
        name,
        nextCarry(c, before, inside, recipe.next[i % 3]!),
      ])
      // Any of what was grown, the numbers of another loop or a number among it.
      const all = [loom.constant(0.5, { dtype: 'float64' }), ...inside.all, ...Object.values(before)]
      const outputs = recipe.outputs.flatMap((at) => pick(all.filter((t) => t.shape.length >= axis && sizeOf(t.shape) <= SMALL), at) ?? []) // prettier-ignore
      outputs.forEach((t, i) => (bounds[`y${i}`] = inside.bound(t)))
      return { carry: Object.fromEntries(next) as Record<string, Tensor>, outputs: named('y', outputs) }
    },
  })
  carry.forEach((t, i) => pool.add(made.carry[`c${i}`]!, Math.max(1, pool.bound(t))))
  for (const [name, t] of Object.entries(made.outputs)) pool.add(t, bounds[name] ?? 2)
}

const named = (letter: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(tensors.map((t, i) => [`${letter}${i}`, t]))

/** What a carry becomes: itself, another carry, or something of its type that stays within bounds. */
function nextCarry(c: Tensor, before: Record<string, Tensor>, { all }: Pool, choice: number): Tensor {
  const fits = (t: Tensor): boolean => t.dtype === c.dtype && broadcastShapes(t.shape, c.shape)?.join() === c.shape.join() // prettier-ignore
  const others = Object.values(before).filter((t) => t !== c && t.dtype === c.dtype && t.shape.join() === c.shape.join()) // prettier-ignore
  if (choice % 7 === 0) return c
  if (choice % 3 === 0 && others.length > 0) return others[choice % others.length]!
  const found = pick(all.filter(fits), choice) ?? c
  const same = loom.broadcastTo(found, c.shape)
  if (floats(c)) return loom.tanh(choice % 2 ? same : loom.add(same, loom.mul(c, 0.5)))
  if (c.dtype === 'bool') return choice % 2 ? same : loom.logicalNot(same)
  return choice % 2 ? loom.add(same, loom.cast(loom.constant(1), c.dtype)) : same
}

/** The entry that a recipe describes: outputs y0, y1, ..., gradients g_x0, ..., gradients of those h_x0, ... */
export const bodyOf =
  (recipe: Recipe, loop: Loop): Body =>
  (xs) => {
    const { leaves, items, outputs, seed, float, order } = recipe
    const random = randomNumbers(seed)
    const constantOf = (type: { shape: readonly number[]; dtype: DType }) => {
      const data = newData(type.dtype, sizeOf(type.shape))
      data.set(dataOf(type, random))
      return data
    }
    const roots = leaves.map((leaf, i): Tensor => {
      const { shape, dtype } = typeOf(leaf, float)
      return leaf.variable ? loom.variable(`x${i}`, shape, constantOf({ shape, dtype }), { dtype }) : xs[`x${i}`]!
    })
    const pool = new Pool()
    for (const t of roots) pool.add(t, t.dtype === 'uint8' ? 200 : 5)
    grow(pool, items, loop)
    const results = outputs.map((o) => pick(pool.all, o)!)
    const found: Record<string, Tensor> = named('y', results)
    const dot = (t: Tensor): Tensor => loom.sum(loom.mul(t, loom.constant(constantOf({ shape: t.shape, dtype: float }), { shape: t.shape }))) // prettier-ignore
    const total = (all: readonly Tensor[]): Tensor | undefined =>
      all.filter((t) => t.dtype === float).map(dot).reduce<Tensor | undefined>((a, b) => (a ? loom.add(a, b) : b), undefined) // prettier-ignore
    const by = roots.map((t, i) => [`x${i}`, t] as const).filter(([, t]) => t.dtype === float)
    let level: readonly Tensor[] = results
    for (const letter of ['g', 'h'].slice(0, order)) {
      const loss = total(level)
      if (!loss || by.length === 0) break
      level = loom.grad(loss, by.map(([, t]) => t), { disconnected: 'zeros' }) // prettier-ignore
      by.forEach(([name], i) => (found[`${letter}_${name}`] = level[i]!))
    }
    const variables = roots.filter(isVariable)
    return { outputs: found, updates: variables.flatMap((v, i) => nextOf(v, variables, pool, outputs[i] ?? i)) }
  }
