/**
 * Coloured digits as images with channels last, [samples, height, width, channels], and with channels first, [samples,
 * channels, height, width]: the same network in both formats. Kernels are [height, width, channels, filters] in both, so
 * weights learnt in one format serve in the other, and read every digit in the same way.
 *
 *   npx tsx examples/images-channels.ts            some seconds
 *   npx tsx examples/images-channels.ts --short    fewer digits, to see that everything works
 */
import { input, layers, type Sequential, sequential } from 'gradloom/nn'
import { majorityShare, percent } from './lib/baseline'
import { CHANNELS, channelsFirst, coloured } from './lib/colour'
import { isShort, runAsProgram } from './lib/command'
import { type Digits, loadDigits, PIXELS } from './lib/digits'
import { generator } from './lib/shuffle'

const SIDE = 28

function network(dataFormat: 'channelsLast' | 'channelsFirst'): Sequential {
  const shape = dataFormat === 'channelsLast' ? [SIDE, SIDE, CHANNELS] : [CHANNELS, SIDE, SIDE]
  const net = sequential(
    [
      input({ shape }),
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu', dataFormat }),
      layers.maxPooling2d({ dataFormat }),
      layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', dataFormat }),
      layers.maxPooling2d({ dataFormat }),
      // Puts channels last whatever the format, so that the weights behind it fit both.
      layers.flatten({ dataFormat }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: 1 },
  )
  net.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
  return net
}

export interface Options {
  /** Digits to learn from and to test on, at most. */
  readonly digits: number
  readonly epochs: number
  /** Of `fit`: 2 prints a line for each epoch. */
  readonly verbose?: 0 | 2
}

/** Shares of the held-out digits that are read correctly. */
export interface Result {
  /** Trained with channels last, and trained with channels first. */
  readonly last: number
  readonly first: number
  /** With channels first and the weights learnt with channels last. */
  readonly carried: number
  /** How many of the held-out digits the two formats with those weights read in different ways. */
  readonly different: number
  /** By always naming the most frequent digit. */
  readonly majority: number
}

export async function run({ digits, epochs, verbose = 0 }: Options): Promise<Result> {
  const { train, heldOut } = loadDigits()
  const random = generator(1)
  const images = (of: Digits) => {
    const labels = of.labels.subarray(0, digits)
    const last = coloured({ images: of.images.subarray(0, labels.length * PIXELS), labels }, random)
    return { last, first: channelsFirst(last, PIXELS, CHANNELS), labels }
  }
  const [seen, unseen] = [images(train), images(heldOut)]

  const last = network('channelsLast')
  await last.fit(seen.last, seen.labels, { epochs, verbose })
  const first = network('channelsFirst')
  await first.fit(seen.first, seen.labels, { epochs, verbose })
  const trained = [await last.evaluate(unseen.last, unseen.labels), await first.evaluate(unseen.first, unseen.labels)]

  first.setWeights(last.getWeights())
  const carried = await first.evaluate(unseen.first, unseen.labels)
  const answers = [classes(await last.predict(unseen.last)), classes(await first.predict(unseen.first))] as const
  last.dispose()
  first.dispose()
  return {
    last: trained[0]!.accuracy!,
    first: trained[1]!.accuracy!,
    carried: carried.accuracy!,
    different: answers[0].filter((digit, i) => digit !== answers[1][i]).length,
    majority: majorityShare(unseen.labels),
  }
}

/** The likeliest class of each row of probabilities. */
function classes(rows: ArrayLike<number> & { readonly shape: readonly number[] }): number[] {
  const [count = 0, width = 0] = rows.shape
  return Array.from({ length: count }, (_, i) => {
    const row = Array.from({ length: width }, (_, k) => rows[i * width + k]!)
    return row.indexOf(Math.max(...row))
  })
}

runAsProgram(import.meta.url, async (args) => {
  const size = isShort(args) ? { digits: 1000, epochs: 2 } : { digits: 8000, epochs: 3 }
  const { last, first, carried, different, majority } = await run({ ...size, verbose: 2 })
  console.log(
    `trained with channels last ${percent(last)}, with channels first ${percent(first)}; the most frequent digit ${percent(majority)}`,
  )
  console.log(
    `channels first with the weights of channels last: ${percent(carried)}, ${different} digits read differently`,
  )
  if (!(last > 0.7 && first > 0.7)) throw new Error('it has not learnt to read')
  if (carried !== last || different > 0) throw new Error('the two formats do not agree')
})
