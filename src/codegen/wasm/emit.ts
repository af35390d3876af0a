import type { Axis } from '../../ir/affine'
import type { Kernel, Local, Partition, Stmt } from '../../ir/loop'
import type { Buffer } from '../../ir/plan'
import { bytesOf, type DType } from '../../ir/type'
import { addPanel, type FunctionScope, isNegative, pushAddress, pushSum } from './address'
import type { ModuleBuilder } from './assembler'
import { pushScalar } from './expression'
import type { ValType } from './opcodes'
import { valType } from './operations'

/** What the kernels of a module share. */
export interface KernelContext {
  readonly addressOf: (buffer: Buffer) => number
  /** Bytes of memory that exist whenever a kernel runs. */
  readonly memoryBytes: number
  /** Indices of imported functions by the scalar function they stand for. */
  readonly imports: ReadonlyMap<string, number>
}

type Loop = Extract<Stmt, { kind: 'for' }>
type Store = Extract<Stmt, { kind: 'store' }>

/** Parameters of a kernel of which threads do parts: where its part begins and ends, and how far on its panel lies. */
export const PART = { params: ['i32', 'i32', 'i32'], from: 0, to: 1, panel: 2 } as const

/** The part of a scope that statements change. */
interface Writer extends FunctionScope {
  readonly partition: Partition | undefined
  /** Pointers that may lie before their buffer. */
  readonly signed: Set<Local>
  /** The temporaries of the statement before are free again. */
  beginStatement(): void
}

/**
 * Adds a kernel to a module as a function, and returns its index. It takes no arguments, or if it is one to be divided,
 * those of `PART`.
 */
export function emitKernel(kernel: Kernel, context: KernelContext, m: ModuleBuilder): number {
  const { partition } = kernel
  const f = m.func(kernel.name, partition ? { params: PART.params, export: true } : {})
  const axes = new Map<Axis, number>()
  const locals = new Map<Local, number>()
  const temporaries = new Map<ValType, Pool>()
  const signed = new Set<Local>()
  const writer: Writer = {
    f,
    addressOf: context.addressOf,
    memoryBytes: context.memoryBytes,
    partition,
    panel: partition && PART.panel,
    signed,
    isSigned: (pointer) => signed.has(pointer),
    axis: (axis) => indexIn(axes, axis, () => f.local('i32')),
    local: (local) => indexIn(locals, local, () => f.local(valType(local.dtype, local.lanes))),
    temporary: (type) => {
      const pool = temporaries.get(type) ?? { indices: [], next: 0 }
      temporaries.set(type, pool)
      return (pool.indices[pool.next++] ??= f.local(type))
    },
    beginStatement: () => temporaries.forEach((pool) => (pool.next = 0)),
    imported: (name) => {
      const index = context.imports.get(name)
      if (index === undefined) throw new Error(`${name} is not among the imports`)
      return index
    },
  }
  for (const s of kernel.body) emitStmt(s, writer)
  f.end()
  return f.index
}

/** Temporaries live within a statement; the next one takes the same again. */
interface Pool {
  readonly indices: number[]
  next: number
}

function indexIn<K>(known: Map<K, number>, key: K, make: () => number): number {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}

function emitStmt(s: Stmt, writer: Writer): void {
  const { f } = writer
  writer.beginStatement()
  switch (s.kind) {
    case 'for':
      return emitLoop(s, writer)
    case 'if':
      pushScalar(s.condition, writer)
      f.op('if')
      for (const inner of s.body) emitStmt(inner, writer)
      f.op('end')
      return
    case 'let':
    case 'var':
    case 'set':
      pushScalar(s.value, writer)
      f.op('local.set', writer.local(s.local))
      return
    case 'store':
      return emitStore(s, writer)
    case 'note':
      return
  }
}

function emitStore({ to, at, value, lanes, live = lanes }: Store, writer: Writer): void {
  const { f } = writer
  const { dtype } = to.buffer
  const place = pushAddress(to, at, writer)
  pushScalar(value, writer)
  if (lanes === 1) return void f.op(STORE[dtype], place)
  if (bytesOf(dtype) === 1) {
    if (dtype === 'bool') f.op('i32x4.neg')
    const vector = writer.temporary('v128')
    f.op('local.tee', vector).op('local.get', vector).op('i16x8.narrow_i32x4_u')
    f.op('local.tee', vector).op('local.get', vector).op('i8x16.narrow_i16x8_u')
    f.op('v128.store32_lane', place, 0)
  } else if (live === lanes) f.op('v128.store', place)
  else if (bytesOf(dtype) === 8 || live === 2) f.op('v128.store64_lane', place, 0)
  else if (live === 1) f.op('v128.store32_lane', place, 0)
  else {
    const vector = writer.temporary('v128')
    f.op('local.tee', vector).op('v128.store64_lane', place, 0)
    const rest = pushAddress(to, at, writer)
    f.op('local.get', vector).op('v128.store32_lane', { ...rest, offset: rest.offset + 8 }, 2)
  }
}

const STORE = {
  float32: 'f32.store',
  float64: 'f64.store',
  int32: 'i32.store',
  uint8: 'i32.store8',
  bool: 'i32.store8',
} as const satisfies Record<DType, string>

/** The condition stands at the end, one jump a turn; bounds are constants, so it is known whether there is a first turn. */
function emitLoop(s: Loop, writer: Writer): void {
  const { axis, from, to, step, inductions, body } = s
  if (from >= to) return
  const { f, partition } = writer
  const isMain = partition?.axis === axis && partition.from === from && partition.to === to && partition.step === step
  if (isMain) f.op('local.get', PART.from).op('local.get', PART.to).op('i32.lt_s').op('if')
  // What is left over belongs to the last part.
  const isRest = !isMain && partition?.axis === axis
  if (isRest) f.op('local.get', PART.to).op('i32.const', partition.to).op('i32.eq').op('if')
  const counter = writer.axis(axis)
  if (isMain) f.op('local.get', PART.from)
  else f.op('i32.const', from)
  f.op('local.set', counter)
  for (const { local, of, from: start, step: by } of inductions) {
    const bytes = bytesOf(of.buffer.dtype)
    if (by < 0 || start.base < 0 || isNegative(start.terms)) writer.signed.add(local)
    pushSum(start.base * bytes, start.terms, bytes, writer)
    if (of.buffer.region === 'panel') addPanel(writer)
    f.op('local.set', writer.local(local))
  }
  const isOnce = from + step >= to && !isMain
  if (!isOnce) f.op('loop')
  for (const inner of body) emitStmt(inner, writer)
  if (!isOnce) emitTurn(s, writer, isMain)
  if (isMain || isRest) f.op('end')
}

/** The end of a turn: pointers and counter move on, and back to the beginning. */
function emitTurn({ axis, to, step, inductions }: Loop, writer: Writer, isMain: boolean): void {
  const { f } = writer
  const counter = writer.axis(axis)
  for (const { local, of, step: by } of inductions) {
    const pointer = writer.local(local)
    f.op('local.get', pointer)
      .op('i32.const', by * bytesOf(of.buffer.dtype))
      .op('i32.add')
      .op('local.set', pointer)
  }
  f.op('local.get', counter).op('i32.const', step).op('i32.add').op('local.tee', counter)
  if (isMain) f.op('local.get', PART.to)
  else f.op('i32.const', to)
  f.op('i32.lt_s').op('br_if', 0).op('end')
}
