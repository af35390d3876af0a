import type { Axis } from '../../ir/affine'
import type { Kernel, Local, Partition, Stmt } from '../../ir/loop'
import type { Buffer } from '../../ir/plan'
import { bytesOf, type DType } from '../../ir/type'
import { type FunctionScope, pushAddress } from './address'
import type { FuncBuilder, ModuleWriter } from './builder'
import { pushElement, pushScalar } from './expression'
import { emitLoop, PART } from './loop'
import type { ValType } from './opcodes'
import { valType } from './operations'

/** What the kernels of a module share. */
export interface KernelContext {
  readonly addressOf: (buffer: Buffer) => number
  /** What holds the place of a loop around kernels. */
  readonly cellOf: (time: Axis) => Buffer
  /** Bytes of memory that exist whenever a kernel runs. */
  readonly memoryBytes: number
  /** Products may be added without being rounded first. */
  readonly isRelaxed: boolean
  /** Indices of imported functions by the scalar function they stand for. */
  readonly imports: ReadonlyMap<string, number>
}

type Store = Extract<Stmt, { kind: 'store' }>

/** The part of a scope that statements change. */
export interface Writer extends FunctionScope {
  readonly partition: Partition | undefined
  /** Pointers that may lie before their buffer. */
  readonly signed: Set<Local>
  /** The temporaries of the statement before are free again. */
  beginStatement(): void
}

/**
 * Adds a kernel to a module as a function, and returns its index. It takes no arguments; or where its buffers lie, if it is
 * shared; or those of `PART`, if it is to be divided.
 */
export function emitKernel(kernel: Kernel, context: KernelContext, m: ModuleWriter): number {
  const { partition, calls, isShared = false, doc } = kernel
  const bases = new Map(isShared ? kernel.params.map((p, i) => [p.buffer, i] as const) : [])
  const f = m.func(kernel.name, {
    doc,
    ...(partition
      ? { params: PART.params, paramNames: PART.paramNames, export: true }
      : calls
        ? { params: PART.params.slice(0, 2), paramNames: PART.paramNames.slice(0, 2) }
        : { params: [...bases].map(() => 'i32'), paramNames: [...bases.keys()] }),
  })
  const axes = new Map<Axis, number>()
  const locals = new Map<Local, number>()
  const temporaries = new Map<ValType, Pool>()
  const signed = new Set<Local>()
  const writer: Writer = {
    f,
    addressOf: context.addressOf,
    base: (buffer) => bases.get(buffer),
    memoryBytes: context.memoryBytes,
    isRelaxed: context.isRelaxed,
    partition: partition ?? calls,
    panel: partition && PART.panel,
    signed,
    isSigned: (pointer) => signed.has(pointer),
    axis: (axis) => indexIn(axes, axis, () => f.local('i32', axis)),
    local: (local) => indexIn(locals, local, () => localOf(local, f)),
    temporary: (type) => {
      const pool = temporaries.get(type) ?? { indices: [], next: 0 }
      temporaries.set(type, pool)
      return (pool.indices[pool.next++] ??= f.local(type))
    },
    push: (s) => void pushScalar(s, writer),
    beginStatement: () => temporaries.forEach((pool) => (pool.next = 0)),
    imported: (name) => {
      const index = context.imports.get(name)
      if (index === undefined) throw new Error(`${name} is not among the imports`)
      return index
    },
  }
  for (const time of kernel.times ?? []) {
    const cell = context.cellOf(time)
    f.op('i32.const', context.addressOf(cell), cell).op('i32.load', {}).op('local.set', writer.axis(time))
  }
  for (const s of kernel.body) {
    const isOnce = calls?.once.has(s)
    if (isOnce) f.op('local.get', PART.from).op('i32.const', calls!.from).op('i32.eq').op('if')
    emitStmt(s, writer)
    if (isOnce) f.op('end')
  }
  f.end()
  return f.index
}

/** Temporaries live within a statement; the next one takes the same again. */
interface Pool {
  readonly indices: number[]
  next: number
}

const localOf = ({ hint, dtype, lanes }: Local, f: FuncBuilder): number =>
  f.local(valType(dtype, lanes), { name: hint })

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
      return emitLoop(s, writer, (inner) => emitStmt(inner, writer))
    case 'if':
      pushScalar(s.condition, writer)
      f.op('if')
      for (const inner of s.body) emitStmt(inner, writer)
      f.op('end')
      return
    case 'while':
      f.op('loop')
      pushScalar(s.condition, writer)
      f.op('if')
      for (const inner of s.body) emitStmt(inner, writer)
      f.op('br', 1).op('end').op('end')
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
      return f.note(s.text)
  }
}

function emitStore({ to, at, value, lanes, live = lanes }: Store, writer: Writer): void {
  const { f } = writer
  const { dtype } = to.buffer
  const place = pushAddress(to, at, writer)
  // The unit for floats would hold what is only copied in its queue until the load has come.
  if (dtype === 'float32' && lanes === 1 && value.kind === 'element' && value.dtype === dtype) {
    pushElement({ ...value, dtype: 'int32' }, writer)
    return void f.op('i32.store', place)
  }
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
    f.op('local.get', vector).op(
      'v128.store32_lane',
      { ...rest, offset: rest.offset + 8, element: rest.element + 2 },
      2,
    )
  }
}

const STORE = {
  float32: 'f32.store',
  float64: 'f64.store',
  int32: 'i32.store',
  uint8: 'i32.store8',
  bool: 'i32.store8',
} as const satisfies Record<DType, string>
