import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { add, dataset, mean, square, sub, type Tensor } from 'gradloom'
import {
  type Callback,
  callbacks,
  defineLayer,
  defineOptimizer,
  type FitOptions,
  layers,
  type OptimizerRule,
  optimizers,
  saveModel,
  schedules,
  sequential,
} from 'gradloom/nn'
import { type Sequential, type TrainingRun } from 'gradloom/nn'
import { randomStream } from '../../src/init/random'
import { decodeSafetensors } from '../../src/formats/safetensors'
import { EntryWorkers } from './worker'

let workers: EntryWorkers
let worker: Worker
let ended: Worker
beforeAll(async () => {
  workers = await EntryWorkers.prepare('fit-worker')
  worker = workers.start()
  ended = workers.start()
  await ended.terminate()
})
afterAll(() => workers.remove())

const [SAMPLES, FEATURES] = [90, 4]
const random = randomStream(3, 'worker')
// A part of a larger buffer, with a shape of its own: neither goes to another thread by itself.
const buffer = Float32Array.from({ length: SAMPLES * FEATURES + 7 }, () => random.uniform() * 2 - 1)
const x = Object.assign(buffer.subarray(7), { shape: [SAMPLES, FEATURES] })
const y = Int32Array.from({ length: SAMPLES }, (_, i) =>
  x[i * FEATURES]! > 0.2 ? 2 : x[i * FEATURES + 1]! > 0 ? 1 : 0,
)

type Target = 'js' | 'wasm'
type Optimizer = Parameters<Sequential['compile']>[0]['optimizer']
function model(target: Target, optimizer: Optimizer = optimizers.adam({ learningRate: 0.03 })): Sequential {
  const made = sequential(
    [
      layers.dense({ units: 6, activation: 'tanh' }),
      layers.batchNormalization(),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 5 },
  )
  made.compile({ optimizer: optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], target })
  return made
}

/** Everything that a file of the model holds. */
const stateOf = (net: Sequential) => {
  const { tensors, metadata } = decodeSafetensors(saveModel(net))
  return { tensors: new Map([...tensors].sort(([a], [b]) => (a < b ? -1 : 1))), metadata }
}

/** Hooks as they are called, with all numbers. */
const recorder = (said: unknown[]): Callback => {
  const say =
    (hook: string) =>
    (...args: unknown[]): void => {
      said.push([hook, ...args.map((a) => (typeof a === 'object' ? { ...a } : a))])
    }
  return {
    ...{ onTrainBegin: say('begin'), onTrainEnd: say('end'), onEpochBegin: say('epoch'), onEpochEnd: say('epoch end') },
    ...{ onTrainBatchBegin: say('batch'), onTrainBatchEnd: say('batch end'), onTestBegin: say('test') },
    ...{ onTestEnd: say('test end'), onTestBatchEnd: say('test batch') },
    ...{ release: () => said.push('release') },
  }
}

interface Case {
  readonly name: string
  readonly options: (said: unknown[]) => FitOptions
  readonly optimizer?: () => Optimizer
}
const CASES: readonly Case[] = [
  { name: 'without callbacks', options: () => ({ epochs: 2 }) },
  {
    name: 'with every hook, a schedule, validation data and weights of classes',
    optimizer: () =>
      optimizers.sgd({
        learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 20 }),
        momentum: 0.9,
      }),
    options: (said) => ({
      ...{ epochs: 3, validationData: [x, y], validationFreq: 2, classWeight: { 1: 2 }, resident: true },
      callbacks: [recorder(said)],
    }),
  },
  {
    name: 'stopped early, with the best weights and a rate that falls',
    options: (said) => ({
      ...{ epochs: 9, validationSplit: 0.3, batchSize: 16 },
      callbacks: [
        callbacks.reduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 0.1, factor: 0.5 }),
        callbacks.learningRateScheduler((_, rate) => rate * 0.9),
        callbacks.earlyStopping({ monitor: 'val_accuracy', patience: 1, restoreBestWeights: true, minDelta: 0.2 }),
        callbacks.terminateOnNaN(),
        recorder(said),
      ],
    }),
  },
  {
    name: 'with averages of weights in their place',
    optimizer: () => optimizers.sgd({ learningRate: 0.2, useEma: true, emaMomentum: 0.9 }),
    options: (said) => ({
      epochs: 3,
      callbacks: [callbacks.swapEmaWeights({ swapOnEpoch: true }), recorder(said)],
    }),
  },
  {
    name: 'stopped within an epoch, with weights set and logs added by hooks, and checkpoints',
    options: (said) => {
      let run: TrainingRun
      return {
        epochs: 5,
        callbacks: [
          {
            getState: () => ({ said: said.length }),
            setRun: (given) => {
              run = given
              said.push(run.params, run.hasValidation, run.model.directionOf('accuracy'))
            },
            onTrainBatchEnd: (batch) => {
              said.push(run.model.iterations, run.model.currentRate, run.model.getWeights())
              // Its lists grow later on.
              said.push(structuredClone(run.progress()))
              if (batch === 1) run.model.weights[0]!.write(new Float32Array(FEATURES * 6).fill(0.25))
              if (run.model.iterations === 4) run.model.learningRate = 0.002
              if (run.model.iterations === 7) run.stop()
            },
            onEpochEnd: (epoch, logs) => {
              logs.own = epoch + 0.5
              said.push(run.stopped, run.checkpoint())
            },
          },
        ],
      }
    },
  },
]

