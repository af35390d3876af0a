import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeIdx, gzip } from 'gradloom/formats'
import { afterAll, expect, test } from 'vitest'
import * as fashion from '../../examples/fashion-mnist'
import * as files from '../../examples/images-from-files'
import { loadDigits, PIXELS } from '../../examples/lib/digits'
import { decodeImage, encodeImage } from '../../examples/lib/image-file'

const folder = mkdtempSync(join(tmpdir(), 'gradloom-data-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('fashion-mnist learns from IDX files of its names, compressed', async () => {
  const { train, heldOut } = loadDigits()
  for (const [part, { images, labels }] of [
    ['train', train],
    ['t10k', heldOut],
  ] as const) {
    const count = 1000
    const pixels = Uint8Array.from(images.subarray(0, count * PIXELS), (v) => Math.round(255 * v))
    const of = {
      images: encodeIdx({ dtype: 'uint8', shape: [count, 28, 28], data: pixels }),
      labels: encodeIdx({ dtype: 'uint8', shape: [count], data: Uint8Array.from(labels.subarray(0, count)) }),
    }
    writeFileSync(join(folder, `${part}-images-idx3-ubyte.gz`), await gzip(of.images))
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte.gz`), await gzip(of.labels))
  }
  const { accuracy, majority } = await fashion.run({ folder, epochs: 2 })
  expect(accuracy).toBeGreaterThan(majority + 0.3)
})

test('images-from-files learns from files of both formats', async () => {
  const { accuracy, majority } = await files.run({ digits: 400, epochs: 2 })
  expect(accuracy).toBeGreaterThan(majority + 0.1)
})

test('an image file gives back what was drawn, and says little that is large', () => {
  const pixels = Float32Array.from({ length: 12 }, (_, i) => i / 11)
  const png = decodeImage(encodeImage({ width: 4, height: 3, pixels }, 'png'))
  expect([png.width, png.height]).toEqual([4, 3])
  png.pixels.forEach((v, i) => expect(v).toBeCloseTo(pixels[i]!, 2))
  const jpg = decodeImage(encodeImage({ width: 4, height: 3, pixels }, 'jpg'))
  expect(jpg.pixels.length).toBe(12)
  jpg.pixels.forEach((v, i) => expect(Math.abs(v - pixels[i]!)).toBeLessThan(0.1))
  const huge = encodeImage({ width: 4, height: 3, pixels }, 'png')
  huge.writeUInt32BE(2 ** 20, 16)
  huge.writeUInt32BE(2 ** 10, 20)
  expect(() => decodeImage(huge)).toThrow('too large')
})
