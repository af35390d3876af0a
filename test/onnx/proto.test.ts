import fc from 'fast-check'
import { FormatError } from 'gradloom'
import { describe, expect, it } from 'vitest'
import type { FieldRule, MessageRule, ScalarKind } from '../../src/formats/protobuf/rules'
import { WireReader, WireWriter } from '../../src/formats/protobuf/wire'
import { decodeModel, decodeTensor, encodeModel, encodeTensor } from '../../src/onnx/proto/files'
import type { ModelProto } from '../../src/onnx/proto/messages'
import { MODEL } from '../../src/onnx/proto/rules'

const whole = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(0, -1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53 - 1),
)
const SCALARS: Readonly<Record<ScalarKind, fc.Arbitrary<unknown>>> = {
  int: whole,
  uint: whole.map(Math.abs),
  float: fc.float(),
  double: fc.double(),
  text: fc.string({ unit: 'grapheme' }),
  bytes: fc.uint8Array(),
}

function field({ kind, isList }: FieldRule, depth: number): fc.Arbitrary<unknown> {
  const one = typeof kind === 'string' ? SCALARS[kind] : message(kind(), depth + 1)
  // Absent and empty are the same on the wire.
  return isList ? fc.array(one, { minLength: 1, maxLength: 3 }) : one
}

/** Any message of a rule, deep enough for a graph in an attribute. */
function message(rule: MessageRule, depth: number): fc.Arbitrary<object> {
  const fields = Object.entries(rule).filter(([, { kind }]) => depth < 7 || typeof kind === 'string')
  return fc
    .subarray(fields, { maxLength: Math.min(fields.length, depth < 2 ? 20 : 3) })
    .chain((some) => fc.record(Object.fromEntries(some.map(([name, rule]) => [name, field(rule, depth)]))))
}

describe('messages', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(message(MODEL, 0), (model) => {
        expect(decodeModel(encodeModel(model as ModelProto))).toEqual(model)
      }),
      { numRuns: 300 },
    )
  })

  it('cut short anywhere are refused or read without what is cut, never half a value', () => {
    const model = encodeModel({
      producerName: 'name',
      graph: { node: [{ opType: 'Add', input: ['a', 'b'] }], name: 'g' },
    })
    for (let end = 0; end < model.length; end++) {
      try {
        expect(['name', undefined]).toContain(decodeModel(model.subarray(0, end)).producerName)
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError)
        expect((error as FormatError).at).toBeLessThanOrEqual(end)
      }
    }
  })

  it('take numbers one by one where other writers do not pack them', () => {
    const writer = new WireWriter()
    for (const value of [3, -4]) {
      writer.tag(1, 0)
      writer.varint(value)
    }
    expect(decodeTensor(writer.bytes())).toEqual({ dims: [3, -4] })
    expect(decodeTensor(encodeTensor({ dims: [3, -4] }))).toEqual({ dims: [3, -4] })
  })

  it('may have fields that are not known here', () => {
    const writer = new WireWriter()
    writer.tag(99, 2)
    writer.part(Uint8Array.of(1, 2, 3))
    writer.tag(98, 0)
    writer.varint(7)
    writer.tag(2, 2)
    writer.part(new TextEncoder().encode('x'))
    expect(decodeModel(writer.bytes())).toEqual({ producerName: 'x' })
  })
})

describe('numbers', () => {
  it('keep their value up to 2 ** 53 and their size beyond', () => {
    const longest = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 127)
    expect(new WireReader('onnx', longest).signed()).toBe(2 ** 63)
    const least = Uint8Array.of(128, 128, 128, 128, 128, 128, 128, 128, 128, 1)
    expect(new WireReader('onnx', least).signed()).toBe(-(2 ** 63))
  })

  it.each([
    ['of eleven bytes', [8, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1], 'more than ten bytes', 1],
    ['that do not end', [8, 128], 'end within a number', 1],
    ['of a field 0', [0, 1], 'no field number', 0],
    ['of a length beyond the file', [18, 255, 255, 255, 255, 15, 65], 'a length of 4294967295', 1],
    ['of a group', [91], 'wire type 3', 1],
    ['where text belongs', [16, 65], 'wire type 0', 1],
    ['that are no UTF-8', [18, 1, 255], 'no UTF-8', 2],
  ])('%s are refused with their place', (_, bytes, said, at) => {
    const read = (): unknown => decodeModel(Uint8Array.from(bytes))
    expect(read).toThrow(said)
    try {
      read()
    } catch (error) {
      expect((error as FormatError).at).toBe(at)
    }
  })
})

describe('depth and number of messages', () => {
  it('are bounded', () => {
    // A graph in an attribute of a node in a graph, and so on.
    let inner = encodeModel({ graph: {} }).subarray(2)
    const wrapped = (id: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
      const writer = new WireWriter()
      writer.tag(id, 2)
      writer.part(bytes)
      return writer.bytes()
    }
    for (let depth = 0; depth < 50; depth++) inner = wrapped(1, wrapped(5, wrapped(6, inner)))
    expect(() => decodeModel(wrapped(7, inner))).toThrow('messages more than 100 deep')
    const many = new Uint8Array(4_200_000)
    for (let i = 0; i < many.length; i += 2) many[i] = 1 * 8 + 2
    expect(() => decodeModel(wrapped(7, many))).toThrow('more than 2000000 messages')
  })
})