describe.each(['js', 'wasm'] as const)('fit in a worker on %s', (target) => {
  it.each(CASES)('$name is fit without one, bit for bit, twice', async ({ options, optimizer }) => {
    const run = async (given: FitOptions): Promise<unknown> => {
      const said: unknown[] = []
      const net = model(target, optimizer?.())
      const results: unknown[] = []
      for (let i = 0; i < 2; i++) {
        results.push(await net.fit(x, y, { ...options(said), ...given }), stateOf(net), net.learningRate)
        if (i === 0 && net.learningRate !== undefined) net.learningRate = 0.02
      }
      results.push(await net.predict(x), await net.fit(x, y), stateOf(net))
      return { results, said }
    }
    const there = await run({ worker })
    expect(there).toEqual(await run({}))
  })

  it('goes on from a checkpoint', async () => {
    const run = async (given: FitOptions): Promise<unknown> => {
      let run: TrainingRun
      let saved: Uint8Array
      const states: unknown[] = []
      const common: Callback = {
        setRun: (given) => {
          run = given
        },
        getState: () => 'kept',
        setState: (state) => states.push(state),
      }
      const save = (): void => {
        if (run.progress().epoch !== 1 || run.progress().batch !== 2) return
        saved = run.checkpoint()
        run.stop('now')
      }
      await model(target).fit(x, y, { epochs: 3, callbacks: [{ ...common, onTrainBatchEnd: save }], ...given })
      const restore = (): void => {
        expect(() => run.restore(new Uint8Array(9))).toThrow()
        run.restore(saved)
        states.push(structuredClone(run.progress()))
      }
      const said: unknown[] = []
      const net = model(target)
      const history = await net.fit(x, y, {
        ...{ epochs: 3, callbacks: [{ ...common, onTrainBegin: restore }, recorder(said)] },
        ...given,
      })
      return { history, states, said, state: stateOf(net) }
    }
    expect(await run({ worker })).toEqual(await run({}))
  })
})

describe('a worker', () => {
  it('can be stopped between hooks', async () => {
    let run: TrainingRun
    const { epoch } = await model('js').fit(x, y, {
      ...{ epochs: 100_000, yieldEvery: 1, worker },
      callbacks: [
        {
          setRun: (given) => {
            run = given
          },
          onTrainBegin: () => void setTimeout(() => run.stop(), 20),
        },
      ],
    })
    expect(epoch.length).toBeLessThan(100_000)
  })

  it('may take longer than the deadline once it has taken the run', async () => {
    const wait = { onEpochEnd: () => new Promise<void>((resolve) => void setTimeout(resolve, 300)) }
    const { epoch } = await model('js').fit(x, y, { epochs: 2, worker, workerDeadline: 250, callbacks: [wait] })
    expect(epoch).toEqual([0, 1])
  })

  it('is heard where this thread was busy until after the deadline', async () => {
    const fitted = model('js').fit(x, y, { worker, workerDeadline: 100 })
    for (const until = performance.now() + 400; performance.now() < until;);
    expect((await fitted).epoch).toEqual([0])
  })

  it('leaves the data where they are', async () => {
    await model('js').fit(x, y, { worker })
    expect(x.buffer.byteLength).toBe(buffer.byteLength)
    expect(y.length).toBe(SAMPLES)
  })

  it('takes one fit at a time', async () => {
    const first = model('js').fit(x, y, { worker })
    await expect(model('js').fit(x, y, { worker })).rejects.toThrow(/worker is busy with another fit/)
    await first
  })
})

