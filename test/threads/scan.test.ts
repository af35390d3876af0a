import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DIVIDED } from '../cases/modes'
import { build, randomNumbers } from '../ops/cases'
import { type Program, programOf } from '../scan/check'
import { PROGRAMS } from '../scan/programs'
import { recipes } from '../scan/recipes'
import { scanned } from '../scan/unrolled'

/** Jobs that were divided. */
async function checkThreads({ inputs, body, feeds }: Program): Promise<number> {
  const one = build(inputs, body(scanned), { target: 'wasm', threads: 1 })
  const two = build(inputs, body(scanned), { target: 'wasm', threads: DIVIDED })
  await two.ready
  for (const round of [1, 2]) {
    const given = feeds(randomNumbers(round))
    expect(two.run(given)).toEqual(one.run(given))
    for (const { name } of one.traced.roots.updates.keys()) expect(two.state(name)).toEqual(one.state(name))
  }
  const splits = two.splits()
  one.dispose()
  two.dispose()
  return splits
}

const whole: string[] = []

describe('loops on two threads give the numbers of one, bit for bit', () => {
  it.each(PROGRAMS)('%s', async (name, of) => {
    let splits = 0
    for (const dtype of ['float32', 'float64'] as const) splits += await checkThreads(of(dtype))
    if (splits === 0) whole.push(name)
  })

  it('but those of numbers alone are divided', () => {
    expect(whole).toEqual(['Fibonacci'])
  })

  it('random ones', { timeout: 120_000 }, async () => {
    let splits = 0
    const property = fc.asyncProperty(recipes({ float: 'float32', order: 1 }), async (recipe) => {
      splits += await checkThreads(programOf(recipe))
    })
    await fc.assert(property, { numRuns: 40, seed: 5 })
    expect(splits).toBeGreaterThan(100)
  })
})
