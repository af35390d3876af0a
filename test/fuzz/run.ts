import fc from 'fast-check'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Specialised } from '../../src/compile/internals'
import type { CompileOptions } from '../../src/compile/options'
import { printCompilation, type Printed } from '../../src/compile/print'
import { toposort } from '../../src/ir/graph'
import { type Data, isFloat } from '../../src/ir/type'
import { rootTensors } from '../../src/plan/roots'
import { build, type Feeds, type Ran, randomNumbers, VARIANTS } from '../ops/cases'
import { evaluateGraph } from '../ops/reference'
import { checkBounds } from './bounds'
import { fail } from './fail'
import { bodyOf, feedsOf, inputsOf, type Recipe, recipes } from './graphs'
import { boundBy, type Expected, expectedOf, largest, valuesBy } from './noise'
import { checkPlan } from './plan'

/** What a graph was found to be: skipped graphs have values that hang on the last digit, so that nothing can be compared. */
export interface Outcome {
  readonly skipped?: string
  readonly ops: ReadonlySet<string>
}

/** Checks every property of a graph; throws where one does not hold. */
export function checkGraph(recipe: Recipe): Outcome {
  const inputs = inputsOf(recipe)
  const body = bodyOf(recipe)
  const runs = Object.entries<CompileOptions>(VARIANTS).map(
    ([name, options]) => [name, build(inputs, body, options), options] as const,
  )
  const [, first] = runs[0]!
  for (const [name, { specialised }, options] of runs) {
    within(`${name}: plan`, () => checkPlan(specialised))
    within(`${name}: bounds`, () => checkBounds(specialised, options))
  }
  within('printing', () => checkPrinting(first.specialised, build(inputs, body).specialised))
  const ops = new Set(toposort(rootTensors(first.traced.roots)).map((t) => t.op.name))
  const { outputs, updates } = first.traced.roots
  let skipped: string | undefined
  // Two rounds from the same state, so that what the first leaves in memory would be seen.
  for (const round of [1, 2]) {
    const feeds = feedsOf(recipe, randomNumbers(recipe.seed + round))
    const expected = expectedOf(first.traced, feeds)
    for (const [name, ran] of runs) {
      if (round === 2) ran.reset()
      const results = ran.run(feeds)
      if (typeof expected === 'string') {
        skipped = expected
        continue
      }
      for (const [key, t] of outputs) within(`${name}: ${key}`, () => compare(results[key]!, expected.get(t)!))
      for (const [{ name: key }, t] of updates)
        within(`${name}: state ${key}`, () => compare(ran.state(key), expected.get(t)!))
      if (recipe.kind === 'smooth') within(`${name}: gradient`, () => checkGradient(first, feeds, results))
    }
  }
  return { ops, ...(skipped === undefined ? {} : { skipped }) }
}

function within(what: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
  }
}

function compare(actual: Data, { data, dtype, noise }: Expected): void {
  if (actual.length !== data.length) fail(`has ${actual.length} values instead of ${data.length}`)
  const floor = largest(data) / 20
  data.forEach((b, i) => {
    const a = actual[i]!
    const allowed = isFloat(dtype) ? 4 * noise + (dtype === 'float32' ? 1e-6 : 1e-13) * Math.max(Math.abs(b), floor) : 0
    if (!(a === b || (a !== a && b !== b) || Math.abs(a - b) <= allowed)) fail(`[${i}] is ${a}, the reference ${b}`)
  })
}

/** The gradient along a random direction is the central difference of the loss. */
function checkGradient(ran: Ran, feeds: Feeds, results: Record<string, Data>): void {
  const loss = ran.traced.roots.outputs.get('loss')
  if (!loss) return
  const random = randomNumbers(11)
  const leaves = [...valuesBy([loss], boundBy(ran.traced, feeds))].flatMap(([t, { data }]) => {
    const gradient = results[`g_${t.origin.name}`]
    return t.op.kind === 'leaf' && gradient ? [{ t, data, gradient, direction: data.map(() => 2 * random() - 1) }] : []
  })
  const along = (step: number): number => {
    const moved = leaves.map(({ t, data, direction }) => [t, data.map((v, i) => v + step * direction[i]!)] as const)
    return evaluateGraph([loss], new Map(moved))[0]!.data[0]!
  }
  const terms = leaves.flatMap(({ gradient, direction }) => Array.from(direction, (d, i) => d * gradient[i]!))
  const actual = terms.reduce((a, b) => a + b, 0)
  const size = terms.reduce((a, b) => a + Math.abs(b), Math.abs(along(0)) + 1e-3)
  const misses = [1e-3, 1e-4].map((h) => {
    const difference = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h)
    return Math.abs(actual - difference) / size
  })
  if (!(Math.min(...misses) < 1e-8)) fail(`misses the central difference by ${misses.join(' and ')}`)
}

function checkPrinting(one: Specialised, other: Specialised): void {
  const [a, b] = [one, other].map(({ compilation }) => printCompilation(compilation, 'fast')) as [Printed, Printed]
  for (const part of ['views', 'step', 'run'] as const) if (a.text[part] !== b.text[part]) fail(`${part} differs`)
  a.text.kernels.forEach((text, i) => text === b.text.kernels[i] || fail(`kernel ${i} differs`))
}

function main(args: readonly string[]): void {
  const options = { graphs: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const [graphs, seed] = [values.graphs, values.seed].map(Number) as [number, number]
  const started = performance.now()
  const seconds = (): string => ((performance.now() - started) / 1000).toFixed(1)
  let [skips, failures] = [0, 0]
  // Batches, each with a seed of its own: fast-check stops at the first failure of a batch and makes it small.
  const batch = 100
  for (let done = 0; done < graphs; done += batch) {
    const property = fc.property(recipes(['values', 'gradients', 'smooth']), (recipe) => {
      if (checkGraph(recipe).skipped !== undefined) skips++
    })
    if (done > 0 && done % 1000 === 0) console.error(`${done} graphs, ${failures} failures, ${seconds()} s`)
    const found = fc.check(property, { numRuns: Math.min(batch, graphs - done), seed: seed + done })
    if (!found.failed) continue
    failures++
    console.error(`seed ${seed + done}: ${String(found.errorInstance)}\n${JSON.stringify(found.counterexample?.[0])}`)
  }
  console.info(`${graphs} graphs, ${skips} not compared, ${failures} failures, ${seconds()} s`)
  if (failures > 0) process.exitCode = 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  main(process.argv.slice(2))
