import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFloat } from '../../src/ir/type'
import { bodyOf, feedsOf, inputsOf, recipes } from '../fuzz/graphs'
import { expectedOf } from '../fuzz/noise'
import { build, type Feeds, randomNumbers, type Ran } from '../ops/cases'
import { programOf } from '../scan/check'
import { PROGRAMS } from '../scan/programs'
import { recipes as loopRecipes } from '../scan/recipes'
import { scanned } from '../scan/unrolled'
import { expectClose, exported, fed, type OrtModel } from './ort'

/** What has no form: ops of ONNX that onnxruntime has no float64 kernel for, and ops that ONNX has nothing for. */
const MISSING = /Could not find an implementation|Failed to find kernel|has no form in ONNX/

/** Undefined where something is missing. */
async function attempted(ran: Ran): Promise<OrtModel | undefined> {
  try {
    return await exported(ran.net)
  } catch (error) {
    if (MISSING.test(String(error))) return undefined
    throw error
  }
}

/** Rounds one after the other, from the same state on. */
async function check(ran: Ran, rounds: readonly Feeds[], toleranceOf: (name: string) => number): Promise<boolean> {
  const model = await attempted(ran)
  if (!model) return false
  const { outputs, updates } = ran.traced.roots
  for (const feeds of rounds) {
    const results = await model.run(fed(ran.net, model.inputs, feeds))
    const expected = ran.run(feeds)
    for (const [name, t] of outputs)
      expectClose(results[name]!, expected[name]!, isFloat(t.dtype) ? toleranceOf(name) : 0, name)
    for (const [{ name, dtype }] of updates)
      if (model.state.has(name))
        expectClose(model.state.get(name)!.data, ran.state(name), isFloat(dtype) ? toleranceOf(name) : 0, name)
  }
  await model.release()
  return true
}

/** Loops whose rows are drawn in a random order. */
const WITHOUT_FORM = ['rows in a random order']

describe('loops, first and second gradients too', () => {
  it.each(PROGRAMS)('%s', async (name, of) => {
    const { inputs, body, feeds, tolerance } = of('float32')
    const ran = build(inputs, body(scanned), { target: 'js' })
    const rounds = [1, 2].map((round) => feeds(randomNumbers(round)))
    expect(await check(ran, rounds, () => tolerance)).toBe(!WITHOUT_FORM.includes(name))
    ran.dispose()
  })

  it('at random', { timeout: 180_000 }, async () => {
    const property = fc.asyncProperty(loopRecipes({ float: 'float32', order: 1 }), async (recipe) => {
      const { inputs, body, feeds, tolerance } = programOf(recipe)
      const ran = build(inputs, body(scanned), { target: 'js' })
      await check(ran, [feeds(randomNumbers(1)), feeds(randomNumbers(2))], () => tolerance)
      ran.dispose()
    })
    await fc.assert(property, { numRuns: 15, seed: 11 })
  })
})

describe('graphs at random', () => {
  it.each(['values', 'gradients', 'smooth'] as const)('%s', { timeout: 180_000 }, async (kind) => {
    let compared = 0
    const property = fc.asyncProperty(recipes([kind]), async (recipe) => {
      const ran = build(inputsOf(recipe), bodyOf(recipe), { target: 'js' })
      const feeds = feedsOf(recipe, randomNumbers(recipe.seed))
      const expected = expectedOf(ran.traced, feeds)
      // Values that hang on the last digit cannot be compared.
      if (typeof expected === 'string') return
      const { outputs, updates } = ran.traced.roots
      const roots = new Map([...outputs, ...[...updates].map(([v, t]) => [v.name, t] as const)])
      const toleranceOf = (name: string): number => {
        const { noise, data, dtype } = expected.get(roots.get(name)!)!
        const top = data.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 1e-30)
        return (80 * noise) / top + (dtype === 'float32' ? 1e-5 : 1e-9)
      }
      if (await check(ran, [feeds], toleranceOf)) compared++
      ran.dispose()
    })
    await fc.assert(property, { numRuns: 60, seed: 11 })
    expect(compared).toBeGreaterThan(20)
  })
})
