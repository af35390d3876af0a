import * as fc from 'fast-check'
import { gzipSync as nodeGzip } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../src/formats/error'
import { gunzip, gzip } from '../../src/formats/inflate'
import { openZip, readZip, writeZip } from '../../src/formats/zip'
import { crc32 } from '../../src/formats/crc'

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(fc.nat(70_000), fc.nat(255)).map(([length, byte]) => new Uint8Array(length).fill(byte)),
)
const anyName = fc
  .array(fc.stringMatching(/^[a-zé_]{1,5}[.]?[0-9a-z]{1,4}$/), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
const anyFiles = fc
  .uniqueArray(fc.tuple(fc.oneof(anyName, fc.constantFrom('__proto__', '7', '1')), anyBytes), {
    selector: ([name]) => name,
    maxLength: 6,
  })
  .map((pairs) => new Map(pairs))
const anyLevel = fc.constantFrom(0, 1, 6, 9)

async function expectRefusal(bytes: Uint8Array, message: RegExp, options = {}): Promise<void> {
  const error: unknown = await readZip(bytes, options).then(
    () => undefined,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(FormatError)
  expect((error as Error).message).toMatch(message)
}
/** Another number at each place in the archive where bytes stand that mark it. */
function edited(bytes: Uint8Array, signature: number, field: number, value: number, width: 2 | 4 = 4): Uint8Array {
  const out = new Uint8Array(bytes)
  const view = new DataView(out.buffer)
  let count = 0
  for (let at = 0; at + 22 <= out.length; at++)
    if (view.getUint32(at, true) === signature) {
      if (width === 2) view.setUint16(at + field, value, true)
      else view.setUint32(at + field, value, true)
      count++
    }
  expect(count).toBeGreaterThan(0)
  return out
}
const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50]
const both = (bytes: Uint8Array, local: number, central: number, value: number, width: 2 | 4 = 4): Uint8Array =>
  edited(edited(bytes, LOCAL, local, value, width), CENTRAL, central, value, width)
const text = strToU8('words and words and words')

describe('a zip archive', () => {
  it('gives back what was written, in order', async () => {
    await fc.assert(
      fc.asyncProperty(anyFiles, anyLevel, fc.nat(5), async (files, level, shift) => {
        const written = await writeZip(files, { level: level as 0 })
        const placed = Buffer.alloc(written.length + shift).subarray(shift)
        placed.set(written)
        const read = await readZip(placed)
        placed.fill(0)
        expect([...read.keys()]).toEqual([...files.keys()])
        for (const [name, bytes] of files) expect(Buffer.compare(read.get(name)!, bytes)).toBe(0)
        expect(Buffer.compare(await writeZip(files, { level: level as 0 }), written)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('may come from another writer, with folders, comments and descriptors', async () => {
    const made = zipSync(
      { 'a/b.txt': [text, { comment: 'of a file', extra: { 9: new Uint8Array(5) } }], 'é.bin': [text, { level: 0 }] },
      { comment: 'of the archive' },
    )
    expect([...(await readZip(made)).keys()]).toEqual(['a/b.txt', 'é.bin'])
    // Python's zipfile, to a stream that cannot seek: a folder, a deflated file and a stored one; then with the sizes of an
    // entry in a field for zip64, as numpy.savez_compressed has them.
    const stream =
      'UEsDBBQACAAAAAAAIQAAAAAAAAAAAAAAAAACAAAAZC9QSwcIAAAAAAAAAAAAAAAAUEsDBBQACAAIAAAAIQAAAAAAAAAAAAAAAAADAAAAZC948/DxQIMAUEsHCIKs6r0GAAAAEgAAAFBLAwQUAAgAAAAAACEAAAAAAAAAAAAAAAAAAQAAAHl5eVBLBwjYGf2WAgAAAAIAAABQSwECFAMUAAgAAAAAACEAAAAAAAAAAAAAAAAAAgAAAAAAAAAAAAAAgAEAAAAAZC9QSwECFAMUAAgACAAAACEAgqzqvQYAAAASAAAAAwAAAAAAAAAAAAAAgAEwAAAAZC94UEsBAhQDFAAIAAAAAAAhANgZ/ZYCAAAAAgAAAAEAAAAAAAAAAAAAAIABZwAAAHlQSwUGAAAAAAMAAwCQAAAAmAAAAAAA'
    const wide =
      'UEsDBC0AAAAIAAAAIQCCrOq9//////////8FABQAdy5ucHkBABAAEgAAAAAAAAAGAAAAAAAAAPPw8UCDAFBLAQItAy0AAAAIAAAAIQCCrOq9BgAAABIAAAAFAAAAAAAAAAAAAACAAQAAAAB3Lm5weVBLBQYAAAAAAQABADMAAAA9AAAAAAA='
    const decoded = async (base64: string) => Object.fromEntries(await readZip(Buffer.from(base64, 'base64')))
    expect(await decoded(stream)).toEqual({ 'd/x': strToU8('HL'.repeat(9)), y: strToU8('yy') })
    expect(await decoded(wide)).toEqual({ 'w.npy': strToU8('HL'.repeat(9)) })
  })

  it('is refused where a name leads out of it or is there twice', async () => {
    for (const name of ['../a', '/a', 'a/../b', 'a//b', './a', 'a\\b', 'C:a', 'a\0', '', '\n'])
      await expectRefusal(zipSync({ [name]: text }), /has a name that is no path inside the archive/)
    const twice = zipSync({ aa: text, ab: text })
    const view = Buffer.from(twice)
    for (let at = view.indexOf('ab'); at >= 0; at = view.indexOf('ab', at)) view[at + 1] = 0x61
    await expectRefusal(view, /"aa" is there for the second time/)
    await expect(writeZip(new Map([['../a', text]]))).rejects.toThrow(FormatError)
  })

  it('is refused where its numbers contradict one another or what is there', async () => {
    const one = zipSync({ a: text })
    await expectRefusal(both(one, 6, 8, 1, 2), /is encrypted/)
    await expectRefusal(both(one, 8, 10, 99, 2), /method 99, not by deflate/)
    await expectRefusal(edited(one, LOCAL, 8, 0, 2), /contradicts the directory/)
    await expectRefusal(edited(one, LOCAL, 22, 7), /contradicts the directory/)
    await expectRefusal(both(one, 22, 24, 24), /more than the 24 bytes it declares/)
    await expectRefusal(both(one, 22, 24, 26), /inflates to 25 of the 26 bytes/)
    await expectRefusal(both(one, 22, 24, 2 ** 31), /more than maxBytes, 67108864/)
    await expectRefusal(both(one, 22, 24, 60e6), /cannot hold/)
    await expectRefusal(both(one, 14, 16, 1), /checksum/)
    await expectRefusal(both(one, 18, 20, 3), /no deflate stream/)
    await expectRefusal(both(one, 18, 20, 4000), /beyond/)
    await expectRefusal(edited(one, CENTRAL, 42, 1), /no header at byte 1/)
    await expectRefusal(edited(one, CENTRAL, 42, 2 ** 32 - 1), /zip64/)
    await expectRefusal(edited(one, END, 10, 2, 2), /several/)
    await expectRefusal(edited(one, END, 16, 1), /directory should lie/)
    await expectRefusal(one.subarray(0, -1), /no end of a directory/)
    await expectRefusal(one, /25 bytes, more than maxBytes, 24/, { maxBytes: 24 })
  })

  it('is refused where entries share data', async () => {
    // The data of the first reach to the end of the second, whose header is a part of them.
    const two = await writeZip(new Map([['a', text], ['b', text]])) // prettier-ignore
    const view = new DataView(two.buffer)
    const length = view.getUint32(18, true) + 30 + 1 + view.getUint32(18, true)
    const central = Buffer.from(two).indexOf('PK\x01\x02', 0, 'latin1')
    const crc = crc32(two.subarray(31, 31 + length))
    for (const at of [14, central + 16]) [crc, length, length].forEach((v, i) => view.setUint32(at + 4 * i, v, true))
    await expectRefusal(two, /"b" overlaps another/)
  })

  it('does not inflate a bomb', async () => {
    const bomb = zipSync({ zeros: [new Uint8Array(2 ** 27), { level: 9 }] })
    expect(bomb.length).toBeLessThan(2 ** 18)
    expect((await openZip(bomb, { maxBytes: 2 ** 27 })).map(({ size }) => size)).toEqual([2 ** 27])
    await expectRefusal(bomb, /declare 134217728 bytes, more than maxBytes/)
    // One that lies about its size stops where it has given that much.
    await expectRefusal(both(bomb, 22, 24, 1000), /more than the 1000 bytes it declares/)
  })
})

describe('a gzip file', () => {
  it('gives back what was written', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, anyLevel, async (bytes, level) => {
        expect(Buffer.compare(await gunzip(await gzip(bytes, level as 0)), bytes)).toBe(0)
        expect(Buffer.compare(await gunzip(nodeGzip(bytes)), bytes)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('may name its file and check its header', async () => {
    const plain = nodeGzip(text)
    const head = [...plain.subarray(0, 3), 2 | 4 | 8 | 16, ...plain.subarray(4, 10)]
    const fields = [2, 0, 9, 9, ...strToU8('name\0'), ...strToU8('comment\0'), 0, 0]
    const full = Uint8Array.from([...head, ...fields, ...plain.subarray(10)])
    expect(await gunzip(full)).toEqual(text)
  })

  it('is refused where something is wrong', async () => {
    const file = nodeGzip(text)
    const changed = (at: number, byte: number): Uint8Array => Uint8Array.from(file, (b, i) => (i === at ? byte : b))
    const refused: [Uint8Array, RegExp, number?][] = [
      [new Uint8Array(), /does not begin/],
      [file.subarray(0, 11), /in its header/],
      [changed(2, 7), /method/],
      [changed(3, 64), /unknown flags/],
      [changed(3, 8), /cannot hold/],
      [changed(file.length - 8, file.at(-8)! ^ 1), /checksum/],
      [changed(file.length - 1, 100), /more than maxBytes/],
      [changed(file.length - 4, 24), /more than the 24/],
      [file, /more than maxBytes, 10/, 10],
      [Buffer.concat([file, file]), /ends where it should/],
      [Buffer.concat([file, Uint8Array.of(1)]), /cannot hold/],
    ]
    for (const [bytes, message, maxBytes] of refused) {
      const error: unknown = await gunzip(bytes, maxBytes ? { maxBytes } : {}).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(FormatError)
      expect((error as Error).message).toMatch(message)
    }
    expect(crc32(strToU8('123456789'))).toBe(0xcbf43926)
  })
})
