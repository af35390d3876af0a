import {
  opcodes,
  type EncodedOperand,
  type FuncType,
  type OperandKind,
  type Operands,
  type OperandsOf,
  type OpName,
  type ValType,
} from './opcodes'
import { StackCheck } from './stack-check'

/** The memory a module imports. A shared one must have a maximum. */
export interface MemoryOptions {
  readonly import: readonly [module: string, field: string]
  readonly minPages: number
  readonly maxPages?: number
  readonly shared?: boolean
}

/** Options of a module. */
export interface ModuleOptions {
  readonly memory?: MemoryOptions
  /** Adds the function names, which engines show in stack traces and profiles. */
  readonly names?: boolean
  /** Checks the operand stack with every instruction, unless false. */
  readonly validate?: boolean
}

/** Type of a function, and whether it is exported: under its own name, or under the one given. */
export interface FuncOptions extends Partial<FuncType> {
  readonly export?: boolean | string
}

/** Takes the body of one function; several functions may be written in turns. */
export interface FuncBuilder {
  readonly name: string
  /** What `call` takes. */
  readonly index: number
  /** Declares a local, zero at first, and returns its index; at any time before `end`. */
  local(type: ValType): number
  /** Appends an instruction and returns the builder. */
  op<N extends OpName>(name: N, ...operands: OperandsOf<N>): FuncBuilder
  /** Closes the function; blocks are closed with `op('end')`. */
  end(): void
}

/** Collects functions into one module. */
export interface ModuleBuilder {
  /** Returns the index for `call`. Imports are numbered first, so they come before any `func`. */
  importFunc(module: string, field: string, type: FuncType): number
  func(name: string, options?: FuncOptions): FuncBuilder
  /** The module in binary, once every function has ended. */
  bytes(): Uint8Array<ArrayBuffer>
}

/** Unsigned LEB128 of an integer from 0 to 2^32-1. */
export function unsignedLeb(value: number): number[] {
  if (value >>> 0 !== value) throw new Error(`${value} is not an unsigned 32-bit integer`)
  const bytes: number[] = []
  let rest = value >>> 0
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return bytes
}

/** Signed LEB128 of an integer from -2^31 to 2^31-1. */
export function signedLeb(value: number): number[] {
  if ((value | 0) !== value) throw new Error(`${value} is not a signed 32-bit integer`)
  const bytes: number[] = []
  let rest = value | 0
  // The last byte carries the sign in bit 6, so 64 needs a second byte where unsigned 64 would not.
  for (; rest < -0x40 || rest > 0x3f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest & 0x7f)
  return bytes
}

/** What operands are checked against. */
interface Scope {
  readonly locals: readonly ValType[]
  readonly funcTypes: readonly FuncType[]
  readonly hasMemory: boolean
}

type Encoder<K extends OperandKind> = (scope: Scope, limit: number, ...operands: Operands[K]) => EncodedOperand

function laneByte(lane: number, limit: number): number {
  if (!Number.isInteger(lane) || lane < 0 || lane >= limit) throw new Error(`lane ${lane} is not in 0..${limit - 1}`)
  return lane
}

/** Bytes of a constant; typed arrays are little-endian wherever wasm engines run. */
function rawBytes({ buffer, byteOffset, byteLength }: ArrayBufferView, size: number): EncodedOperand {
  if (byteLength !== size) throw new Error(`expected ${size} bytes, found ${byteLength}`)
  return { bytes: [...new Uint8Array(buffer, byteOffset, byteLength)] }
}

const encoders: { readonly [K in OperandKind]: Encoder<K> } = {
  none: (_scope, limit) => ({ bytes: Array.from({ length: limit }, () => 0) }),
  local: ({ locals }, _limit, index) => {
    const local = locals[index]
    if (!local) throw new Error(`no local ${index}, there are ${locals.length} with the parameters`)
    return { bytes: unsignedLeb(index), local }
  },
  memarg: ({ hasMemory }, limit, { offset = 0, align = limit } = {}) => {
    if (!hasMemory) throw new Error('the module has no memory')
    const log2 = [1, 2, 4, 8, 16].indexOf(align)
    if (log2 < 0 || align > limit) throw new Error(`alignment ${align} is not a power of two up to ${limit} bytes`)
    return { bytes: [log2, ...unsignedLeb(offset)] }
  },
  memlane: (scope, limit, arg, lane) => {
    const { bytes } = encoders.memarg(scope, limit, arg)
    return { bytes: [...bytes, laneByte(lane, 16 / limit)] }
  },
  // Masks and addresses come unsigned, and the format wants the signed number of the same bits.
  i32: (_scope, _limit, value) => ({ bytes: signedLeb(value > 0x7fffffff && value < 2 ** 32 ? value | 0 : value) }),
  f32: (_scope, _limit, value) => rawBytes(Float32Array.of(value), 4),
  f64: (_scope, _limit, value) => rawBytes(Float64Array.of(value), 8),
  v128: (_scope, _limit, bytes) => rawBytes(bytes, 16),
  lane: (_scope, limit, lane) => ({ bytes: [laneByte(lane, limit)] }),
  lanes: (_scope, _limit, lanes) => rawBytes(Uint8Array.from(lanes.map((lane) => laneByte(lane, 32))), 16),
  block: (_scope, _limit, result) => {
    return { bytes: [result ? valTypeCode[result] : 0x40], type: { params: [], results: result ? [result] : [] } }
  },
  label: (_scope, _limit, depth) => ({ bytes: unsignedLeb(depth), depth }),
  func: ({ funcTypes }, _limit, index) => {
    const type = funcTypes[index]
    if (!type) throw new Error(`no function ${index}, there are ${funcTypes.length}`)
    return { bytes: unsignedLeb(index), type }
  },
}

