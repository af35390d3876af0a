import { setFlagsFromString } from 'node:v8'
import { vi } from 'vitest'
import { moduleBuilder } from '../../src/codegen/wasm/assembler'
import { type FuncBuilder } from '../../src/codegen/wasm/builder'
import { opcodes, type OperandsOf, type OpName, type ValType } from '../../src/codegen/wasm/opcodes'

type Exports = Readonly<Record<string, (...args: number[]) => number>>

interface Engine {
  readonly Memory: new (pages: { initial: number; maximum?: number; shared?: boolean }) => {
    readonly buffer: ArrayBuffer
  }
  readonly Module: (new (bytes: Uint8Array) => object) & { customSections(module: object, name: string): ArrayBuffer[] }
  readonly Instance: new (module: object, imports?: object) => { readonly exports: Exports }
  validate(bytes: Uint8Array): boolean
}

// Node 20 has relaxed SIMD behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd')

/** The engine that runs the tests; the type libraries of the project leave it out. */
export const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly

type Vector = Float32Array | Float64Array | Int32Array | Int16Array | Uint16Array | Int8Array | Uint8Array
/** A scalar, or a v128 as its lanes. */
export type Value = number | Vector
type Emit = (f: FuncBuilder) => unknown

/** A use of an instruction, and what it leaves: on the stack, or in memory at RESULT where it has no type. */
interface Row {
  readonly emit: Emit
  readonly type: ValType | undefined
  readonly expected: Value
}

/** Where a row leaves what has no place on the stack. */
export const RESULT = 128
/** Where the memory has -2.5 and 1e300, as f64. */
export const DATA = 64
/** Index of the function that doubles an i32. */
export const DOUBLE = 0

/** Runs the row in a module of its own. Returns what it leaves and the instructions it is made of. */
export function evaluate({ emit, type, expected }: Row): { actual: Value; used: readonly OpName[] } {
  const m = moduleBuilder({ memory: { import: ['env', 'memory'], minPages: 1 } })
  m.func('double', { params: ['i32'], results: ['i32'] })
    .op('local.get', 0)
    .op('i32.const', 2)
    .op('i32.mul')
    .end()
  const inMemory = type === undefined || type === 'v128'
  const f = m.func('test', { results: inMemory ? [] : [type], export: true })
  if (type === 'v128') f.op('i32.const', RESULT)
  const op = vi.spyOn(f, 'op')
  emit(f)
  const used = op.mock.calls.map(([name]) => name)
  if (type === 'v128') f.op('v128.store')
  f.end()

  const memory = new engine.Memory({ initial: 1 })
  new Float64Array(memory.buffer, DATA).set([-2.5, 1e300])
  const { exports } = new engine.Instance(new engine.Module(m.bytes()), { env: { memory } })
  const result = exports['test']?.() ?? NaN
  if (typeof expected === 'number') return { actual: result, used }
  const View = expected.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => Vector
  return { actual: new View(memory.buffer, RESULT, expected.length), used }
}

/** Rows of each instruction, by its name. */
export const rows = new Map<string, Row[]>()

/** Adds a row whose body is written out. */
export function custom(name: OpName, type: ValType | undefined, expected: Value, emit: Emit): void {
  rows.set(name, [...(rows.get(name) ?? []), { emit, type, expected }])
}

function constant(f: FuncBuilder, type: string | undefined, value: Value): void {
  if (typeof value !== 'number') f.op('v128.const', value)
  else if (type === 'f32') f.op('f32.const', value)
  else if (type === 'f64') f.op('f64.const', value)
  else f.op('i32.const', value)
}

/** Adds a row that gives the instruction constants of the types in its signature. */
export function row<N extends OpName>(
  name: N,
  args: readonly Value[],
  expected: Value,
  ...operands: OperandsOf<N>
): void {
  const { params, results } = opcodes[name]
  const type = results[0] === 'T' ? undefined : results[0]
  custom(name, type, expected, (f) => {
    args.forEach((arg, i) => constant(f, params[i], arg))
    f.op(name, ...operands)
  })
}
