import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'

/** Gray pixels from 0 (black) to 1 (white), row by row. */
export interface GrayImage {
  readonly width: number
  readonly height: number
  readonly pixels: Float32Array
}

// A small file may say that it is a very large image.
const MOST_MEGABYTES = 64
const MOST_PIXELS = 2 ** 22
const QUALITY = 90
const RGBA = 4
/** Shares of red, green and blue in brightness. Source: ITU-R BT.601. */
const BRIGHTNESS = [0.299, 0.587, 0.114] as const

/** A PNG or JPEG file, told by how it begins. Throws for any other, and for what is too large. */
export function decodeImage(bytes: Buffer): GrayImage {
  if (bytes.readUInt16BE(0) === 0xffd8) {
    const { width, height, data } = jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: MOST_MEGABYTES })
    return grayOf(width, height, data)
  }
  // Width and height stand at the same place in every PNG file.
  if (bytes.readUInt32BE(16) * bytes.readUInt32BE(20) > MOST_PIXELS) throw new Error('the image is too large')
  const { width, height, data } = PNG.sync.read(bytes)
  return grayOf(width, height, data)
}

function grayOf(width: number, height: number, rgba: Uint8Array): GrayImage {
  const pixels = Float32Array.from({ length: width * height }, (_, i) =>
    BRIGHTNESS.reduce((sum, share, channel) => sum + (share * rgba[RGBA * i + channel]!) / 255, 0),
  )
  return { width, height, pixels }
}

/** The bytes of a file of either format. */
export function encodeImage({ width, height, pixels }: GrayImage, format: 'png' | 'jpg'): Buffer {
  const rgba = Buffer.alloc(RGBA * pixels.length, 255)
  pixels.forEach((value, i) => rgba.fill(Math.round(255 * value), RGBA * i, RGBA * i + 3))
  if (format === 'jpg') return jpeg.encode({ width, height, data: rgba }, QUALITY).data
  const png = new PNG({ width, height })
  rgba.copy(png.data)
  return PNG.sync.write(png)
}
