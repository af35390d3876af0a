import fc from 'fast-check'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type Data, isFloat } from '../../src/ir/type'
import { checkPlan } from '../fuzz/plan'
import { type Body, build, type Feeds, type Inputs, randomNumbers, type Ran, VARIANTS } from '../ops/cases'
import { bodyOf, feedsOf, inputsOf, type Recipe, recipes } from './recipes'
import { type Loop, scanned, unrolled } from './unrolled'

/** A program that is written over any kind of loop. */
export interface Program {
  readonly inputs: Inputs
  readonly body: (loop: Loop) => Body
  readonly feeds: (random: () => number) => Feeds
  /** The largest difference that rounding explains, relative to the largest value of a result. */
  readonly tolerance: number
}

/** Holds a program over scans, in every way to compile it, against the same unrolled; two rounds, so that state counts. */
export function checkProgram({ inputs, body, feeds, tolerance }: Program, only?: readonly string[]): void {
  const plain = build(inputs, body(unrolled), VARIANTS.fast)
  const variants = Object.entries(VARIANTS).filter(([name]) => only?.includes(name) ?? true)
  const runs = variants.map(
    ([name, options]) => [name, within(name, () => build(inputs, body(scanned), options))] as const,
  )
  for (const [name, { specialised }] of runs) within(`${name}: plan`, () => checkPlan(specialised))
  for (const round of [1, 2, 3]) {
    const given = feeds(randomNumbers(round))
    const expected = plain.run(given)
    for (const [name, ran] of runs) {
      const results = within(name, () => ran.run(given))
      for (const [key, data] of Object.entries(expected))
        within(`${name}: ${key}, round ${round}`, () => compare(results[key]!, data, dtypeOf(plain, key), tolerance))
      for (const { name: key, dtype } of plain.traced.roots.updates.keys())
        within(`${name}: state ${key}, round ${round}`, () =>
          compare(ran.state(key), plain.state(key), dtype, tolerance),
        )
    }
  }
  for (const ran of [plain, ...runs.map(([, r]) => r)]) ran.dispose()
}

const dtypeOf = ({ traced }: Ran, key: string) => traced.roots.outputs.get(key)!.dtype

function within<T>(what: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
  }
}

function compare(actual: Data, expected: Data, dtype: Parameters<typeof isFloat>[0], tolerance: number): void {
  if (actual.length !== expected.length) throw new Error(`has ${actual.length} values instead of ${expected.length}`)
  const largest = Array.from(expected).reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0)
  const allowed = isFloat(dtype) ? tolerance * Math.max(largest, 1e-3) : 0
  expected.forEach((b, i) => {
    const a = actual[i]!
    if (!(a === b || (a !== a && b !== b) || Math.abs(a - b) <= allowed))
      throw new Error(`[${i}] is ${a}, unrolled ${b} of at most ${largest}`)
  })
}

export const programOf = (recipe: Recipe): Program => ({
  inputs: inputsOf(recipe),
  body: (loop) => bodyOf(recipe, loop),
  feeds: (random) => feedsOf(recipe, random),
  tolerance: recipe.float === 'float64' ? 1e-9 : 1e-3,
})

function main(args: readonly string[]): void {
  const options = {
    programs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    order: { type: 'string', default: '2' },
    float: { type: 'string', default: 'float64' },
    only: { type: 'string', default: '' },
  } as const
  const { values } = parseArgs({ args: [...args], options })
  const settings = { float: values.float as Recipe['float'], order: Number(values.order) }
  const only = values.only === '' ? undefined : values.only.split(',')
  let failures = 0
  for (let done = 0; done < Number(values.programs); done += 20) {
    const seed = Number(values.seed) + done
    const property = fc.property(recipes(settings), (recipe) => checkProgram(programOf(recipe), only))
    const found = fc.check(property, { numRuns: 20, seed, interruptAfterTimeLimit: 90_000 })
    if (!found.failed) continue
    failures++
    console.error(`seed ${seed}: ${String(found.errorInstance)}\n${JSON.stringify(found.counterexample?.[0])}`)
  }
  console.info(`${values.programs} programs, ${failures} batches failed`)
  if (failures > 0) process.exitCode = 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  main(process.argv.slice(2))