describe('a fit that fails leaves the model as it was', () => {
  const run = async (options: (net: Sequential) => FitOptions, expected: RegExp): Promise<void> => {
    const net = model('js')
    await net.fit(x, y)
    const before = stateOf(net)
    let isReleased = false
    const watching: Callback = {
      release: () => {
        isReleased = true
      },
    }
    const given = options(net)
    await expect(
      net.fit(x, y, { epochs: 3, worker, ...given, callbacks: [...(given.callbacks ?? []), watching] }),
    ).rejects.toThrow(expected)
    expect(stateOf(net)).toEqual(before)
    expect(isReleased).toBe(true)
  }
  const failing: Callback = {
    onEpochEnd: () => {
      throw new Error('no more')
    },
  }

  it('where a hook throws, and the worker can be used again', async () => {
    await run(() => ({ callbacks: [failing] }), /^no more$/)
    await model('js').fit(x, y, { worker })
  })

  it('where the run throws', () => run(() => ({ validationSplit: 0.999 }), /leaves one of the two parts empty/))

  it('where the worker ends', () =>
    run(() => {
      const own = workers.start()
      return { worker: own, callbacks: [{ onEpochEnd: async () => void (await own.terminate()) }] }
    }, /the worker failed: it ended with code 1/))

  it('where the worker has ended before', () => run(() => ({ worker: ended }), /^fit: the worker has ended/))

  it('where the worker does not run the entry', () =>
    run(() => {
      const own = new Worker('require("worker_threads").parentPort.on("message", () => {})', { eval: true })
      return { worker: own, workerDeadline: 50, callbacks: [{ release: () => void own.terminate() }] }
    }, /^fit: the worker has said nothing for 50 ms; its module must import "gradloom\/fit-worker"/))

  it('where the worker answers in a language of its own', () =>
    run(() => {
      const own = new Worker('const { parentPort: p } = require("worker_threads"); p.on("message", (m) => p.postMessage("got it"))', { eval: true }) // prettier-ignore
      return { worker: own, workerDeadline: 50, callbacks: [{ release: () => void own.terminate() }] }
    }, /^fit: the worker has said nothing for 50 ms/))

  it('where the worker throws', () =>
    run(() => ({ worker: new Worker('throw new Error("broken")', { eval: true }) }), /the worker failed: broken/))
})

describe('what cannot go to a worker', () => {
  const posted: unknown[] = []
  const silent = { postMessage: (m: unknown) => posted.push(m), on: () => 0, off: () => 0 }
  const net = (): Sequential => sequential([layers.dense({ units: 1, inputShape: [FEATURES] })])
  const batches = dataset.from([{ x: [[1, 2, 3, 4]], y: [[1]] }])
  const own = (a: Tensor, b: Tensor): Tensor => mean(square(sub(a, b)))
  const fit = async (made: Sequential, options: FitOptions): Promise<unknown> => made.fit(x, y, options)
  const compiled = (given: Parameters<Sequential['compile']>[0] = { loss: 'mse' }, made = net()): Sequential => {
    made.compile(given)
    return made
  }

  it.each([
    ['a dataset', () => compiled().fit(batches, { worker: silent }), /a dataset cannot go to a worker/],
    [
      'a dataset of validation data',
      () => fit(compiled(), { worker: silent, validationData: batches }),
      /dataset of validation data cannot go to a worker/,
    ],
    [
      "a loss of one's own",
      () => fit(compiled({ loss: own }), { worker: silent }),
      /the model cannot go to a worker: .*is a function of one's own/,
    ],
    [
      "a rate of one's own",
      () => fit(compiled({ loss: 'mse', optimizer: optimizers.sgd({ learningRate: (n) => n }) }), { worker: silent }),
      /the model cannot go to a worker: .*learningRate is a function/,
    ],
    [
      "a layer of one's own",
      () => {
        const made = sequential([
          layers.lambda({ function: (h) => h, inputShape: [FEATURES] }),
          layers.dense({ units: 1 }),
        ])
        return fit(compiled({ loss: 'mse' }, made), { worker: silent })
      },
      /the model cannot go to a worker: /,
    ],
    [
      "a kind of layers of one's own",
      () => {
        const Twice = defineLayer({ className: 'Twice', name: 'twice', options: {}, call: ([h]) => add(h!, h!) })
        const made = sequential([Twice({ name: 'two', inputShape: [FEATURES] }), layers.dense({ units: 1 })])
        return fit(compiled({ loss: 'mse' }, made), { worker: silent })
      },
      /the model cannot go to a worker: layer "two" \(Twice\) is of your own/,
    ],
    [
      "an optimiser of one's own",
      () => {
        const update: OptimizerRule['update'] = ({ weight, gradient }) => ({ next: sub(weight, gradient) })
        const Plain = defineOptimizer({ className: 'Plain', hypers: { learningRate: 1 }, update })
        return fit(compiled({ loss: 'mse', optimizer: Plain() }), { worker: silent })
      },
      /the model cannot go to a worker: Plain is of your own/,
    ],
    ['what is no worker', () => fit(compiled(), { worker: {} as never }), /worker must be a Worker that runs/],
  ])('%s', async (_, run, expected) => {
    await expect(run()).rejects.toThrow(expected)
    await expect(run()).rejects.toMatchObject({ name: 'GraphError' })
    expect(posted).toEqual([])
  })
})
