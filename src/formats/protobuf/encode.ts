import type { FieldRule, MessageRule, Rules, ScalarKind } from './rules'
import { BYTES, FIXED32, FIXED64, VARINT, WireWriter } from './wire'

/** The bytes of a message, its fields by their numbers. */
export const encodeMessage = <T extends object>(message: T, rules: Rules<T>): Uint8Array<ArrayBuffer> =>
  encode(message, rules)

function encode(message: object, rule: MessageRule): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter()
  for (const [name, field] of Object.entries(rule).sort(([, a], [, b]) => a.id - b.id)) {
    const value = (message as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined) writeField(writer, field, value)
  }
  return writer.bytes()
}

type Written = number | string | Uint8Array | object

const SCALAR: Readonly<Record<ScalarKind, readonly [wire: number, write: (to: WireWriter, value: never) => void]>> = {
  int: [VARINT, (to, value: number) => to.varint(value)],
  uint: [VARINT, (to, value: number) => to.varint(value)],
  float: [FIXED32, (to, value: number) => to.float(value)],
  double: [FIXED64, (to, value: number) => to.double(value)],
  text: [BYTES, (to, value: string) => to.part(new TextEncoder().encode(value))],
  bytes: [BYTES, (to, value: Uint8Array) => to.part(value)],
}

function writeField(writer: WireWriter, { id, kind, isList }: FieldRule, value: unknown): void {
  const values = (isList ? value : [value]) as readonly Written[]
  if (typeof kind !== 'string') {
    for (const message of values) {
      writer.tag(id, BYTES)
      writer.part(encode(message as object, kind()))
    }
    return
  }
  const [wire, write] = SCALAR[kind]
  const to = isList && wire !== BYTES ? new WireWriter() : writer
  for (const one of values) {
    if (to === writer) writer.tag(id, wire)
    write(to, one as never)
  }
  if (to === writer) return
  // Numbers of a list are packed, as proto3 has it.
  writer.tag(id, BYTES)
  writer.part(to.bytes())
}
