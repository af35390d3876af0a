/**
 * A folder of PNG and JPEG files, a subfolder for each class, as a dataset: files are read and decoded when they are asked for,
 * the next ones while a batch trains. The digits are written as such files first, half of them in either format.
 *
 *   npx tsx examples/images-from-files.ts            half a minute
 *   npx tsx examples/images-from-files.ts --short    fewer digits, to see that everything works
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { dataset } from 'gradloom'
import { majorityShare, percent } from './lib/baseline'
import { isShort, runAsProgram } from './lib/command'
import { type Digits, loadDigits, PIXELS } from './lib/digits'
import { decodeImage, encodeImage } from './lib/image-file'
import { network } from './mnist-cnn-fit'

const SIDE = 28
const BATCH = 32
/** Batches that are ready before they are asked for. */
const AHEAD = 4

/** Writes `folder/3/17.png` for the digit 17, which shows a three. */
function writeImages(folder: string, { images, labels }: Digits, count: number): void {
  labels.subarray(0, count).forEach((label, i) => {
    const format = i % 2 === 0 ? 'png' : 'jpg'
    const path = join(folder, String(label), `${i}.${format}`)
    mkdirSync(dirname(path), { recursive: true })
    const pixels = images.subarray(i * PIXELS, (i + 1) * PIXELS)
    writeFileSync(path, encodeImage({ width: SIDE, height: SIDE, pixels }, format))
  })
}

/** What the files in a folder show, in batches: images [batch, height, width, 1], and the numbers of their subfolders. */
function imagesIn(folder: string, seed?: number) {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:png|jpg)$/.test(path))
    .sort()
  const files = dataset.from(paths)
  return (seed === undefined ? files : files.shuffle(paths.length, { seed }))
    .map(async (path) => {
      const { width, height, pixels } = decodeImage(await readFile(join(folder, path)))
      return { x: Object.assign(pixels, { shape: [height, width, 1] }), y: Number(path.split(sep)[0]) }
    })
    .batch(BATCH, { dtype: { y: 'int32' } })
    .prefetch(AHEAD)
}

export interface Options {
  /** Digits to learn from, at most, and a quarter as many to test on. */
  readonly digits: number
  readonly epochs: number
  readonly verbose?: 0 | 2
}
export interface Result {
  readonly accuracy: number
  readonly majority: number
}

export async function run({ digits, epochs, verbose = 0 }: Options): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'gradloom-images-'))
  try {
    const { train, heldOut } = loadDigits()
    const tested = Math.ceil(digits / 4)
    writeImages(join(folder, 'train'), train, digits)
    writeImages(join(folder, 'test'), heldOut, tested)
    const net = network(1, epochs * Math.ceil(digits / BATCH))
    await net.fit(imagesIn(join(folder, 'train'), 1), { epochs, verbose })
    const { accuracy } = await net.evaluate(imagesIn(join(folder, 'test')))
    net.dispose()
    return { accuracy: accuracy!, majority: majorityShare(heldOut.labels.subarray(0, tested)) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

runAsProgram(import.meta.url, async (args) => {
  const size = isShort(args) ? { digits: 800, epochs: 3 } : { digits: 8000, epochs: 5 }
  const { accuracy, majority } = await run({ ...size, verbose: 2 })
  console.log(`${percent(accuracy)} of held-out files; the most frequent digit ${percent(majority)}`)
  if (!(accuracy > majority + 0.4)) throw new Error('it has not learnt to read')
})
