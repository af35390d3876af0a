import fc from 'fast-check'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Specialised } from '../../src/compile/internals'
import { printCompilation, type Printed } from '../../src/compile/print'
import type { Fused } from '../../src/ir/block'
import { toposort } from '../../src/ir/graph'
import type { Affine, Axis } from '../../src/ir/affine'
import type { Local, Stmt } from '../../src/ir/loop'
import { type Buffer, type Item, kernelsOf, type Plan } from '../../src/ir/plan'
import { loadsOf, type Position, type Scalar, walk } from '../../src/ir/scalar'
import type { Tensor } from '../../src/ir/tensor'
import { type Data, bytesOf, isFloat } from '../../src/ir/type'
import { isVariable } from '../../src/ir/variable'
import { rootTensors } from '../../src/plan/roots'
import { build, type Feeds, type Ran, randomNumbers, VARIANTS } from '../ops/cases'
import { evaluateGraph } from '../ops/reference'
import { bodyOf, feedsOf, inputsOf, type Recipe, recipes } from './graphs'
import { boundBy, type Expected, expectedOf, largest, valuesBy } from './noise'

/** What a graph was found to be: skipped graphs have values that hang on the last digit, so that nothing can be compared. */
export interface Outcome {
  readonly skipped?: string
  readonly ops: ReadonlySet<string>
}

