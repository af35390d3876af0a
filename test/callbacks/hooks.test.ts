import { type Callback, callbacks, type Logs, optimizers, type TrainingRun } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { type HookName, HOOKS } from '../../src/training/callback'
import { classifier, TARGETS, x, y } from './models'

type Told = readonly [hook: HookName, number: number | undefined, logs: Logs]

/** Writes down every call, and what its logs say when they are read at once. */
function recorder(): { told: Told[]; callback: Callback } {
  const told: Told[] = []
  const hooks = HOOKS.map((hook) => [
    hook,
    (...args: unknown[]) => {
      const logs = args.at(-1) as Logs
      told.push([hook, args.length > 1 ? (args[0] as number) : undefined, { ...logs }])
    },
  ])
  return { told, callback: callbacks.lambdaCallback(Object.fromEntries(hooks) as never) }
}
const names = (told: readonly Told[]): string[] => told.map(([hook, n]) => (n === undefined ? hook : `${hook} ${n}`))
const batches = (kind: 'Train' | 'Test' | 'Predict', count: number): string[] =>
  Array.from({ length: count }, (_, i) => [`on${kind}BatchBegin ${i}`, `on${kind}BatchEnd ${i}`]).flat()
const test = (count: number): string[] => ['onTestBegin', ...batches('Test', count), 'onTestEnd']

describe.each(TARGETS)('hooks on %s', (target) => {
  it('are the 14 of Keras, in its order', async () => {
    const { told, callback } = recorder()
    const net = classifier(target)
    const options = { epochs: 3, batchSize: 3, validationBatchSize: 4, validationFreq: 2, callbacks: [callback] }
    await net.fit(x, y, { ...options, validationData: [x, y] })
    await net.evaluate(x, y, { batchSize: 5, callbacks: [callback] })
    await net.predict(x, { batchSize: 2, callbacks: [callback] })
    const epoch = (n: number, inside: readonly string[]): string[] => [
      `onEpochBegin ${n}`,
      ...batches('Train', 3),
      ...inside,
      `onEpochEnd ${n}`,
    ]
    expect(names(told)).toEqual([
      ...['onTrainBegin', ...epoch(0, []), ...epoch(1, test(2)), ...epoch(2, []), 'onTrainEnd'],
      ...test(2),
      ...['onPredictBegin', ...batches('Predict', 4), 'onPredictEnd'],
    ])
    expect(new Set(told.map(([hook]) => hook)).size).toBe(14)
    expect(HOOKS.length).toBe(14)
  })

  it('have logs that are means over what was seen so far', async () => {
    const { told, callback } = recorder()
    // At rate 0 weights stay, so that every mean can be had from evaluate.
    const net = classifier(target, { optimizer: optimizers.sgd({ learningRate: 0 }) })
    await net.fit(x, y, {
      batchSize: 3,
      shuffle: false,
      validationData: [x, y],
      validationBatchSize: 5,
      callbacks: [callback],
    })
    const upTo = async (count: number): Promise<Logs> => net.evaluate(x.slice(0, count), y.slice(0, count))
    const logsOf = (hook: HookName): Logs[] => told.filter(([h]) => h === hook).map(([, , logs]) => logs)
    const expectNear = async (found: readonly Logs[], counts: readonly number[]): Promise<void> => {
      expect(found.length).toBe(counts.length)
      for (const [i, count] of counts.entries())
        for (const [name, value] of Object.entries(await upTo(count)))
          expect(found[i]![name], name).toBeCloseTo(value, 6)
    }
    await expectNear(logsOf('onTrainBatchEnd'), [3, 6, 7])
    await expectNear(logsOf('onTestBatchEnd'), [5, 7])
    await expectNear(logsOf('onTestEnd'), [7])
    const [end] = logsOf('onEpochEnd')
    expect(Object.keys(end!).sort()).toEqual(['accuracy', 'loss', 'val_accuracy', 'val_loss'])
    await expectNear([end!], [7])
    expect(logsOf('onTrainEnd')).toEqual([end])
    for (const hook of HOOKS.filter((h) => h.endsWith('Begin')))
      for (const logs of logsOf(hook)) expect(logs).toEqual({})
  })
})

