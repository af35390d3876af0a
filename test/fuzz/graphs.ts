import fc from 'fast-check'
import * as loom from 'gradloom'
import type { Tensor, Update, Variable } from 'gradloom'
import { broadcastShapes, newData, sameShape, sizeOf } from '../../src/ir/type'
import { isVariable } from '../../src/ir/variable'
import { ALL, SMOOTH } from './growers'
import { DTYPES, floats, Pool, type Step } from './pool'
import { type Body, type Feeds, type Inputs, randomNumbers, sample } from '../ops/cases'

/** How to grow a graph, as plain numbers: they shrink well, and every choice of them gives a legal graph. */
export interface Recipe {
  readonly leaves: readonly { readonly shape: number; readonly dtype: number; readonly variable: boolean }[]
  readonly steps: readonly Step[]
  readonly outputs: readonly number[]
  readonly seed: number
  readonly kind: Kind
}
/** `smooth` graphs are float64 throughout and have derivatives of all orders; `gradients` adds those of a loss. */
export type Kind = 'values' | 'gradients' | 'smooth'

const SHAPES = [[5], [3, 5], [], [5, 3], [1, 5], [3, 1], [2, 3, 5], [5, 5], [17, 19], [19], [0, 5], [1]]

const list = <T>(item: fc.Arbitrary<T>, maxLength: number) => fc.array(item, { minLength: 1, maxLength, size: 'max' })
export const recipes = (kinds: readonly Kind[]): fc.Arbitrary<Recipe> =>
  fc.record({
    leaves: list(fc.record({ shape: fc.nat(SHAPES.length - 1), dtype: fc.nat(5), variable: fc.boolean() }), 5),
    steps: fc.noBias(list(fc.record({ grow: fc.nat(9999), a: fc.nat(99), b: fc.nat(99), p: fc.nat(99) }), 25)),
    outputs: list(fc.nat(99), 4),
    seed: fc.nat(1e6),
    kind: fc.constantFrom(...kinds),
  })

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
export function nextOf(v: Variable, variables: readonly Variable[], { all }: Pool, choice: number): Update[] {
  if (choice % 8 === 0) return []
  const alike = all.filter((t) => t.dtype === v.dtype && sameShape(broadcastShapes(t.shape, v.shape) ?? [-1], v.shape))
  if (choice % 4 === 3 && floats(v)) return [loom.update(v, loom.sub(v, loom.mul(alike.at(-1)!, 0.125)))]
  const others = [...variables, ...alike].filter((t) => t !== v && t.dtype === v.dtype && sameShape(t.shape, v.shape))
  return others.length === 0 ? [] : [loom.update(v, others[choice % others.length]!)]
}
