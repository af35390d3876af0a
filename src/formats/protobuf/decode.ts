import type { FieldRule, MessageRule, Rules, ScalarKind } from './rules'
import { BYTES, FIXED32, FIXED64, VARINT, WireReader } from './wire'

// A graph in a graph of ONNX is three messages deep; Loop and If are rarely nested more than a few times.
const MAX_DEPTH = 100
// An empty message takes two bytes of a file and a hundred of memory: their number is bounded, not only their size.
const MAX_MESSAGES = 2_000_000

/**
 * The message that bytes hold, which nobody vouches for: its fields by the names of the rules; those without a rule are left
 * out, as protobuf has it. Bytes in it are views. Throws a FormatError of `format` with the offset of what is wrong.
 */
export function decodeMessage<T>(format: string, bytes: Uint8Array, rules: Rules<T>): T {
  return new Decoder().message(new WireReader(format, bytes), rules, 0) as T
}

const WIRE: Readonly<Record<ScalarKind, number>> = {
  int: VARINT,
  uint: VARINT,
  float: FIXED32,
  double: FIXED64,
  text: BYTES,
  bytes: BYTES,
}

const NUMBER: Readonly<Partial<Record<ScalarKind, (reader: WireReader) => number>>> = {
  int: (reader) => reader.signed(),
  uint: (reader) => reader.unsigned(),
  float: (reader) => reader.float(),
  double: (reader) => reader.double(),
}

class Decoder {
  private messages = 0

  message(reader: WireReader, rule: MessageRule, depth: number): unknown {
    if (depth > MAX_DEPTH) reader.fail(`messages more than ${MAX_DEPTH} deep`)
    if (++this.messages > MAX_MESSAGES) reader.fail(`more than ${MAX_MESSAGES} messages`)
    const fields = fieldsById(rule)
    const out: Record<string, unknown> = {}
    while (!reader.isAtEnd) {
      const { id, wire } = reader.tag()
      const field = fields.get(id)
      if (!field) reader.skip(wire)
      else if (field.rule.isList) this.append((out[field.name] ??= []) as unknown[], reader, field.rule, wire, depth)
      // The last one stands, as protobuf has it.
      else out[field.name] = this.value(reader, field.rule, wire, depth)
    }
    return out
  }

  private append(list: unknown[], reader: WireReader, rule: FieldRule, wire: number, depth: number): void {
    const number = typeof rule.kind === 'string' ? NUMBER[rule.kind] : undefined
    if (!number || wire !== BYTES) {
      list.push(this.value(reader, rule, wire, depth))
      return
    }
    const packed = reader.part()
    while (!packed.isAtEnd) list.push(number(packed))
  }

  private value(reader: WireReader, { kind }: FieldRule, wire: number, depth: number): unknown {
    const wanted = typeof kind === 'string' ? WIRE[kind] : BYTES
    if (wire !== wanted) reader.fail(`a field of wire type ${wire} that has ${wanted}`)
    if (typeof kind !== 'string') return this.message(reader.part(), kind(), depth + 1)
    if (kind === 'text') return reader.part().text()
    return kind === 'bytes' ? reader.part().rest() : NUMBER[kind]!(reader)
  }
}

type FieldsById = ReadonlyMap<number, { readonly name: string; readonly rule: FieldRule }>
const known = new WeakMap<MessageRule, FieldsById>()
function fieldsById(rule: MessageRule): FieldsById {
  const found = known.get(rule)
  if (found) return found
  const made: FieldsById = new Map(Object.entries(rule).map(([name, field]) => [field.id, { name, rule: field }]))
  known.set(rule, made)
  return made
}
