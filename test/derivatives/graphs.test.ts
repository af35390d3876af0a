import fc from 'fast-check'
import { jvp, scan, type Tensor, vjp, vmap } from 'gradloom'
import { describe, it } from 'vitest'
import { bodyOf, feedsOf, inputsOf, type Recipe, recipes } from '../fuzz/graphs'
import { build, type Inputs, randomNumbers, sample, VARIANTS } from '../ops/cases'
import { expectNear } from './near'

const ROWS = 3

/** Graphs of float64 with gradients of their own, all of whose leaves are fed. */
const graphs: fc.Arbitrary<Recipe> = recipes(['smooth']).map((recipe) => ({
  ...recipe,
  leaves: recipe.leaves.map((leaf) => ({ ...leaf, variable: false })),
}))

type Xs = Record<string, Tensor>
const mapValues = <A, B>(of: Readonly<Record<string, A>>, to: (value: A, key: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, to(value, key)]))

/** Some of the leaves have rows, by the seed. */
function checkRows(recipe: Recipe): void {
  const given = inputsOf(recipe)
  const names = Object.keys(given)
  const hasRows = (name: string): boolean => (recipe.seed >> names.indexOf(name)) % 2 === 1 || name === names[0]
  const inputs: Inputs = mapValues(given, (type, name) => hasRows(name) ? { ...type, shape: [ROWS, ...type.shape] } : type) // prettier-ignore
  const random = randomNumbers(recipe.seed)
  const rows = Array.from({ length: ROWS }, () => feedsOf(recipe, random))
  const feeds = mapValues(given, (_, name) => (hasRows(name) ? rows.flatMap((row) => row[name]!) : rows[0]![name]!))
  const batched = names.filter(hasRows)
  const outputsOf = (xs: Xs): Xs => bodyOf(recipe)(xs).outputs
  const mapped = (xs: Xs) => {
    const f = (...slices: Tensor[]): Xs => outputsOf({ ...xs, ...Object.fromEntries(batched.map((name, i) => [name, slices[i]!])) }) // prettier-ignore
    return { outputs: vmap(f as never, ...batched.map((name) => xs[name]!)) as Xs }
  }
  // A loop draws at random as vmap does.
  const inTurns = (xs: Xs) => {
    const over = Object.fromEntries(batched.map((name) => [name, xs[name]!]))
    const step = (_: Xs, slices: Xs) => ({ carry: {}, outputs: outputsOf({ ...xs, ...slices }) })
    return { outputs: scan({ carry: {}, over, step: step }).outputs as Xs }
  }
  const expected = build(inputs, inTurns, VARIANTS.fast).run(feeds)
  for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
    const results = build(inputs, mapped, options).run(feeds)
    for (const [key, values] of Object.entries(expected))
      expectNear(`${options.target} ${key}`, results[key]!, values, 'float64', 1e-7)
  }
}

/** u · Jv is uᵀJ · v. */
function checkProducts(recipe: Recipe): void {
  const given = inputsOf(recipe)
  const names = Object.keys(given)
  const random = randomNumbers(recipe.seed)
  const draw = ({ shape }: { readonly shape: readonly number[] }): number[] => sample({ shape, domain: 'any' }, random)
  const vectors: Inputs = Object.fromEntries(names.map((name) => [`v_${name}`, given[name]!]))
  const feeds = { ...feedsOf(recipe, random), ...mapValues(vectors, draw) }
  const zeros = { disconnected: 'zeros' } as const
  const dots = (as: readonly ArrayLike<number>[], bs: readonly ArrayLike<number>[]): number =>
    as.reduce((sum, a, k) => sum + Array.from(a).reduce((s, v, i) => s + v * bs[k]![i]!, 0), 0)
  for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
    let count = 0
    const body = (xs: Xs) => {
      const ys = Object.values(bodyOf(recipe)(xs).outputs)
      count = ys.length
      const by = names.map((name) => xs[name]!)
      const forward = jvp(ys, by, names.map((name) => xs[`v_${name}`]!), zeros) // prettier-ignore
      // Outputs stand for cotangents: any will do.
      const back = vjp(ys, ys, by, zeros)
      const named = (letter: string, ts: readonly Tensor[]) =>
        Object.fromEntries(ts.map((t, i) => [`${letter}${i}`, t]))
      return { outputs: { ...named('y', ys), ...named('f', forward), ...named('b', back) } }
    }
    const r = build({ ...given, ...vectors }, body, options).run(feeds)
    const forward = dots(Array.from({ length: count }, (_, i) => r[`f${i}`]!), Array.from({ length: count }, (_, i) => r[`y${i}`]!)) // prettier-ignore
    const back = dots(names.map((_, i) => r[`b${i}`]!), names.map((name) => feeds[`v_${name}`]!)) // prettier-ignore
    if (Number.isFinite(forward)) expectNear(`${options.target} u·Jv`, [forward], [back], 'float64', 1e-7)
  }
}

describe('random graphs', () => {
  it('vmap is a loop over the rows', () => {
    fc.assert(fc.property(graphs, checkRows), { numRuns: 40, seed: 5 })
  })
  it('products from both sides agree', () => {
    fc.assert(fc.property(graphs, checkProducts), { numRuns: 40, seed: 6 })
  })
})
