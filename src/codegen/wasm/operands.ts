import type { ByteWriter } from './bytes'
import type { FuncType, OperandInfo, OperandKind, Operands, ValType } from './opcodes'

/** What operands are checked against. */
export interface Scope {
  readonly locals: readonly ValType[]
  readonly funcTypes: readonly FuncType[]
  readonly hasMemory: boolean
}

type Encoder<K extends OperandKind> = (
  code: ByteWriter,
  scope: Scope,
  limit: number,
  ...operands: Operands[K]
) => OperandInfo | void

function lane(code: ByteWriter, value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= limit)
    throw new Error(`lane ${value} is not in 0..${limit - 1}`)
  code.byte(value)
}

/** Numbers as bytes; typed arrays are little-endian wherever wasm engines run. */
const F32 = new Float32Array(1)
const F64 = new Float64Array(1)

function raw(code: ByteWriter, { buffer, byteOffset, byteLength }: ArrayBufferView, size: number): void {
  if (byteLength !== size) throw new Error(`expected ${size} bytes, found ${byteLength}`)
  code.raw(new Uint8Array(buffer, byteOffset, byteLength))
}

const F32_BYTES = new Uint8Array(F32.buffer)
const F64_BYTES = new Uint8Array(F64.buffer)

const encoders: { readonly [K in OperandKind]: Encoder<K> } = {
  none(code, _scope, limit) {
    for (let i = 0; i < limit; i++) code.byte(0)
  },
  local(code, { locals }, _limit, index) {
    const local = locals[index]
    if (!local) throw new Error(`no local ${index}, there are ${locals.length} with the parameters`)
    code.unsigned(index)
    return { local }
  },
  memarg(code, { hasMemory }, limit, arg) {
    if (!hasMemory) throw new Error('the module has no memory')
    const align = arg?.align ?? limit
    const log2 = 31 - Math.clz32(align)
    if (1 << log2 !== align || align > limit)
      throw new Error(`alignment ${align} is not a power of two up to ${limit} bytes`)
    code.byte(log2)
    code.unsigned(arg?.offset ?? 0)
  },
  memlane(code, scope, limit, arg, index) {
    encoders.memarg(code, scope, limit, arg)
    lane(code, index, 16 / limit)
  },
  i32(code, _scope, _limit, value) {
    // Masks and addresses come unsigned, and the format wants the signed number of the same bits.
    code.signed(value > 0x7fffffff && value < 2 ** 32 ? value | 0 : value)
  },
  f32(code, _scope, _limit, value) {
    F32[0] = value
    code.raw(F32_BYTES)
  },
  f64(code, _scope, _limit, value) {
    F64[0] = value
    code.raw(F64_BYTES)
  },
  v128: (code, _scope, _limit, bytes) => raw(code, bytes, 16),
  lane: (code, _scope, limit, index) => lane(code, index, limit),
  lanes(code, _scope, _limit, lanes) {
    if (lanes.length !== 16) throw new Error(`expected 16 bytes, found ${lanes.length}`)
    for (const index of lanes) lane(code, index, 32)
  },
  block(code, _scope, _limit, result) {
    code.byte(result ? valTypeCode[result] : 0x40)
    return { type: { params: [], results: result ? [result] : [] } }
  },
  label(code, _scope, _limit, depth) {
    code.unsigned(depth)
    return { depth }
  },
  func(code, { funcTypes }, _limit, index) {
    const type = funcTypes[index]
    if (!type) throw new Error(`no function ${index}, there are ${funcTypes.length}`)
    code.unsigned(index)
    return { type }
  },
}

/** Appends the operand of an instruction. */
export function encode<K extends OperandKind>(
  kind: K,
  code: ByteWriter,
  scope: Scope,
  limit: number,
  operands: Operands[K],
): OperandInfo | void {
  return encoders[kind](code, scope, limit, ...operands)
}

/** How a type is written. */
export const valTypeCode: Readonly<Record<ValType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b }
