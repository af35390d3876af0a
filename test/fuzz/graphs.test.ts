import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPS } from '../../src/ops/table'
import { EXPANSION } from '../../src/passes/expand'
import { rewrite } from '../../src/passes/rewrite'
import { simplification } from '../../src/passes/simplify'
import { rootTensors } from '../../src/plan/roots'
import { build } from '../ops/cases'
import { bodyOf, inputsOf, recipes } from './graphs'
import { checkGraph } from './run'

/** More in one go: `npm run fuzz -- --graphs 5000 --seed 1`. */
const GRAPHS = { values: 400, gradients: 200, smooth: 100 } as const

describe('random graphs', () => {
  const ops = new Set<string>()
  let skipped = 0

  it.each(Object.entries(GRAPHS))('%s: every variant computes what the reference does', (kind, numRuns) => {
    const property = fc.property(recipes([kind as keyof typeof GRAPHS]), (recipe) => {
      const found = checkGraph(recipe)
      found.ops.forEach((op) => ops.add(op))
      if (found.skipped !== undefined) skipped++
    })
    fc.assert(property, { numRuns, seed: 11 })
  })

  it('hold every op, and hardly one hangs on the last digit', () => {
    expect(Object.keys(OPS).filter((op) => !ops.has(op))).toEqual([])
    expect(skipped).toBeLessThan(60)
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
