import fc from 'fast-check'
import { describe, it } from 'vitest'
import { checkProgram, programOf } from './check'
import { type Recipe, recipes } from './recipes'

/** More in one go: `npx tsx test/scan/check.ts --programs 1000 --seed 1 --order 2`. */
const RUNS: readonly (readonly [string, Pick<Recipe, 'float' | 'order'>, numRuns: number])[] = [
  ['values', { float: 'float64', order: 0 }, 16],
  ['float32', { float: 'float32', order: 0 }, 10],
  ['gradients', { float: 'float64', order: 1 }, 12],
  ['gradients of gradients', { float: 'float64', order: 2 }, 6],
]

describe('random loops are their turns written out', () => {
  it.each(RUNS)('%s', { timeout: 180_000 }, (_, settings, numRuns) => {
    const property = fc.property(recipes(settings), (recipe) => checkProgram(programOf(recipe)))
    fc.assert(property, { numRuns, seed: 11 })
  })
})
