import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { digitPixels } from '../../explorer/data/digits'
import { weatherSeries } from '../../explorer/data/series'
import type { Command, Report, SentData, Settings, Target } from '../../explorer/src/training/protocol'
import { Trainer } from '../../explorer/src/training/trainer'

type Of<K extends Report['kind']> = Extract<Report, { kind: K }>
type Told = Exclude<Command, { kind: 'ping' }>

const modelOf = (name: string): string =>
  readFileSync(new URL(`../../explorer/src/models/${name}.ts`, import.meta.url), 'utf8')
const LAYERS = `
import { layers, sequential } from 'gradloom/nn'
export const net = sequential([
  layers.dense({ units: 32, activation: 'relu', inputShape: [64] }),
  layers.dropout({ rate: 0.1 }),
  layers.dense({ units: 10, activation: 'softmax' }),
])
net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })`

const data = (kind: SentData['kind']): SentData =>
  kind === 'digits' ? { kind, pixels: digitPixels() } : { kind, series: weatherSeries() }

/** A trainer, all that it has said, and a way to wait for what it says. */
async function trainerOf(text: string, settings: Partial<Settings> = {}) {
  const said: Report[] = []
  let heard: ((report: Report) => void) | undefined
  const trainer = new Trainer((report) => {
    said.push(report)
    if (report.kind === 'progress') void trainer.hear({ kind: 'drawn' })
    heard?.(report)
  })
  const tell = (command: Told): Promise<void> => trainer.hear(command)
  const chosen: Settings = { target: 'wasm', batch: 32, ...settings }
  const all = <K extends Report['kind']>(kind: K) => said.filter((r): r is Of<K> => r.kind === kind)
  await tell({ kind: 'load', text, example: '', settings: chosen })
  for (const wants of all('wants')) await tell({ kind: 'data', data: data(wants.data) })
  return {
    all,
    tell,
    settings: chosen,
    /** Trains until something is so, and pauses. */
    async until(isSo: (report: Report) => boolean): Promise<void> {
      const reached = new Promise<void>((resolve) => (heard = (report) => isSo(report) && resolve()))
      await tell({ kind: 'start' })
      await reached
      await tell({ kind: 'pause' })
    },
    /** The loss of the next step. */
    async next(): Promise<number> {
      await tell({ kind: 'step' })
      return all('progress').at(-1)!.progress.loss!
    },
  }
}

const steps = (n: number) => (r: Report) => r.kind === 'progress' && r.progress.step >= n

describe.each([
  ['spirals', modelOf('spirals'), 'spirals', 'predict'],
  ['mlp', modelOf('mlp'), 'digits', 'train'],
  ['forecast', modelOf('forecast'), 'series', 'predict'],
  ['layers', LAYERS, 'digits', 'predict'],
] as const)('%s', (_, text, kind, predictions) => {
  it.each(['js', 'wasm'] as const)('learns on %s, with histograms of all weights and gradients', async (target) => {
    const { all, until, next } = await trainerOf(text, { target })
    expect(all('fault').concat(all('misfit') as never)).toEqual([])
    expect(all('ready')[0]!.outline).toMatchObject({ data: kind, target, predictions, batch: 32 })
    const before = await next()
    await until(steps(400))
    const { picture } = all('progress').at(-1)!
    expect(all('progress').findLast((r) => r.progress.loss !== undefined)!.progress.loss).toBeLessThan(0.95 * before)
    expect(picture!.prediction!.kind).toBe(kind)
    for (const { weights, gradients, shape } of picture!.variables) {
      const size = shape.reduce((a, b) => a * b, 1)
      for (const h of [weights, gradients!]) expect(h.bins.reduce((a, b) => a + b, 0)).toBe(size)
    }
  })
})

