import * as gradloom from 'gradloom'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import type { Classifier } from '../../bench/workloads'
import { mlp } from '../mlp'
import { startChromium } from './chromium'
import type { AsyncReport } from './pages/async'
import type { EmittedReport } from './pages/emitted'
import type { StorageReport } from './pages/storage'
import type { PolicyReport } from './pages/policy'
import type { TrainReport } from './pages/train'
import type { Trained } from './pages/training'
import { type PageOptions, serve, type Server } from './server'
import { visit } from './visit'

let browser: Browser
let server: Server
beforeAll(async () => {
  server = await serve()
  browser = await startChromium()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

const DIVIDED = { count: 2, minWork: 0 } as const
const withOptions = (options: unknown, query: PageOptions['query'] = {}) => ({
  query: { ...query, options: JSON.stringify(options) },
})
const WAYS = {
  js: { target: 'js' },
  wasm: { target: 'wasm', threads: 1 },
  'wasm on two threads': { target: 'wasm', threads: DIVIDED },
} as const satisfies Record<string, gradloom.CompileOptions>

const training = (options: gradloom.CompileOptions, how: PageOptions = {}) =>
  visit<TrainReport>(browser, server, 'train', { ...how, ...withOptions(options, how.query) })

/** Trains a module that `emit` has written, in a page that has nothing else. */
function emitted(workload: Classifier, format: 'js' | 'wasm', steps: number, how: Omit<PageOptions, 'query'>) {
  const path = `/${workload}.${format}.js` as const
  server.add(path, gradloom.emit(gradloom.compile(mlp(workload).train, { target: 'js' }), { format }))
  return visit<EmittedReport>(browser, server, 'emitted', { ...how, query: { path, workload, steps: String(steps) } })
}

/** The largest difference of two runs, relative to the larger number. */
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((v, i) => Math.abs(v - b[i]!) / Math.max(Math.abs(v), Math.abs(b[i]!), 1e-3)))

describe('W1 in a page', () => {
  const reports = new Map<string, TrainReport>()

  it.each(Object.entries(WAYS))('trains: %s', async (name, options) => {
    const { page, result, said } = await training(options)
    const rate = await page.evaluate<number>('rate()')
    console.log(`W1 in Chromium ${browser.version()}, ${name}: ${rate.toFixed(0)} steps/s`)
    reports.set(name, result)
    expect(result.isolated).toBe(true)
    expect(said).toEqual([])
    expect(result.losses[0]).toBeCloseTo(2.9704, 3)
    result.losses.forEach((loss, i) => i > 0 && expect(loss, `step ${i}`).toBeLessThan(result.losses[i - 1]!))
    expect(result.losses.at(-1)).toBeLessThan(0.8 * result.losses[0]!)
    const isDivided = options === WAYS['wasm on two threads']
    expect(page.workers()).toHaveLength(isDivided ? 1 : 0)
    expect(result.splits > 0).toBe(isDivided)
    await page.evaluate('dispose()')
    await expect.poll(() => page.workers(), { timeout: 1500 }).toEqual([])
    await page.close()
  })

  it('has the same numbers on one thread and on two, and nearly those of JavaScript', () => {
    const [js, one, two] = Object.keys(WAYS).map((name) => reports.get(name)!)
    expect(two!.losses).toEqual(one!.losses)
    expect(two!.weights).toEqual(one!.weights)
    expect(distance(js!.losses, one!.losses)).toBeLessThan(1e-5)
    expect(distance(js!.weights, one!.weights)).toBeLessThan(1e-3)
  })
})

describe.skipIf(!('compileAsync' in gradloom))('compileAsync', () => {
  it('compiles no module on the main thread, and resolves when workers are ready', async () => {
    const [one, two] = await Promise.all(
      [WAYS.wasm, WAYS['wasm on two threads']].map((options) =>
        visit<AsyncReport>(browser, server, 'async', withOptions(options)),
      ),
    )
    // Only what asks whether there are vectors, a few bytes.
    for (const { result } of [one!, two!]) expect(result.blocking.filter((bytes) => bytes > 100)).toEqual([])
    // From the first step on.
    expect(two!.result.splits % two!.result.losses.length).toBe(0)
    expect(two!.result.splits).toBeGreaterThan(0)
    expect(two!.result.losses).toEqual(one!.result.losses)
    expect(two!.result.weights).toEqual(one!.result.weights)
  })
})

describe('a content security policy', () => {
  const policed = (policy: NonNullable<PageOptions['policy']>, list: readonly gradloom.CompileOptions[]) =>
    visit<PolicyReport>(browser, server, 'policy', { policy, ...withOptions(list) })
  const of = (result: PolicyReport, options: gradloom.CompileOptions) => result[JSON.stringify(options)]

  it("with wasm-unsafe-eval: WebAssembly runs, fed without code from strings, and says so once; 'js' cannot", async () => {
    const options = [{}, WAYS.wasm, WAYS.js]
    const { result, said } = await policed('wasm', options)
    const { result: free } = await training(WAYS.wasm)
    for (const o of [{}, WAYS.wasm]) expect((of(result, o) as Trained).losses).toEqual(free.losses.slice(0, 50))
    expect(said).toEqual([expect.stringContaining('code from strings is not allowed here')])
    expect(of(result, WAYS.js)).toEqual({ error: expect.stringMatching(/^RuntimeError.* emit\(program/) })
  })

  it('that forbids workers from texts: one thread, with a warning', async () => {
    const options = WAYS['wasm on two threads']
    const { result, said, page } = await policed('wasm', [options])
    expect(of(result, options)).toMatchObject({ splits: 0 })
    expect(said).toContainEqual(expect.stringContaining('the program runs on one thread'))
    expect(page.workers()).toEqual([])
  })

  it('with worker-src blob: two threads', async () => {
    const options = WAYS['wasm on two threads']
    const { result } = await policed('threads', [WAYS.wasm, options])
    expect((of(result, options) as Trained).splits).toBeGreaterThan(0)
    expect(of(result, options)).toMatchObject({ losses: (of(result, WAYS.wasm) as Trained).losses })
  })

  it('that forbids both: the error names emit, and the emitted module trains there', async () => {
    const options = [{}, WAYS.js, WAYS.wasm]
    const { result } = await policed('neither', options)
    for (const o of options)
      expect(of(result, o)).toEqual({ error: expect.stringMatching(/^RuntimeError.* emit\(program/) })
    const { result: losses } = await emitted('W1', 'js', 50, { policy: 'neither' })
    const { result: free } = await training(WAYS.js)
    expect(losses).toEqual(free.losses.slice(0, 50))
  })
})

describe('the W2 training step in one file, under a policy without code from strings', () => {
  const ALLOWED = { js: 'neither', wasm: 'wasm' } as const

  it.each(['js', 'wasm'] as const)('%s trains as the program does in memory', async (format) => {
    const steps = 21
    const { result: losses } = await emitted('W2', format, steps, { policy: ALLOWED[format] })
    const query = { workload: 'W2', steps: String(steps) }
    const { result: free } = await training(WAYS[format], { query })
    expect(losses).toEqual(free.losses)
    free.losses.forEach((loss, i) => i > 0 && expect(loss, `step ${i}`).toBeLessThan(free.losses[i - 1]!))
    expect(free.losses.at(-1)).toBeCloseTo(1.195581, 4)
  })

  it('the one with WebAssembly is refused where the policy forbids that, when it is imported', async () => {
    const { result } = await emitted('W2', 'wasm', 1, { policy: 'neither' })
    expect(result).toEqual({
      error: expect.stringMatching(/^CompileError: WebAssembly.*[Cc]ontent [Ss]ecurity [Pp]olicy/),
    })
  })
})

describe('a page without isolation headers', () => {
  it("runs on one thread where threads is 'auto'", async () => {
    const { page, result } = await training(
      { target: 'wasm', threads: { count: 'auto', minWork: 0 } },
      { isolated: false },
    )
    expect(result).toMatchObject({ isolated: false, splits: 0 })
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0]!)
    expect(page.workers()).toEqual([])
  })

  it('is told which headers two threads need', async () => {
    const options = { target: 'wasm', threads: 2 } as const
    const { result } = await visit<PolicyReport>(browser, server, 'policy', {
      isolated: false,
      ...withOptions([options]),
    })
    const { error } = result[JSON.stringify(options)] as { readonly error: string }
    expect(error).toMatch(/^RuntimeError/)
    expect(error).toContain('Cross-Origin-Opener-Policy: same-origin')
    expect(error).toContain('Cross-Origin-Embedder-Policy: require-corp')
  })
})

describe('IndexedDB', () => {
  it('keeps a model from page to page', async () => {
    const context = await browser.newContext()
    const visits: StorageReport[] = []
    for (const name of ['first', 'second']) {
      const { page, result } = await visit<StorageReport>(context, server, 'storage', { query: { visit: name } })
      visits.push(result)
      await page.close()
    }
    const [first, second] = visits
    expect(first).toMatchObject({ names: ['net', 'odd/näme'], throughBlob: true, left: 2, missing: true })
    expect(first!.sizes[1]).toBe(7)
    expect(first!.predicted).toHaveLength(4)
    expect(second).toEqual({ ...first, left: 0 })
    await context.close()
  })
})