/** Checks every property of a graph; throws where one does not hold. */
export function checkGraph(recipe: Recipe): Outcome {
  const inputs = inputsOf(recipe)
  const body = bodyOf(recipe)
  const runs = Object.entries(VARIANTS).map(([name, options]) => [name, build(inputs, body, options)] as const)
  const [, first] = runs[0]!
  for (const [name, { specialised }] of runs) {
    within(`${name}: plan`, () => checkPlan(specialised))
    within(`${name}: bounds`, () => checkBounds(specialised, scheduleOf(name)))
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

const scheduleOf = (variant: string): 'fast' | 'plain' => (variant.startsWith('plain') ? 'plain' : 'fast')

function within(what: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
  }
}
const fail = (message: string): never => {
  throw new Error(message)
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

const loadedBy = ({ reduce, values }: Fused): Tensor[] =>
  loadsOf([...(reduce?.accumulators.map((a) => a.body) ?? []), ...values.map((v) => v.value)]).map((l) => l.from)

/** Buffers that are needed at the same time share no byte; nothing is read before it is written or after its end. */
export function checkPlan({ compilation: { plan } }: Specialised): void {
  // Two turns show what one leaves to the next.
  type Flat =
    Exclude<Item, { kind: 'loop' | 'choice' }> | { readonly kind: 'anew'; readonly buffers: readonly Buffer[] }
  const inOrder = (items: readonly Item[]): Flat[] =>
    items.flatMap((item): Flat[] => {
      // Either arm may be taken: both, one after the other, need no less.
      if (item.kind === 'choice')
        return [{ kind: 'check', count: item.condition, message: '' }, ...item.arms.flatMap(inOrder)]
      if (item.kind !== 'loop') return [item]
      const turn: Flat[] = [{ kind: 'anew', buffers: [item.cell] }, ...inOrder(item.items)]
      return [{ kind: 'anew', buffers: stackedIn(plan, item) }, ...turn, ...turn]
    })
  const items = inOrder(plan.items)
  const end = items.length
  const lives = new Map<Buffer, [first: number, last: number][]>()
  /** What is written over whole, unread, is another value from then on. */
  const touch = (buffer: Buffer, at: number, isAnew = false): void => {
    const spans = lives.get(buffer) ?? []
    if (isAnew || spans.length === 0) spans.push([at, at])
    else spans.at(-1)![1] = at
    lives.set(buffer, spans)
  }
  const stale = new Set<Buffer>()
  /** Of the rows of a carry the first is written before the others. */
  const beginsAnew = (t: Tensor): boolean => {
    const shift = plan.shifts.get(t)
    return shift === undefined || (isRows(plan.place.get(t)!) && shift.terms.size === 0)
  }
  items.forEach((item, i) => {
    const loads = item.kind === 'run' ? loadedBy(item.kernel.fused) : []
    const reads =
      item.kind === 'run'
        ? loads.map((t) => plan.place.get(t)!)
        : item.kind === 'guard' || item.kind === 'anew'
          ? []
          : [item.kind === 'copy' ? item.from : item.count]
    for (const buffer of reads)
      if (buffer.region === 'scratch' && !lives.has(buffer))
        fail(`${buffer.name} is read by item ${i} before it is written`)
    for (const t of loads) if (isVariable(t) && stale.has(plan.place.get(t)!)) fail(`item ${i} reads the new ${t.name}`)
    for (const buffer of reads) touch(buffer, i)
    const write = (buffer: Buffer, isWhole: boolean): void => {
      touch(buffer, i, isWhole && !reads.includes(buffer))
      if (buffer.region === 'state') stale.add(buffer)
    }
    if (item.kind === 'copy') write(item.to, true)
    if (item.kind === 'anew') for (const buffer of item.buffers) write(buffer, true)
    if (item.kind === 'run') for (const [t, buffer] of item.kernel.stores) write(buffer, beginsAnew(t))
    if (item.kind === 'run' && item.kernel.workspace) write(item.kernel.workspace, true)
  })
  for (const b of plan.buffers) if (b.region === 'io' || b.region === 'constant') lives.set(b, [[0, end]])
  const work = [...lives].filter(([b]) => b.region !== 'state' && b.size > 0)
  const bytes = (b: Buffer): number => b.offset + b.size * bytesOf(b.dtype)
  work.forEach(([a, spans], i) => {
    if (bytes(a) > plan.workBytes) fail(`${a.name} ends at ${bytes(a)}, the memory at ${plan.workBytes}`)
    for (const [b, others] of work.slice(i + 1)) {
      const meet = spans.some((live) => others.some((other) => live[0] <= other[1] && other[0] <= live[1]))
      if (meet && a.offset < bytes(b) && b.offset < bytes(a))
        fail(`${a.name} and ${b.name} overlap while both are live`)
    }
  })
}

/** What is kept of every turn of a loop, row by row, and read after it. */
const stackedIn = ({ shifts }: Plan, { time, items }: Extract<Item, { kind: 'loop' }>): Buffer[] => {
  const stores = kernelsOf(items).flatMap((k) => [...k.stores])
  return stores.flatMap(([t, buffer]) => (shifts.get(t)?.terms.has(time) && !isRows(buffer) ? [buffer] : []))
}
const isRows = ({ of }: Buffer): boolean => (of.attrs as { readonly role?: string }).role === 'rows'

type Range = readonly [low: number, high: number]
const sum = (a: Range, b: Range): Range => [a[0] + b[0], a[1] + b[1]]
const times = ([low, high]: Range, k: number): Range => (k < 0 ? [high * k, low * k] : [low * k, high * k])

/** Every load and store lies inside its buffer, by interval arithmetic over the loops around it. */
export function checkBounds({ compilation }: Specialised, schedule: 'fast' | 'plain'): void {
  const ranges = new Map<Axis | Local, Range>()
  const rangeOf = (a: Affine): Range =>
    [...a.terms].reduce<Range>(
      (total, [axis, k]) => sum(total, times(ranges.get(axis) ?? fail(`${axis.name} is used outside its loop`), k)),
      [a.base, a.base],
    )
  const access = (buffer: Buffer, { index, pointer, offset }: Position, lanes: number): void => {
    const start = rangeOf(index)
    const [low, high] = pointer ? sum(start, ranges.get(pointer) ?? fail('a pointer is used outside its loop')) : start
    // What is added leads out of a border, where it stands before the buffer.
    if ((low < 0 && !offset) || high + lanes > buffer.size)
      fail(`${buffer.name}[${low} to ${high + lanes - 1}] of ${buffer.size}`)
  }
  const scalar = (root: Scalar): void => {
    const unguarded = new Set<Scalar>()
    const visit = (s: Scalar): void => {
      if (unguarded.has(s)) return
      unguarded.add(s)
      if (s.kind === 'call') (s.fn === 'select' ? s.args.slice(0, 1) : s.args).forEach(visit)
    }
    visit(root)
    for (const s of walk([root]))
      if (s.kind === 'element' && (unguarded.has(s) || !s.partial)) access(s.from.buffer, s.at, s.lanes)
  }
  const visit = (s: Stmt): void => {
    if (s.kind === 'for') {
      if (s.to <= s.from) return
      const last = Math.ceil((s.to - s.from) / s.step) - 1
      ranges.set(s.axis, [s.from, s.from + last * s.step])
      for (const p of s.inductions) ranges.set(p.local, sum(rangeOf(p.from), times([0, last], p.step)))
      s.body.forEach(visit)
      ranges.delete(s.axis)
      for (const p of s.inductions) ranges.delete(p.local)
    } else if (s.kind === 'if' || s.kind === 'while') {
      scalar(s.condition)
      s.body.forEach(visit)
    } else if (s.kind !== 'note') {
      scalar(s.value)
      if (s.kind === 'store') access(s.to.buffer, s.at, s.lanes)
    }
  }
  for (const { kernel } of printCompilation(compilation, schedule).kernels) kernel.body.forEach(visit)
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
  let [skips, failures] = [0, 0]
  // Batches, each with a seed of its own: fast-check stops at the first failure of a batch and makes it small.
  const batch = 100
  for (let done = 0; done < graphs; done += batch) {
    const property = fc.property(recipes(['values', 'gradients', 'smooth']), (recipe) => {
      if (checkGraph(recipe).skipped !== undefined) skips++
    })
    const found = fc.check(property, { numRuns: Math.min(batch, graphs - done), seed: seed + done })
    if (!found.failed) continue
    failures++
    console.error(`seed ${seed + done}: ${String(found.errorInstance)}\n${JSON.stringify(found.counterexample?.[0])}`)
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.info(`${graphs} graphs, ${skips} not compared, ${failures} failures, ${seconds} s`)
  if (failures > 0) process.exitCode = 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  main(process.argv.slice(2))