describe('training', () => {
  it('begins anew with the same weights and batches', async () => {
    const { next, tell } = await trainerOf(modelOf('spirals'))
    const first = [await next(), await next(), await next()]
    await tell({ kind: 'reset' })
    expect([await next(), await next(), await next()]).toEqual(first)
  })

  it('goes on where it is when the target changes, with the same numbers but for rounding', async () => {
    const runs = await Promise.all(
      (['js', 'wasm'] as const).map(async (other: Target) => {
        const { all, next, tell, settings } = await trainerOf(modelOf('spirals'))
        await next()
        await tell({ kind: 'settings', settings: { ...settings, target: other } })
        expect(all('changed').at(-1)!.outline.target).toBe(other)
        return [await next(), await next(), all('progress').at(-1)!.progress.step] as const
      }),
    )
    expect(runs[0]![0]).toBeCloseTo(runs[1]![0], 5)
    expect(runs[0]![1]).toBeCloseTo(runs[1]![1], 5)
    expect(runs[0]![2]).toBe(3)
  })

  it('takes the learning rate that is set, and keeps it through a reset', async () => {
    const { all, next, tell, settings } = await trainerOf(modelOf('mlp'))
    expect(all('ready')[0]!.outline.learningRate).toBeCloseTo(0.1, 6)
    await tell({ kind: 'settings', settings: { ...settings, learningRate: 0 } })
    expect(all('changed').at(-1)!.outline.learningRate).toBe(0)
    const still = async () => {
      await next()
      const { heldOut } = all('progress').at(-1)!.picture!
      await next()
      return [heldOut, all('progress').at(-1)!.picture!.heldOut]
    }
    const [before, after] = await still()
    expect(after).toBe(before)
    await tell({ kind: 'reset' })
    expect(await still()).toEqual([before, before])
  })

  it('pauses where the loss is no number, and says at which step', async () => {
    const { all, until, tell, settings } = await trainerOf(modelOf('mlp'))
    await tell({ kind: 'settings', settings: { ...settings, learningRate: 1e30 } })
    await until((r) => r.kind === 'diverged')
    expect(all('diverged')).toEqual([
      { kind: 'diverged', step: expect.any(Number), loss: expect.stringMatching(/NaN|Infinity/) },
    ])
    // A histogram of what is left says so too.
    const { variables } = all('progress').at(-1)!.picture!
    expect(variables.some(({ weights }) => weights.broken > 0 || weights.most > 1e20)).toBe(true)
  })

  it('keeps a pace', async () => {
    const { all, until } = await trainerOf(modelOf('spirals'), { pace: 50 })
    await until((r) => r.kind === 'progress' && all('progress').length > 5)
    const rates = all('progress').map((r) => r.progress.rate)
    expect(Math.max(...rates.slice(2))).toBeLessThan(120)
  })

  it('of entries that are not compiled yet works as well', async () => {
    const { all, next } = await trainerOf(
      modelOf('spirals')
        .replace(/export const net = compile\(\{/, 'const entries = {')
        .replace(/\}\)\s*$/, '}\nexport const train = entries.train\nexport const predict = entries.predict\n'),
    )
    expect(all('ready')[0]!.outline).toMatchObject({ data: 'spirals', predictions: 'predict' })
    expect(await next()).toBeGreaterThan(0)
  })
})

describe('a model that cannot be trained', () => {
  it.each([
    ['has no entry train', modelOf('logistic'), 'There is no entry called train'],
    ['fits no data', modelOf('attention'), 'takes x: float32[B, 16, 32]'],
    ['asks for data that there are not', 'export const data = "stars"', 'known are spirals, digits, series'],
  ])('since it %s is told what is missing', async (_, text, message) => {
    const { all } = await trainerOf(text)
    expect(all('misfit')[0]!.message).toContain(message)
    expect(all('ready')).toEqual([])
  })

  it('since it throws is told where', async () => {
    const { all } = await trainerOf('const a = 1\nthrow new Error(`no ${a}`)')
    expect(all('fault')[0]!.fault).toMatchObject({ message: 'Error: no 1', line: 2 })
  })
})
