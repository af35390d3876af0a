/**
 * Videos [samples, frames, height, width, channels] of digits that bounce in a frame. In which direction one moves no single
 * frame tells: convolutions over time and space do, with channels last and with channels first. Then a convolutional LSTM
 * foretells each next frame, against the forecast that nothing moves.
 *
 *   npx tsx examples/moving-mnist.ts            a minute or two
 *   npx tsx examples/moving-mnist.ts --short    fewer videos, to see that everything works
 */
import { input, layers, model, optimizers, sequential } from 'gradloom/nn'
import { majorityShare, percent } from './lib/baseline'
import { isShort, runAsProgram } from './lib/command'
import { loadDigits } from './lib/digits'
import { cutFrames, DIRECTIONS, FRAME, movingDigits } from './lib/moving-digits'
import { generator } from './lib/shuffle'

const LENGTH = 8

export interface Options {
  /** To learn from; a quarter as many are held out. */
  readonly videos: number
  readonly epochs: number
  /** Of `fit`: 2 prints a line for each epoch. */
  readonly verbose?: 0 | 2
}

/** Shares of held-out videos whose direction is told. */
export interface Directions {
  readonly accuracy: number
  /** By always naming the most frequent direction. */
  readonly majority: number
}

export async function tellDirections(
  dataFormat: 'channelsLast' | 'channelsFirst',
  { videos, epochs, verbose = 0 }: Options,
): Promise<Directions> {
  const { train, heldOut } = makeVideos(videos)
  // With one channel, the pixels of both formats lie in the same order.
  const shape = dataFormat === 'channelsLast' ? [LENGTH, FRAME, FRAME, 1] : [1, LENGTH, FRAME, FRAME]
  const conv = { kernelSize: 3, padding: 'same', activation: 'relu', dataFormat } as const
  const net = sequential(
    [
      input({ shape }),
      layers.conv3d({ filters: 8, strides: [1, 2, 2], ...conv }),
      layers.maxPooling3d({ poolSize: [1, 2, 2], dataFormat }),
      layers.conv3d({ filters: 16, ...conv }),
      // One number a channel and frame: where the digit is does not matter, when it moves how does.
      layers.averagePooling3d({ poolSize: [1, FRAME / 4, FRAME / 4], dataFormat }),
      layers.flatten({ dataFormat }),
      layers.dense({ units: DIRECTIONS.length, activation: 'softmax' }),
    ],
    { seed: 1 },
  )
  net.compile({
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    loss: 'sparse_categorical_crossentropy',
    metrics: ['accuracy'],
  })
  await net.fit(train.frames, train.directions, { epochs, verbose })
  const { accuracy } = await net.evaluate(heldOut.frames, heldOut.directions)
  net.dispose()
  return { accuracy: accuracy!, majority: majorityShare(heldOut.directions) }
}

/** Mean squared errors of pixels over the next frames of held-out videos. */
export interface NextFrames {
  readonly error: number
  /** Of the forecast that the last frame stays. */
  readonly errorOfLast: number
}

export async function foretellFrames({ videos, epochs, verbose = 0 }: Options): Promise<NextFrames> {
  const { train, heldOut } = makeVideos(videos)
  const seen = (frames: Float32Array) => cutFrames(frames, LENGTH, 0, LENGTH - 1)
  const next = (frames: Float32Array) => cutFrames(frames, LENGTH, 1, LENGTH)

  const x = input({ shape: [LENGTH - 1, FRAME, FRAME, 1] })
  const state = layers.convLstm2d({ filters: 8, kernelSize: 5, padding: 'same', returnSequences: true })(x)
  // Each frame and a change to it, which is 0 at first: that is the forecast to beat. The kernel does not look into later frames.
  const change = layers.conv3d({ filters: 1, kernelSize: [1, 5, 5], padding: 'same', kernelInitializer: 'zeros' })(
    state,
  )
  const net = model({ inputs: x, outputs: layers.add()([x, change]), seed: 1 })
  net.compile({ optimizer: optimizers.adam({ learningRate: 0.005 }), loss: 'mse' })

  const before = await net.evaluate(seen(heldOut.frames), next(heldOut.frames))
  await net.fit(seen(train.frames), next(train.frames), { epochs, batchSize: 8, verbose })
  const after = await net.evaluate(seen(heldOut.frames), next(heldOut.frames))
  net.dispose()
  return { error: after.loss!, errorOfLast: before.loss! }
}

/** Digits in held-out videos are held out, too. */
function makeVideos(count: number) {
  const { train, heldOut } = loadDigits()
  const random = generator(1)
  return {
    train: movingDigits(train, count, LENGTH, random),
    heldOut: movingDigits(heldOut, Math.ceil(count / 4), LENGTH, random),
  }
}

runAsProgram(import.meta.url, async (args) => {
  const short = isShort(args)
  const directions = { videos: short ? 240 : 2000, epochs: short ? 5 : 6, verbose: 2 } as const
  const next = { videos: short ? 64 : 400, epochs: short ? 1 : 8, verbose: 2 } as const
  for (const dataFormat of ['channelsLast', 'channelsFirst'] as const) {
    const { accuracy, majority } = await tellDirections(dataFormat, directions)
    console.log(`${dataFormat}: ${percent(accuracy)} of directions told; the most frequent is ${percent(majority)}\n`)
    if (!(accuracy > majority + 0.1)) throw new Error('it has not learnt to tell directions')
  }
  const { error, errorOfLast } = await foretellFrames(next)
  console.log(
    `next frames wrong by ${error.toFixed(4)} (mean square); if the last frame stays by ${errorOfLast.toFixed(4)}`,
  )
  if (!(error < errorOfLast)) throw new Error('the forecast is no better than the last frame')
})
