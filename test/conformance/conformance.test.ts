import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { check, type Outcome, type Target } from './check'
import { ODD } from './odd'
import { claimedIn } from './report'
import { isInstalled, testNames } from './suite'

// `npm run conformance` runs all tests; here every 15th.
const STRIDE = 15
const TARGETS: readonly Target[] = ['js', 'wasm']

describe.skipIf(!isInstalled())('the node tests of ONNX', () => {
  it.each(TARGETS)('pass where they are supported, on %s', (target) => {
    const names = testNames().filter((_, i) => i % STRIDE === 0)
    const outcomes = new Map(names.map((name): [string, Outcome] => [name, check(name, target)]))
    const failed = [...outcomes].filter(([, { kind }]) => kind === 'failed')
    expect(failed.map(([name, { reason }]) => `${name}: ${reason}`)).toEqual([])
    expect([...outcomes.values()].filter(({ kind }) => kind === 'passed').length).toBeGreaterThan(names.length / 2)
  })

  it('include those that are odd', () => {
    expect(Object.keys(ODD).filter((name) => !testNames().includes(name))).toEqual([])
  })
})

describe('docs/conformance.md', () => {
  const text = readFileSync('docs/conformance.md', 'utf8')

  it.each(TARGETS)('says how many tests pass, and that none fails, on %s', (target) => {
    expect(claimedIn(text, target)).toBeGreaterThanOrEqual(600)
    expect(new RegExp(`^\\| *${target} *\\| *\\d+ *\\| *0 *\\|`, 'm').test(text)).toBe(true)
  })

  it('has every odd test with its reason', () => {
    for (const [name, reason] of Object.entries(ODD)) expect(text).toMatch(new RegExp(`\`${name}\` *\\| ${reason}`))
  })
})
