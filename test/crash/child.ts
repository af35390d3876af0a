// Trains one of two models in a directory, from its checkpoint if there is one, and writes what came of it:
//   child.js DIRECTORY VARIANT TARGET
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataset, dropout } from 'gradloom'
import {
  type Callback,
  callbacks,
  type CompileArguments,
  layers,
  optimizers,
  schedules,
  sequential,
  type Sequential,
} from 'gradloom/nn'
import { backupAndRestore, csvLogger, modelCheckpoint, save } from 'gradloom/node'
import { randomStream } from '../../src/init/random'

export type Variant = 'arrays' | 'resident' | 'dataset'
const [directory = '', variant, target] = process.argv.slice(2) as [string, Variant, 'js' | 'wasm']
const [SAMPLES, FEATURES, CLASSES, BATCH, EPOCHS] = [187, 5, 3, 16, 12]

const random = randomStream(7, 'crash')
const x = Float32Array.from({ length: SAMPLES * FEATURES }, () => random.uniform() * 2 - 1)
const y = Int32Array.from({ length: SAMPLES }, (_, i) =>
  x[i * FEATURES]! > 0.3 ? 2 : x[i * FEATURES + 1]! > 0 ? 1 : 0,
)
const row = (i: number): Float32Array => x.subarray(i * FEATURES, (i + 1) * FEATURES)

function model(optimizer: NonNullable<CompileArguments['optimizer']>): Sequential {
  const made = sequential(
    [
      layers.dense({ units: 8, activation: 'tanh', inputShape: [FEATURES] }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu', name: 'rectified' }),
      layers.lambda({ function: (h, { training }) => (training ? dropout(h, 0.2) : h) }),
      layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
    { seed: 3 },
  )
  made.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], target })
  return made
}

/** Slower than it need be, so that there is time to be killed in. */
const slow: Callback = {
  onTrainBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 1)),
  onTestBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 1)),
}
/** Not before the first batch, for which the step is compiled. */
let isTold = false
const begun: Callback = {
  onTrainBatchEnd: () => {
    if (!isTold) process.send?.('begun')
    isTold = true
  },
}
const saved = [
  csvLogger({ filename: join(directory, 'log.csv') }),
  modelCheckpoint({
    filepath: join(directory, 'best.safetensors'),
    saveBestOnly: true,
    saveWeightsOnly: variant === 'arrays',
  }),
  backupAndRestore({ path: join(directory, 'run.safetensors'), saveFreq: 3, deleteCheckpoint: false }),
  slow,
  begun,
]

async function train() {
  if (variant === 'dataset') {
    const net = model(optimizers.sgd({ learningRate: 0.2, momentum: 0.9, useEma: true, emaMomentum: 0.9 }))
    const rows = dataset.from(function* () {
      for (let i = 0; i < SAMPLES; i++) yield { x: row(i), y: y[i]! }
    })
    const history = await net.fit(rows.shuffle(50, { seed: 5 }).batch(BATCH), {
      epochs: EPOCHS,
      validationData: rows.take(60).batch(BATCH, { dtype: 'float32' }),
      validationFreq: 2,
      callbacks: [
        callbacks.reduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 0.05, factor: 0.5 }),
        callbacks.learningRateScheduler((epoch, rate) => rate * 0.97),
        callbacks.swapEmaWeights({ swapOnEpoch: true }),
        ...saved,
      ],
    })
    return { net, history }
  }
  const learningRate = schedules.cosineDecay({ initialLearningRate: 0.05, decaySteps: 120 })
  const net = model(optimizers.adam({ learningRate, amsgrad: true }))
  const history = await net.fit(Object.assign(x, { shape: [SAMPLES, FEATURES] }), y, {
    epochs: EPOCHS,
    batchSize: BATCH,
    validationSplit: 0.2,
    resident: variant === 'resident',
    callbacks: [
      callbacks.earlyStopping({ patience: 5, restoreBestWeights: true, minDelta: 0.002 }),
      callbacks.terminateOnNaN(),
      ...saved,
    ],
  })
  return { net, history }
}

const { net, history } = await train()
save(net.program, join(directory, 'final.safetensors'))
writeFileSync(join(directory, 'history.json'), JSON.stringify(history))