describe('what a run offers', () => {
  const fitWith = (list: readonly Callback[], extra = {}) =>
    classifier('js').fit(x, y, { epochs: 3, batchSize: 3, callbacks: list, ...extra })
  /** Stops with batch 1 of epoch 1. */
  const stopper = (when?: Parameters<TrainingRun['stop']>[0]): Callback => {
    let [run, epoch] = [undefined as TrainingRun | undefined, 0]
    return {
      setRun: (given) => void (run = given),
      onEpochBegin: (n) => void (epoch = n),
      onTrainBatchEnd: (batch) => {
        if (epoch === 1 && batch === 1) run!.stop(when)
      },
    }
  }

  it.each([
    [undefined, 2, true],
    ['batch', 2, true],
    ['epoch', 3, true],
    ['now', 2, false],
  ] as const)('stop(%s) leaves when it says', async (when, batchesThen, hasEnd) => {
    const { told, callback } = recorder()
    const { epoch } = await fitWith([stopper(when), callback], { validationData: [x, y] })
    const second = names(told).slice(names(told).indexOf('onEpochBegin 1'))
    expect(second).toEqual([
      ...['onEpochBegin 1', ...batches('Train', batchesThen)],
      ...(hasEnd ? [...test(3), 'onEpochEnd 1'] : []),
      'onTrainEnd',
    ])
    expect(epoch).toEqual(hasEnd ? [0, 1] : [0])
  })

  it.each([
    ['batch', 1],
    ['epoch', 3],
  ] as const)('stop(%s) before the first batch of an epoch leaves behind %i', async (when, count) => {
    const { told, callback } = recorder()
    let run: TrainingRun | undefined
    const { epoch } = await fitWith([
      { setRun: (given) => void (run = given), onEpochBegin: () => run!.stop(when) },
      callback,
    ])
    expect(names(told)).toEqual([
      'onTrainBegin',
      'onEpochBegin 0',
      ...batches('Train', count),
      'onEpochEnd 0',
      'onTrainEnd',
    ])
    expect(epoch).toEqual([0])
  })

  it('calls late and last callbacks behind the others, each in the order given', async () => {
    const order: string[] = []
    const named = (name: string, place?: 'late' | 'last'): Callback => ({
      ...(place ? { order: place } : {}),
      onTrainBegin: () => void order.push(name),
    })
    await fitWith([named('f', 'last'), named('a'), named('d', 'late'), named('b'), named('e', 'late'), named('c')])
    expect(order.join('')).toBe('abcdef')
  })

  it('waits for promises, and shows added logs to those behind and to the history', async () => {
    const seen: (number | undefined)[] = []
    const { history } = await fitWith([
      {
        onEpochEnd: async (epoch, logs) => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          logs['extra'] = epoch * 2
        },
      },
      { onEpochEnd: (_, logs) => void seen.push(logs['extra']) },
    ])
    expect(seen).toEqual([0, 2, 4])
    expect(history['extra']).toEqual([0, 2, 4])
  })

  it.each(['onTrainBegin', 'onTrainBatchEnd', 'onTestEnd', 'onEpochEnd', 'onTrainEnd'] as const)(
    'releases every callback where %s throws',
    async (hook) => {
      const released: string[] = []
      const list: Callback[] = [
        { release: () => void released.push('first') },
        {
          [hook]: () => Promise.reject(new Error('out of paper')),
          release: () => {
            released.push('second')
            throw new Error('later')
          },
        },
        { release: () => void released.push('third') },
      ]
      await expect(fitWith(list, { validationData: [x, y] })).rejects.toThrow('out of paper')
      expect(released).toEqual(['first', 'second', 'third'])
    },
  )

  it('takes up numbers that JSON has no form for, and stops that were decided', async () => {
    const values = [NaN, Infinity, -Infinity, -0, 0.1]
    let [checkpoint, restored] = [undefined as Uint8Array | undefined, undefined as unknown]
    const keeper = (): Callback => {
      let run: TrainingRun | undefined
      return {
        name: 'keeper',
        setRun: (given) => void (run = given),
        onTrainBegin: () => {
          if (checkpoint) run!.restore(checkpoint)
        },
        onEpochEnd: (epoch, logs) => {
          logs['odd'] = NaN
          if (epoch === 1) run!.stop()
          if (epoch === 1) checkpoint = run!.checkpoint()
        },
        getState: () => values,
        setState: (state: unknown) => void (restored = state),
      }
    }
    const whole = await fitWith([keeper()])
    const resumed = await fitWith([keeper()])
    expect(whole.epoch).toEqual([0, 1])
    expect(restored).toEqual(values)
    expect(resumed).toEqual(whole)
    expect(whole.history['odd']).toEqual([NaN, NaN])
  })

  it('refuses a checkpoint when training has begun', async () => {
    let run: TrainingRun | undefined
    const late: Callback = { setRun: (given) => void (run = given), onEpochEnd: () => run!.restore(run!.checkpoint()) }
    await expect(fitWith([late])).rejects.toThrow(/restored from onTrainBegin only/)
  })
})
