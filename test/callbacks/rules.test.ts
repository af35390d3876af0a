import fc from 'fast-check'
import { callbacks } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { GraphError } from '../../src/ir/errors'
import { play } from './fake-run'

// Few different values, so that equal ones and small steps are frequent.
const value = fc.integer({ min: 0, max: 12 }).map((n) => n / 4)
const sequence = fc.array(value, { minLength: 1, maxLength: 25 })
const mode = fc.constantFrom('min' as const, 'max' as const)
const asLogs = (values: readonly number[], name: string) => values.map((v) => ({ [name]: v }))

describe('earlyStopping', () => {
  const options = fc.record(
    {
      minDelta: fc.constantFrom(0, 0.25, -0.5),
      patience: fc.integer({ min: 0, max: 4 }),
      mode,
      baseline: fc.option(value, { nil: undefined }),
      restoreBestWeights: fc.boolean(),
      startFromEpoch: fc.integer({ min: 0, max: 4 }),
    },
    { requiredKeys: ['mode'] },
  )

  /** Keras's rule, step by step. Gives the epoch of the weights at the end, and the last epoch. */
  function keras(
    values: readonly number[],
    o: Parameters<typeof callbacks.earlyStopping>[0] & { mode: 'min' | 'max' },
  ) {
    const { patience = 0, restoreBestWeights = false, startFromEpoch = 0 } = o
    const baseline = o.baseline ?? undefined
    const sign = o.mode === 'max' ? 1 : -1
    const delta = Math.abs(o.minDelta ?? 0)
    const better = (a: number, b: number | undefined): boolean => b === undefined || sign * (a - b) > delta
    let best: number | undefined
    let held: number | undefined
    let wait = 0
    let epoch = 0
    for (; epoch < values.length; epoch++) {
      if (epoch < startFromEpoch) continue
      if (restoreBestWeights && held === undefined) held = epoch
      wait++
      if (better(values[epoch]!, best)) {
        best = values[epoch]!
        if (restoreBestWeights) held = epoch
        if (baseline === undefined || baseline === null || better(values[epoch]!, baseline)) wait = 0
      } else if (wait >= patience && epoch > 0) break
    }
    const last = Math.min(epoch, values.length - 1)
    return { weights: held ?? last, last, isStopped: epoch < values.length }
  }

  it('stops and restores as the rule says, resumed or not', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, options, fc.integer({ min: 0, max: 24 }), async (values, o, resumeAt) => {
        const expected = keras(values, o)
        for (const at of [-1, resumeAt]) {
          const own = { ...o, monitor: 'val_x' } as Parameters<typeof callbacks.earlyStopping>[0]
          const { weights, stopped, logs } = await play(() => [callbacks.earlyStopping(own)], asLogs(values, 'val_x'), {
            resumeAt: at,
          })
          expect({ weights, last: logs.length - 1, isStopped: stopped !== undefined }).toEqual(expected)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('takes the first value whatever it is, and no value for better than NaN', async () => {
    const { logs } = await play(() => [callbacks.earlyStopping({ patience: 2 })], asLogs([NaN, 1, 0.5], 'val_loss'))
    expect(logs.length).toBe(3)
    const longer = await play(() => [callbacks.earlyStopping({ patience: 2 })], asLogs([NaN, 1, 0.5, 0.2], 'val_loss'))
    expect([longer.logs.length, longer.stopped]).toEqual([3, 'batch'])
  })
})

describe('reduceLROnPlateau', () => {
  const options = fc.record({
    factor: fc.constantFrom(0.5, 0.1),
    patience: fc.integer({ min: 0, max: 4 }),
    cooldown: fc.integer({ min: 0, max: 3 }),
    minDelta: fc.constantFrom(1e-4, 0.3),
    minLr: fc.constantFrom(0, 0.2, 2),
    mode,
  })

  /** Keras's rule, step by step: the rate in the logs of each epoch. */
  function keras(
    values: readonly number[],
    o: { factor: number; patience: number; cooldown: number; minDelta: number; minLr: number; mode: 'min' | 'max' },
  ) {
    const sign = o.mode === 'max' ? 1 : -1
    let best: number | undefined
    let [wait, left, rate] = [0, 0, 1]
    return values.map((v) => {
      const shown = rate
      if (left > 0) {
        left--
        wait = 0
      }
      if (best === undefined || sign * (v - best) > o.minDelta) {
        best = v
        wait = 0
      } else if (left === 0) {
        wait++
        if (wait >= o.patience && rate > o.minLr) {
          rate = Math.max(rate * o.factor, o.minLr)
          left = o.cooldown
          wait = 0
        }
      }
      return shown
    })
  }

  it('reduces the rate as the rule says, resumed or not', async () => {
    let reductions = 0
    await fc.assert(
      fc.asyncProperty(sequence, options, fc.integer({ min: 0, max: 24 }), async (values, o, resumeAt) => {
        const expected = keras(values, o)
        reductions += new Set(expected).size - 1
        for (const at of [-1, resumeAt]) {
          const { logs } = await play(
            () => [callbacks.reduceLROnPlateau({ ...o, monitor: 'val_x' })],
            asLogs(values, 'val_x'),
            { resumeAt: at },
          )
          expect(logs.map((l) => l['learning_rate'])).toEqual(expected)
        }
      }),
      { numRuns: 500 },
    )
    expect(reductions).toBeGreaterThan(100)
  })
})

describe('learningRateScheduler', () => {
  it('sets what the function gives for epoch and rate, and logs it', async () => {
    const { logs, rate } = await play(
      () => [callbacks.learningRateScheduler((epoch, rate) => rate / (epoch + 1))],
      asLogs([1, 1, 1], 'loss'),
    )
    expect(logs.map((l) => l['learning_rate'])).toEqual([1, 1 / 2, 1 / 2 / 3])
    expect(rate).toBe(1 / 2 / 3)
  })

  it.each([NaN, -1, Infinity, undefined])('refuses a rate of %s', async (rate) => {
    const scheduler = () => [callbacks.learningRateScheduler(() => rate as number)]
    await expect(play(scheduler, asLogs([1], 'loss'))).rejects.toThrow(/learningRateScheduler: .* for epoch 0/)
  })
})

describe('watching a log', () => {
  const watchers = [
    [
      'earlyStopping',
      (monitor: string, mode?: 'auto' | 'min' | 'max') =>
        callbacks.earlyStopping({ monitor, ...(mode ? { mode } : {}) }),
    ],
    [
      'reduceLROnPlateau',
      (monitor: string, mode?: 'auto' | 'min' | 'max') =>
        callbacks.reduceLROnPlateau({ monitor, ...(mode ? { mode } : {}) }),
    ],
  ] as const

  it.each(watchers)('%s lists the logs where there is none of the name', async (name, make) => {
    const run = play(() => [make('val_acc', 'max')], [{ loss: 1, val_loss: 2 }])
    await expect(run).rejects.toThrow(GraphError)
    await expect(run).rejects.toThrow(new RegExp(`${name}: there is no "val_acc" among the logs loss, val_loss`))
  })

  it.each(watchers)('%s passes over epochs without validation', async (_, make) => {
    const epochs = [{ loss: 1 }, { loss: 1, val_loss: 2 }, { loss: 1 }]
    expect((await play(() => [make('val_loss')], epochs)).logs.length).toBe(3)
  })

  it.each(watchers)('%s asks for a mode where a name says nothing', async (name, make) => {
    await expect(play(() => [make('wealth')], [{ wealth: 1 }])).rejects.toThrow(
      new RegExp(`${name}: .*"wealth".*mode: 'max'`),
    )
    const up = [1, 2, 3].map((wealth) => ({ wealth }))
    expect((await play(() => [make('wealth')], up, { directions: { wealth: 'max' } })).stopped).toBeUndefined()
  })

  it('refuses options that are unknown or make no sense', () => {
    expect(() => callbacks.earlyStopping({ patiense: 1 } as never)).toThrow(
      /earlyStopping: unknown option "patiense"; known are monitor/,
    )
    expect(() => callbacks.earlyStopping({ patience: -1 })).toThrow(/patience must be a whole number from 0/)
    expect(() => callbacks.earlyStopping({ mode: 'up' as never })).toThrow(/mode must be 'auto' or 'min' or 'max'/)
    expect(() => callbacks.reduceLROnPlateau({ factor: 1 })).toThrow(/factor must be below 1/)
    expect(() => callbacks.lambdaCallback({ onBatch: () => {} } as never)).toThrow(
      /there is no hook "onBatch"; there are onTrainBegin/,
    )
    expect(() => callbacks.lambdaCallback({ onTrainEnd: 1 } as never)).toThrow(/onTrainEnd must be a function/)
  })
})
