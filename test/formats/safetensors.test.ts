import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../src/formats/error'
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors'
import type { StoredTensor } from '../../src/formats/stored-tensor'
import { bytesOf } from '../../src/ir/type'
import { anyTensor, bytesIn } from './tensors'

/** A file from the text of its header and the bytes behind it, neither of them checked. */
function fileOf(header: string, body: ArrayLike<number> = []): Uint8Array {
  const text = new TextEncoder().encode(header)
  const out = new Uint8Array(8 + text.length + body.length)
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true)
  out.set(text, 8)
  out.set(body, 8 + text.length)
  return out
}

const entry = (dtype: string, shape: string, offsets: string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`
const scalar = entry('U8', '[]', '[0,1]')

function expectRefusal(run: () => unknown, message: RegExp): void {
  expect(run).toThrow(FormatError)
  expect(run).toThrow(message)
}

const awkward = ['__proto__', 'constructor', '', '10', '2', 'é𝄞', '"\\/\b\n\u0000', '\ufeffbom', '\u2028']
const anyText = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
const anyTensors = fc
  .uniqueArray(fc.tuple(anyText, anyTensor), { selector: ([name]) => name, maxLength: 8 })
  .map((pairs) => new Map(pairs.filter(([name]) => name !== '__metadata__')))
const anyMetadata = fc.dictionary(anyText, anyText, { maxKeys: 4 })

const sample = encodeSafetensors(
  new Map<string, StoredTensor>([
    ['bias', { dtype: 'float32', shape: [2], data: new Float32Array([1, -2]) }],
    ['é', { dtype: 'bool', shape: [3], data: new Uint8Array([1, 0, 1]) }],
    ['mean', { dtype: 'float64', shape: [], data: new Float64Array([0.1]) }],
    ['none', { dtype: 'int32', shape: [0, 7], data: new Int32Array() }],
  ]),
  { format: 'pt' },
)
const sampleStart = 8 + new DataView(sample.buffer).getUint32(0, true)

describe('a safetensors file', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, fc.nat(9), (tensors, metadata, shift) => {
        const encoded = encodeSafetensors(tensors, metadata)
        // At any alignment in memory, and as the Buffer that Node's file functions give.
        const placed = Buffer.alloc(encoded.length + shift).subarray(shift)
        placed.set(encoded)
        const decoded = decodeSafetensors(placed)
        placed.fill(0xff)
        expect(new Set(decoded.tensors.keys())).toEqual(new Set(tensors.keys()))
        for (const [name, tensor] of tensors) {
          const found = decoded.tensors.get(name)!
          expect([found.dtype, found.shape]).toEqual([tensor.dtype, tensor.shape])
          expect(found.data.constructor).toBe(tensor.data.constructor)
          expect(bytesIn(found)).toEqual(bytesIn(tensor))
        }
        expect(Object.entries(decoded.metadata)).toEqual(Object.entries(metadata))
        expect(encodeSafetensors(decoded.tensors, decoded.metadata)).toEqual(encoded)
      }),
    )
  })

  it('aligns every tensor and the header', () => {
    fc.assert(
      fc.property(anyTensors, (tensors) => {
        const encoded = encodeSafetensors(tensors)
        const start = 8 + new DataView(encoded.buffer).getUint32(0, true)
        const text = new TextDecoder().decode(encoded.subarray(8, start))
        const header: Readonly<Record<string, { data_offsets: number[] }>> = JSON.parse(text)
        expect(start % 8).toBe(0)
        for (const [name, { dtype }] of tensors) expect(header[name]!.data_offsets[0]! % bytesOf(dtype)).toBe(0)
      }),
    )
  })

  it('is what the reference implementation writes', () => {
    const header = '{"__metadata__":{"a":"b"},"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},'
    const rest = '"f":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}'
    const floats = [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]
    const written = encodeSafetensors(
      new Map<string, StoredTensor>([
        ['f', { dtype: 'float32', shape: [1, 2], data: new Float32Array([9, 1, -2]).subarray(1) }],
        ['d', { dtype: 'float64', shape: [1], data: new Float64Array([1]) }],
      ]),
      { a: 'b' },
    )
    expect(written).toEqual(fileOf((header + rest).padEnd(136), floats))
    expect(encodeSafetensors(new Map())).toEqual(fileOf('{}      '))
  })

  it('may be laid out otherwise by another writer', () => {
    const text = `{ "2":${entry('I32', '[ 1 ]', '[1, 5]')},\t"\\u0031":${scalar},"z":${entry('U8', '[0]', '[1,1]')}}\n`
    const { tensors } = decodeSafetensors(fileOf(text, [7, 1, 0, 0, 0]))
    expect([...tensors.keys()]).toEqual(['2', '1', 'z'])
    expect(tensors.get('2')).toEqual({ dtype: 'int32', shape: [1], data: new Int32Array([1]) })
    expect(tensors.get('1')).toEqual({ dtype: 'uint8', shape: [], data: new Uint8Array([7]) })
  })

  it('has its 64-bit integers narrowed where they fit', () => {
    const fits = [0n, -1n, 7n, 2n ** 31n - 1n, -(2n ** 31n)]
    const read = (values: readonly bigint[]): StoredTensor => {
      const body = new Uint8Array(new BigInt64Array(values).buffer)
      const size = values.length
      const file = fileOf(`{"step":${entry('I64', `[${size}]`, `[0,${8 * size}]`)}}`, body)
      return decodeSafetensors(file).tensors.get('step')!
    }
    expect(read(fits)).toEqual({ dtype: 'int32', shape: [5], data: new Int32Array(fits.map(Number)) })
    for (const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 63n - 1n]) {
      expectRefusal(() => read([1n, value]), /"step".*I64.*element 1/)
    }
  })

  it('cannot reach a prototype', () => {
    const file = fileOf(`{"__metadata__":{"__proto__":"x"},"__proto__":${scalar}}`, [1])
    const { tensors, metadata } = decodeSafetensors(file)
    expect(tensors.get('__proto__')?.data).toEqual(new Uint8Array([1]))
    expect(Object.getPrototypeOf(metadata)).toBe(null)
    expect(Object.keys(metadata)).toEqual(['__proto__'])
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

const u8 = (shape: string, offsets: string): string => `{"w":${entry('U8', shape, offsets)}}`
const f32 = (offsets: string): string => `{"w":${entry('F32', '[1]', offsets)}}`

const hostile: readonly (readonly [what: string, header: string, size: number, message: RegExp])[] = [
  ['deep nesting', `{"w":${'['.repeat(1e6)}`, 0, /no \{ at byte 13/],
  ['a key alone', '{"w"', 0, /no : at byte 12/],
  ['a name that floods', `{"${'n'.repeat(1e6)}":{}}`, 0, /^.{100,250}$/],
  ['a second value', '{}{}', 0, /more than one JSON value at byte 10/],
  ['a trailing comma', `{"w":${scalar},}`, 1, /no " at byte/],
  ['a string without end', '{"w', 0, /well-formed string at byte 9/],
  ['a bad escape', '{"\\x":1}', 0, /well-formed string at byte 9/],
  ['a lone surrogate', `{"\\ud800":${scalar}}`, 1, /well-formed string at byte 9/],
  ['a duplicate tensor', `{"w":${scalar},"w":${scalar}}`, 1, /"w" for the second time/],
  ['an escaped duplicate', `{"w":${scalar},"\\u0077":${scalar}}`, 1, /"w" for the second time/],
  ['duplicate metadata', '{"__metadata__":{"a":"","a":""}}', 0, /"a" for the second time/],
  ['a second __metadata__', '{"__metadata__":{},"__metadata__":{}}', 0, /"__metadata__" for the second time/],
  ['a duplicate field', '{"w":{"shape":[],"shape":[]}}', 0, /"shape" for the second time/],
  ['metadata that is no text', '{"__metadata__":{"a":1}}', 0, /no " at byte/],
  ['no shape', '{"w":{"dtype":"U8","data_offsets":[0,1]}}', 1, /"w" has no shape/],
  ['no offsets', '{"w":{"dtype":"U8","shape":[0]}}', 0, /"w" .*data_offsets \[\]/],
  ['an unknown field', '{"w":{"strides":[]}}', 0, /"w" has an unknown field "strides"/],
  ['an unknown dtype', `{"w":${entry('BF16', '[1]', '[0,2]')}}`, 2, /"w" has the dtype "BF16", not one of F32, F64/],
  ['an inherited dtype', `{"w":${entry('__proto__', '[1]', '[0,1]')}}`, 1, /"w" has the dtype "__proto__"/],
  ['an inexact extent', u8('[9007199254740993]', '[0,1]'), 1, /"w" has an impossible shape/],
  ['a product that overflows', u8('[4294967296,4294967296]', '[0,0]'), 0, /"w" has an impossible shape/],
  ['an overflow behind a zero', u8('[0,4294967296,4294967296]', '[0,0]'), 0, /"w" has an impossible shape/],
  ['too many dimensions', u8(`[${'1,'.repeat(64)}1]`, '[0,1]'), 1, /no integer that is possible here/],
  ['a negative offset', f32('[-4,0]'), 4, /no integer/],
  ['three offsets', f32('[0,4,4]'), 4, /"w" has 4 bytes .*data_offsets \[0, 4, 4\]/],
  ['offsets in reverse', f32('[4,0]'), 4, /"w" has 4 bytes/],
  ['too few bytes for the shape', f32('[0,3]'), 3, /"w" has 4 bytes by its shape \[1\], but data_offsets \[0, 3\]/],
  ['a hole between', `{"a":${scalar},"w":${entry('U8', '[1]', '[2,3]')}}`, 3, /"w" leaves a hole/],
  ['an overlap', `{"a":${entry('U8', '[2]', '[0,2]')},"w":${entry('U8', '[2]', '[1,3]')}}`, 3, /"w" overlaps/],
  ['data beyond the end', f32('[0,4]'), 3, /have 4 bytes of data, but the file has 3/],
  ['bytes left over', f32('[0,4]'), 5, /have 4 bytes of data, but the file has 5/],
  ['offsets far away', f32('[9007199254740984,9007199254740988]'), 4, /"w" leaves a hole/],
]

describe('a hostile file', () => {
  it.each(hostile)('is refused for %s', (_, header, size, message) => {
    expectRefusal(() => decodeSafetensors(fileOf(header, new Uint8Array(size))), message)
  })

  it.each(['', '[]', 'null', ' {}', '\ufeff{}'])('is refused for the header %j', (header) => {
    expectRefusal(() => decodeSafetensors(fileOf(header)), /no { at byte 8 of/)
  })

  it.each(['-1', '1.5', '1e0', '01', '"1"', '99999999999999999999'])('is refused for the extent %s', (extent) => {
    expectRefusal(() => decodeSafetensors(fileOf(u8(`[1,${extent}]`, '[0,1]'), [0])), /no integer .* at byte 38 of/)
  })

  it('is refused for a header length beyond the file or the limit', () => {
    const lengthOf = (length: bigint): Uint8Array => new Uint8Array(new BigUint64Array([length]).buffer)
    expectRefusal(() => decodeSafetensors(lengthOf(2n)), /header length is 2, more than the 0 bytes/)
    for (const length of [100_000_001n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]) {
      expectRefusal(() => decodeSafetensors(lengthOf(length)), /header length/)
    }
    const large = new Uint8Array(8 + 100_000_001)
    large.set(lengthOf(100_000_001n))
    expectRefusal(() => decodeSafetensors(large), /more than the 100000000 bytes possible/)
  })

  it('is refused for a bool other than 0 and 1, and for text that is not UTF-8', () => {
    const file = fileOf(`{"mask":${entry('BOOL', '[3]', '[0,3]')}}`, [0, 1, 2])
    expectRefusal(() => decodeSafetensors(file), /"mask" has a bool .* 2 at element 2/)
    // The second byte of 'é'.
    const cut = sample.map((byte, at) => (at < sampleStart && byte === 0xa9 ? 0x20 : byte))
    expectRefusal(() => decodeSafetensors(cut), /no well-formed string/)
  })

  it('is refused wherever it is cut off, and with a byte too many', () => {
    for (let end = 0; end < sample.length; end++) {
      expect(() => decodeSafetensors(sample.subarray(0, end))).toThrow(FormatError)
    }
    expect(() => decodeSafetensors(new Uint8Array([...sample, 0]))).toThrow(FormatError)
  })

  it('is either valid or refused whatever a byte of its header is, and whatever several are', () => {
    const check = (changes: readonly (readonly [at: number, byte: number])[]): void => {
      const file = sample.slice()
      for (const [at, byte] of changes) file[at] = byte
      let decoded: ReturnType<typeof decodeSafetensors>
      try {
        decoded = decodeSafetensors(file)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
        return
      }
      encodeSafetensors(decoded.tensors, decoded.metadata)
    }
    for (let at = 0; at < sampleStart; at++) for (let byte = 0; byte < 256; byte++) check([[at, byte]])
    const change = fc.tuple(fc.nat(sampleStart - 1), fc.oneof(fc.nat(255), fc.constantFrom(...sample)))
    fc.assert(fc.property(fc.array(change, { minLength: 2, maxLength: 6 }), check), { numRuns: 3000 })
  })
})

const refused: readonly (readonly [what: string, name: string, tensor: StoredTensor, message: RegExp])[] = [
  ['the reserved name', '__metadata__', { dtype: 'uint8', shape: [0], data: new Uint8Array() }, /reserved/],
  ['a lone surrogate', '\ud800', { dtype: 'uint8', shape: [0], data: new Uint8Array() }, /not well-formed text/],
  ['another array', 'w', { dtype: 'float32', shape: [1], data: new Float64Array(1) }, /"w" is float32/],
  ['too few elements', 'w', { dtype: 'int32', shape: [2, 2], data: new Int32Array(3) }, /"w" has 3 elements/],
  ['a negative shape', 'w', { dtype: 'uint8', shape: [-1, -1], data: new Uint8Array(1) }, /"w" .*impossible shape/],
  ['a bool of 2', 'w', { dtype: 'bool', shape: [1], data: new Uint8Array([2]) }, /"w" has a bool/],
  ['an unknown dtype', 'w', { dtype: 'int8' as 'uint8', shape: [0], data: new Uint8Array() }, /dtype "int8"/],
]

describe('encodeSafetensors', () => {
  it.each(refused)('refuses %s', (_, name, tensor, message) => {
    expectRefusal(() => encodeSafetensors(new Map([[name, tensor]])), message)
  })

  it('refuses metadata that is not text', () => {
    expectRefusal(() => encodeSafetensors(new Map(), { epoch: 3 as unknown as string }), /metadata.*"3"/)
  })
})
