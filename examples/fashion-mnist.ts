/**
 * Clothes in ten classes, from the four IDX files of Fashion-MNIST as they are published: 60,000 images to train, 10,000 to test.
 *
 *   npx tsx examples/fashion-mnist.ts                       some minutes
 *   npx tsx examples/fashion-mnist.ts --short               a few steps, to see that everything works
 *   npx tsx examples/fashion-mnist.ts --folder FOLDER       where the files are, if not where Debian puts them
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dataset } from 'gradloom'
import { readIdx } from 'gradloom/formats'
import { majorityShare, percent } from './lib/baseline'
import { readOptions, runAsProgram } from './lib/command'
import { network } from './mnist-cnn-fit'

/** Of the Debian package dataset-fashion-mnist. */
export const FOLDER = '/usr/share/datasets/fashion-mnist'
const BATCH = 32

export interface Clothes {
  /** [images, 28, 28], from 0 to 255. */
  readonly images: Uint8Array
  readonly labels: Int32Array
}

/** One of the two parts, `train` or `t10k`. */
export async function loadClothes(folder: string, part: 'train' | 't10k'): Promise<Clothes> {
  const read = async (kind: string) => readIdx(await readFile(join(folder, `${part}-${kind}-ubyte.gz`)))
  const [images, labels] = [await read('images-idx3'), await read('labels-idx1')]
  return { images: images.data as Uint8Array, labels: Int32Array.from(labels.data) }
}

/** Batches of images from 0 to 1; pixels become floats when a batch is made. */
function batches({ images, labels }: Clothes, seed?: number) {
  const x = Object.assign(images.subarray(), { shape: [labels.length, 28, 28, 1] })
  const rows = dataset.from({ x, y: labels })
  return (seed === undefined ? rows : rows.shuffle(labels.length, { seed })).batch(BATCH).map(({ x, y }) => ({
    x: Object.assign(
      Float32Array.from(x, (v) => v / 255),
      { shape: x.shape },
    ),
    y,
  }))
}

export interface Options {
  readonly folder: string
  readonly epochs: number
  /** Of an epoch, at most. */
  readonly steps?: number
  readonly verbose?: 0 | 2
}
export interface Result {
  readonly accuracy: number
  readonly majority: number
}

export async function run({ folder, epochs, steps = Infinity, verbose = 0 }: Options): Promise<Result> {
  const [train, test] = [await loadClothes(folder, 'train'), await loadClothes(folder, 't10k')]
  const stepsPerEpoch = Math.min(steps, Math.ceil(train.labels.length / BATCH))
  const net = network(1, epochs * stepsPerEpoch)
  await net.fit(batches(train, 1), { epochs, stepsPerEpoch, verbose })
  const { accuracy } = await net.evaluate(batches(test))
  net.dispose()
  return { accuracy: accuracy!, majority: majorityShare(test.labels) }
}

runAsProgram(import.meta.url, async (args) => {
  const { short, folder } = readOptions(args, {
    short: { type: 'boolean', default: false },
    folder: { type: 'string', default: FOLDER },
  })
  if (!existsSync(join(folder, 'train-images-idx3-ubyte.gz'))) {
    console.log(`Fashion-MNIST is not in ${folder}: apt-get install dataset-fashion-mnist, or --folder FOLDER`)
    process.exitCode = short ? 0 : 1
    return
  }
  const { accuracy, majority } = await run({
    folder,
    verbose: 2,
    ...(short ? { epochs: 1, steps: 200 } : { epochs: 8 }),
  })
  console.log(`${percent(accuracy)} of the test images; the most frequent class ${percent(majority)}`)
  if (!(accuracy > 0.6)) throw new Error('it has not learnt to tell clothes apart')
})
