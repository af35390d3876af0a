import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPS } from '../../src/ops/table'
import { EXPANSION } from '../../src/passes/expand'
import { rewrite } from '../../src/passes/rewrite'
import { simplification } from '../../src/passes/simplify'
import { rootTensors } from '../../src/plan/roots'
import { build } from '../ops/cases'
import { bodyOf, inputsOf, type Kind, recipes } from './graphs'
import { ALL } from './growers'
import { checkGraph } from './run'

const KINDS: readonly Kind[] = ['values', 'gradients', 'smooth']
/** More in one go: `npm run fuzz -- --graphs 5000 --seed 1`. */
const RUNS: readonly (readonly [string, readonly Kind[], numRuns: number, seed: number])[] = [
  ['values', ['values'], 400, 11],
  ['gradients', ['gradients'], 300, 11],
  ['smooth', ['smooth'], 200, 11],
  ['another seed', KINDS, 200, 12],
]

/** Leaves of which every op finds some that it takes: their shapes and dtypes by number. */
const RICH = [[1, 0], [7, 0], [6, 0], [7, 1], [7, 3], [1, 4], [1, 5], [0, 0]].map(([shape, dtype]) => ({ shape: shape!, dtype: dtype!, variable: false })) // prettier-ignore

describe('random graphs', () => {
  const ops = new Set<string>()
  let skipped = 0

  it.each(RUNS)(
    '%s: every variant computes what the reference does',
    { timeout: 180_000 },
    (_, kinds, numRuns, seed) => {
      const property = fc.property(recipes(kinds), (recipe) => {
        const found = checkGraph(recipe)
        found.ops.forEach((op) => ops.add(op))
        if (found.skipped !== undefined) skipped++
      })
      fc.assert(property, { numRuns, seed })
    },
  )

  it('every way to grow one in turn', { timeout: 180_000 }, () => {
    for (let grow = 0; grow < ALL.length; grow++) {
      const [recipe] = fc.sample(recipes(['values']), { numRuns: 1, seed: grow })
      const last = { ...recipe!.steps[0]!, grow }
      const found = checkGraph({ ...recipe!, leaves: RICH, steps: [...recipe!.steps.slice(0, 4), last, last] })
      found.ops.forEach((op) => ops.add(op))
    }
  })

  it('hold every op, and hardly one hangs on the last digit', () => {
    expect(Object.keys(OPS).filter((op) => !ops.has(op))).toEqual([])
    expect(skipped).toBeLessThan(20)
  })

  it('are simplified once and for all', () => {
    const rules = simplification()
    const property = fc.property(recipes(['values', 'gradients']), (recipe) => {
      const { roots } = build(inputsOf(recipe), bodyOf(recipe)).traced
      const once = rewrite(rewrite(rootTensors(roots), EXPANSION).roots, rules).roots
      rewrite(once, rules).roots.forEach((t, i) => expect(t === once[i]).toBe(true))
    })
    fc.assert(property, { numRuns: 60, seed: 11 })
  })
})
