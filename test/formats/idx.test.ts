import * as fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../src/formats/error'
import { decodeIdx, encodeIdx, readIdx } from '../../src/formats/idx'
import { anyTensor, bytesIn } from './tensors'

describe('an IDX file', () => {
  it('gives back what was written, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(anyTensor, fc.nat(9), async (tensor, shift) => {
        const encoded = encodeIdx(tensor)
        const placed = Buffer.alloc(encoded.length + shift).subarray(shift)
        placed.set(encoded)
        const [decoded, inflated] = [decodeIdx(placed), await readIdx(gzipSync(placed))]
        placed.fill(0xff)
        expect(inflated).toEqual(decoded)
        expect([decoded.dtype, decoded.shape]).toEqual([tensor.dtype === 'bool' ? 'uint8' : tensor.dtype, tensor.shape])
        // A NaN of a float32 may lose its payload on the way through a number.
        if (tensor.dtype === 'float32') expect(decoded.data).toEqual(tensor.data)
        else expect(bytesIn(decoded)).toEqual(bytesIn(tensor))
      }),
    )
  })

  it('is read as its description says, in each type', () => {
    const read = (type: number, ...bytes: number[]) => decodeIdx(Uint8Array.of(0, 0, type, 1, 0, 0, 0, 2, ...bytes))
    const [shape, values] = [[2], [3, -2]]
    expect(read(0x08, 3, 254)).toEqual({ dtype: 'uint8', shape, data: Uint8Array.of(3, 254) })
    expect(read(0x09, 3, 254)).toEqual({ dtype: 'int32', shape, data: Int32Array.from(values) })
    expect(read(0x0b, 0, 3, 255, 254)).toEqual({ dtype: 'int32', shape, data: Int32Array.from(values) })
    const int32 = read(0x0c, 0, 0, 0, 3, 255, 255, 255, 254)
    expect(int32).toEqual({ dtype: 'int32', shape, data: Int32Array.from(values) })
    const float32 = read(0x0d, 0x40, 0x40, 0, 0, 0xc0, 0, 0, 0)
    expect(float32).toEqual({ dtype: 'float32', shape, data: Float32Array.from(values) })
    const float64 = read(0x0e, 0x40, 0x08, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0)
    expect(float64).toEqual({ dtype: 'float64', shape, data: Float64Array.from(values) })
  })

  it('is refused where something is wrong', () => {
    const file = [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6]
    const changed = (at: number, ...bytes: number[]): number[] => file.map((byte, i) => bytes[i - at] ?? byte)
    expect(decodeIdx(Uint8Array.from(file)).shape).toEqual([1, 2])
    const refused: readonly (readonly [bytes: number[], message: RegExp])[] = [
      [[], /does not begin/],
      [changed(1, 1), /does not begin/],
      [changed(2, 10), /type 0xa is unknown/],
      [changed(3, 65), /rank is 65/],
      [changed(3, 5), /ends at byte 14, in its header/],
      [changed(3, 1), /\[1\] has 1 bytes, but 6 are there/],
      [[...file, 0], /\[1, 2\] has 2 bytes, but 3 are there/],
      [changed(4, 255, 255, 255, 255, 255, 255, 255, 255), /impossible shape/],
      [[0x1f, 0x8b, 8, 0], /readIdx takes it/],
    ]
    for (const [bytes, message] of refused) {
      expect(() => decodeIdx(Uint8Array.from(bytes))).toThrow(FormatError)
      expect(() => decodeIdx(Uint8Array.from(bytes))).toThrow(message)
    }
    for (let length = 0; length < file.length; length++)
      expect(() => decodeIdx(Uint8Array.from(file.slice(0, length)))).toThrow(FormatError)
  })

  it('may be inflated within a bound', async () => {
    const file = gzipSync(encodeIdx({ dtype: 'uint8', shape: [1000], data: new Uint8Array(1000) }))
    await expect(readIdx(file, { maxBytes: 999 })).rejects.toThrow(/declares 1008 bytes, more than maxBytes, 999/)
  })
})
