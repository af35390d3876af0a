import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../src/formats/error'
import { halfValue } from '../../src/formats/half'
import { decodeNpy, encodeNpy } from '../../src/formats/npy'
import { decodeNpz, encodeNpz } from '../../src/formats/npz'
import { readZip } from '../../src/formats/zip'
import type { StoredTensor } from '../../src/formats/stored-tensor'
import { writeZip } from '../../src/formats/zip'
import { anyTensor, bytesIn } from './tensors'

interface Record {
  readonly name: string
  readonly base64: string
  readonly dtype?: string
  readonly shape?: readonly number[]
  readonly values?: readonly (number | string)[]
  readonly refused?: string
  readonly npz?: true
}
const records = readFileSync(new URL('../fixtures/npy/numpy.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Record)
const fileOf = ({ base64 }: Record): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))
const arrays = records.filter((record) => !record.npz)
const NUMBERS: { readonly [text: string]: number } = { inf: Infinity, '-inf': -Infinity, nan: NaN }
const numberOf = (value: number | string): number => NUMBERS[value] ?? Number(value)

const header = (descr: string, order: string, shape: string): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`
/** A file of version 1.0 from the text of its header and what follows, neither of them checked. */
const fileWith = (text: string, body: ArrayLike<number> = []): Uint8Array =>
  Uint8Array.from([
    ...[0x93, ...Buffer.from('NUMPY'), 1, 0, text.length & 255, text.length >> 8],
    ...Buffer.from(text, 'latin1'),
    ...Array.from(body),
  ])

function expectRefusal(file: Uint8Array, message: RegExp): void {
  expect(() => decodeNpy(file)).toThrow(FormatError)
  expect(() => decodeNpy(file)).toThrow(message)
}

describe('a file that NumPy wrote', () => {
  it.each(arrays.filter(({ refused }) => refused === undefined))('of $name holds what it held', (record) => {
    const tensor = decodeNpy(fileOf(record))
    expect([tensor.dtype, tensor.shape]).toEqual([record.dtype, record.shape])
    expect(Array.from(tensor.data)).toEqual(record.values!.map(numberOf))
  })

  it.each(arrays.filter(({ refused }) => refused !== undefined))('of $name is refused', (record) => {
    expectRefusal(fileOf(record), new RegExp(record.refused!))
  })

  it('is what is written here, byte for byte', () => {
    const same = arrays.filter(({ name }) => /^(?:<f4|<f8|<i4|\|u1|\|b1) C|^shape/.test(name))
    expect(same.length).toBe(10)
    for (const record of same) expect(Buffer.compare(encodeNpy(decodeNpy(fileOf(record))), fileOf(record))).toBe(0)
  })

  it('of several arrays holds them by name', async () => {
    const [plain, compressed] = records.filter(({ npz }) => npz)
    const small = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) }
    expect(Object.fromEntries(await decodeNpz(fileOf(plain!)))).toEqual({ a: small, b: small })
    expect(Object.fromEntries(await decodeNpz(fileOf(compressed!)))).toEqual({
      arr_0: small,
      b: { dtype: 'int32', shape: [3], data: Int32Array.of(0, 1, 2) },
    })
  })
})

describe('an npy file', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(anyTensor, fc.nat(9), (tensor, shift) => {
        const encoded = encodeNpy(tensor)
        const placed = Buffer.alloc(encoded.length + shift).subarray(shift)
        placed.set(encoded)
        const decoded = decodeNpy(placed)
        placed.fill(0xff)
        expect([decoded.dtype, decoded.shape]).toEqual([tensor.dtype, tensor.shape])
        expect(bytesIn(decoded)).toEqual(bytesIn(tensor))
      }),
    )
  })

  it('may have a header that another writer laid out', () => {
    for (const text of [
      `{"shape":(2,),"fortran_order":False,"descr":"|u1"}`,
      `{ 'descr' : '|u1','fortran_order':True ,'shape': (2L, ) }   \n`,
    ])
      expect(decodeNpy(fileWith(text, [1, 2]))).toEqual({ dtype: 'uint8', shape: [2], data: Uint8Array.of(1, 2) })
  })

  it('is refused where its header is not exactly what the format allows', () => {
    const good = header(`'|u1'`, 'False', '(2,)')
    const refused: readonly (readonly [text: string, message: RegExp])[] = [
      ['', /no {/],
      ['None', /no {/],
      [good.slice(0, -1), /no string/],
      [good + good, /more than one dictionary/],
      [`${good}\n__import__('os')`, /more than one dictionary/],
      [header(`'|u1'`, 'false', '(2,)'), /neither True nor False/],
      [header(`'|u1'`, 'Falsehood', '(2,)'), /neither True nor False/],
      [header(`'|u1'`, '0', '(2,)'), /neither True nor False/],
      [header(`'|u1'`, 'False', '(2)'), /no tuple/],
      [header(`'|u1'`, 'False', '[2]'), /no \(/],
      [header(`'|u1'`, 'False', '(,)'), /no extent/],
      [header(`'|u1'`, 'False', '(2 1,)'), /no extent/],
      [header(`'|u1'`, 'False', '(-2,)'), /no extent/],
      [header(`'|u1'`, 'False', '(02,)'), /no extent/],
      [header(`'|u1'`, 'False', '(2.,)'), /no extent/],
      [header(`'|u1'`, 'False', '(1e1,)'), /no extent/],
      [header(`'|u1'`, 'False', '(99999999999999999,)'), /no extent/],
      [header(`'|u1'`, 'False', `(${'1,'.repeat(65)})`), /no extent/],
      [header(`'|u1'`, 'False', '(9007199254740993,)'), /impossible shape/],
      [header(`'|u1'`, 'False', '(4294967296, 4294967296, 0)'), /impossible shape/],
      [header(`'|u1'`, 'False', '(3,)'), /\[3\] of \|u1 has 3 bytes, but 2 are there/],
      [header(`'|u1'`, 'False', '()'), /\[\] of \|u1 has 1 bytes, but 2 are there/],
      [header(`'|b1'`, 'False', '(2,)'), /neither 0 nor 1 but 2 at element 1/],
      [header(`'|f4'`, 'False', '(2,)'), /dtype "\|f4"/],
      [header(`'f4'`, 'False', '(2,)'), /dtype "f4"/],
      [header(`'<__proto__'`, 'False', '(2,)'), /dtype "<__proto__"/],
      [header(`'|\\x75'`, 'False', '(2,)'), /no string/],
      [header(`('|u1', (2,))`, 'False', '(2,)'), /structured/],
      [good.replace('}', `'descr': '|u1'}`), /"descr", unknown or for the second time/],
      [good.replace('}', `'__proto__': 1}`), /"__proto__", unknown/],
      [good.replace(`'shape': (2,), `, ''), /not all of the keys/],
    ]
    for (const [text, message] of refused) expectRefusal(fileWith(text, [1, 2]), message)
    expect(decodeNpy(fileWith(good, [1, 2])).shape).toEqual([2])
  })

  it('is refused where its frame is wrong', () => {
    const file = encodeNpy({ dtype: 'uint8', shape: [2], data: Uint8Array.of(1, 2) })
    const changed = (at: number, ...bytes: number[]): Uint8Array => {
      const out = new Uint8Array(file)
      out.set(bytes, at)
      return out
    }
    expectRefusal(new Uint8Array(), /does not begin/)
    expectRefusal(changed(0, 0x80, 4, 0x95), /pickle, which is never read/)
    expectRefusal(changed(1, 0x6e), /does not begin/)
    expectRefusal(changed(6, 4), /version is 4.0/)
    expectRefusal(changed(7, 1), /version is 1.1/)
    expectRefusal(changed(8, 255, 255), /header length is 65535, more than the 120 bytes possible/)
    expectRefusal(changed(6, 2), /header length is \d{9}/)
    for (let length = 0; length < file.length; length++)
      expect(() => decodeNpy(file.subarray(0, length))).toThrow(FormatError)
  })

  it('is not written where shape, dtype and data disagree', () => {
    const data = Float32Array.of(1, 2)
    expect(() => encodeNpy({ dtype: 'float32', shape: [3], data })).toThrow(/has 2 elements for \[3\]/)
    expect(() => encodeNpy({ dtype: 'int32', shape: [2], data })).toThrow(/is int32, but has no Int32Array/)
    expect(() => encodeNpy({ dtype: 'bool', shape: [1], data: Uint8Array.of(2) })).toThrow(/neither 0 nor 1/)
  })
})

describe('an npz file', () => {
  it('has arrays of any name that leads nowhere', async () => {
    const array = { dtype: 'float32', shape: [1], data: Float32Array.of(1) } as const
    const names = ['dense/kernel:0', 'C:', 'a b']
    const file = await encodeNpz(new Map(names.map((name) => [name, array])))
    expect([...(await decodeNpz(file)).keys()]).toEqual(names)
    for (const name of ['../a', '/a', 'a\\b', 'a\n'])
      await expect(encodeNpz(new Map([[name, array]]))).rejects.toThrow(/no path/)
    await expect(readZip(file)).rejects.toThrow(/no path/)
  })

  it('gives back what was written', async () => {
    const named = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z_]{1,9}$/), anyTensor), {
      selector: ([name]) => name,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(named, fc.constantFrom<0 | 6>(0, 6), async (pairs, level) => {
        const tensors = new Map<string, StoredTensor>(pairs)
        const decoded = await decodeNpz(await encodeNpz(tensors, { level }))
        expect([...decoded.keys()]).toEqual([...tensors.keys()])
        for (const [name, tensor] of tensors) expect(bytesIn(decoded.get(name)!)).toEqual(bytesIn(tensor))
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['_abs/w', '/abs/w'],
    ['a_/b', 'a//b'],
    ['__a___b/c', '//a///b/c'],
    ['_', '/'],
  ])('is read where NumPy has taken such a name: %s', async (plain, name) => {
    const array = { dtype: 'float32', shape: [1], data: Float32Array.of(1) } as const
    const file = Buffer.from(await encodeNpz(new Map([[plain, array]])))
    for (let at = file.indexOf(`${plain}.npy`); at >= 0; at = file.indexOf(`${plain}.npy`)) file.write(name, at)
    expect([...(await decodeNpz(file))]).toEqual([[name, array]])
    await expect(readZip(file)).rejects.toThrow(/no path/)
  })

  it.each(['../w', '/../w', 'a/./b', 'a\\b', '\n'])('is refused where it has such a name: %j', async (name) => {
    const array = { dtype: 'float32', shape: [1], data: Float32Array.of(1) } as const
    const plain = 'w'.repeat(name.length)
    const file = Buffer.from(await encodeNpz(new Map([[plain, array]])))
    for (let at = file.indexOf(`${plain}.npy`); at >= 0; at = file.indexOf(`${plain}.npy`)) file.write(name, at)
    await expect(decodeNpz(file)).rejects.toThrow(/no path/)
  })

  it('is refused with the name of what is wrong in it', async () => {
    const small = encodeNpy({ dtype: 'uint8', shape: [2], data: Uint8Array.of(1, 2) })
    const odd = await writeZip(new Map([['a.npy', small], ['b.npy', small.subarray(1)]])) // prettier-ignore
    await expect(decodeNpz(odd)).rejects.toThrow(/^npz: the array "b": npy: the file does not begin/)
    const other = await writeZip(new Map([['a.pkl', small]]))
    await expect(decodeNpz(other)).rejects.toThrow(/the entry "a.pkl" is no array/)
    const bad = new Map<string, StoredTensor>([['c', { dtype: 'int32', shape: [], data: new Int32Array(2) }]])
    await expect(encodeNpz(bad)).rejects.toThrow(/^npz: the array "c": npy/)
  })
})

describe('a half', () => {
  it('is the number that its bits say', () => {
    const f32 = new Float32Array(1)
    const bits = new Uint32Array(f32.buffer)
    for (let half = 0; half < 0x10000; half++) {
      const [sign, exponent, fraction] = [half >> 15, (half >> 10) & 31, half & 1023]
      // A float32 has the same fields, so that normal numbers, infinities and NaN are copied into them.
      bits[0] = (sign << 31) | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13)
      expect(halfValue(half)).toBe(exponent === 0 ? (sign ? -1 : 1) * (fraction / 2 ** 24) : f32[0])
    }
  })
})