function encode<K extends OperandKind>(kind: K, scope: Scope, limit: number, operands: Operands[K]): EncodedOperand {
  return encoders[kind](scope, limit, ...operands)
}

const valTypeCode: Readonly<Record<ValType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b }

const opcodeBytes = (code: number) => (code > 0xff ? [code >> 12, ...unsignedLeb(code & 0xfff)] : [code])
const sized = (bytes: readonly number[]) => [...unsignedLeb(bytes.length), ...bytes]
const vector = (items: readonly (readonly number[])[]) => [...unsignedLeb(items.length), ...items.flat()]
const text = (value: string) => sized([...new TextEncoder().encode(value)])
const typeBytes = (types: readonly ValType[]) => sized(types.map((type) => valTypeCode[type]))
const section = (id: number, items: readonly number[][]) => (items.length > 0 ? [id, ...sized(vector(items))] : [])

/** Locals are declared in groups of one type. They keep their order, so the indices given out stay good. */
function localGroups(locals: readonly ValType[]): number[] {
  const groups: [count: number, type: ValType][] = []
  for (const type of locals) {
    const last = groups.at(-1)
    if (last?.[1] === type) last[0]++
    else groups.push([1, type])
  }
  return vector(groups.map(([count, type]) => [...unsignedLeb(count), valTypeCode[type]]))
}

/** Starts a module. */
export function moduleBuilder({ memory, names = false, validate = true }: ModuleOptions = {}): ModuleBuilder {
  const types = new Map<string, number[]>()
  const funcTypes: FuncType[] = []
  const funcNames: string[] = []
  const typeIndices: number[][] = []
  const imports: number[][] = []
  const exports: number[][] = []
  const bodies: (() => number[])[] = []

  if (memory) {
    const { minPages, maxPages, shared = false } = memory
    if (shared && maxPages === undefined) throw new Error('a shared memory needs maxPages')
    const max = maxPages === undefined ? [] : unsignedLeb(maxPages)
    const flags = (max.length > 0 ? 1 : 0) | (shared ? 2 : 0)
    imports.push([...memory.import.flatMap(text), 2, flags, ...unsignedLeb(minPages), ...max])
  }

  /** Numbers the function, and returns the index of its type in binary. */
  const declare = (name: string, type: FuncType): number[] => {
    const bytes = [0x60, ...typeBytes(type.params), ...typeBytes(type.results)]
    types.set(bytes.join(), bytes)
    funcTypes.push(type)
    funcNames.push(name)
    return unsignedLeb([...types.keys()].indexOf(bytes.join()))
  }

  return {
    importFunc(module, field, type) {
      if (bodies.length > 0) throw new Error(`import ${module}.${field} comes after a function of the module`)
      imports.push([...text(module), ...text(field), 0, ...declare(field, type)])
      return funcTypes.length - 1
    },

    func(name, { params = [], results = [], export: exported = false } = {}) {
      const index = funcTypes.length
      typeIndices.push(declare(name, { params, results }))
      if (exported) exports.push([...text(exported === true ? name : exported), 0, ...unsignedLeb(index)])
      const locals = [...params]
      const scope: Scope = { locals, funcTypes, hasMemory: memory !== undefined }
      const check = validate ? new StackCheck() : undefined
      check?.open('block', results)
      const code: number[] = []
      let count = 0
      let ended = false
      bodies.push(() => {
        if (!ended) throw new Error(`wasm function '${name}' has not ended`)
        return sized([...localGroups(locals.slice(params.length)), ...code])
      })
      const builder: FuncBuilder = {
        name,
        index,
        local: (type) => locals.push(type) - 1,
        op(op, ...operands) {
          const stack = check ? `; stack ${check}` : ''
          try {
            const row = opcodes[op]
            const operand = encode(row.operand, scope, row.limit, operands)
            check?.apply(op, operand)
            code.push(...opcodeBytes(row.code), ...operand.bytes)
          } catch (cause) {
            const detail = cause instanceof Error ? cause.message : String(cause)
            throw new Error(`wasm function '${name}', instruction ${count} (${op}): ${detail}${stack}`)
          }
          count++
          return builder
        },
        end() {
          const open = check ? check.frames.length - 1 : 0
          if (open > 0) throw new Error(`wasm function '${name}' ends with ${open} blocks open`)
          builder.op('end')
          ended = true
        },
      }
      return builder
    },

    bytes() {
      const code = bodies.map((body) => body())
      const functionNames = vector(funcNames.map((name, index) => [...unsignedLeb(index), ...text(name)]))
      return Uint8Array.from([
        ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        ...section(1, [...types.values()]),
        ...section(2, imports),
        ...section(3, typeIndices),
        ...section(7, exports),
        ...section(10, code),
        ...(names ? [0, ...sized([...text('name'), 1, ...sized(functionNames)])] : []),
      ])
    },
  }
}
