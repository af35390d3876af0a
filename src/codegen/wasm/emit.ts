import type { Axis } from '../../ir/affine'
import type { Kernel, Local, Stmt } from '../../ir/loop'
import type { Buffer } from '../../ir/plan'
import { bytesOf } from '../../ir/type'
import { type MemoryOptions, type ModuleBuilder, moduleBuilder } from './assembler'
import {
  type FunctionScope,
  isNegative,
  pushAddress,
  pushScalar,
  pushSum,
  refuse,
  TargetError,
  valType,
} from './expression'

/**
 * A module with an exported function for each kernel. It takes no arguments: buffers lie at fixed byte addresses of the
 * memory that is imported as `env.memory`. Throws a TargetError where a kernel needs what this target cannot do yet.
 */
export function emitKernels(
  kernels: readonly Kernel[],
  addressOf: (buffer: Buffer) => number,
  memory: Omit<MemoryOptions, 'import'>,
): Uint8Array<ArrayBuffer> {
  const m = moduleBuilder({ memory: { import: ['env', 'memory'], ...memory }, names: true })
  for (const kernel of kernels) emitKernel(kernel, addressOf, m)
  return m.bytes()
}

type Loop = Extract<Stmt, { kind: 'for' }>

/** The part of a scope that statements change. */
interface Writer extends FunctionScope {
  /** Pointers that may lie before their buffer. */
  readonly signed: Set<Local>
}

function emitKernel(kernel: Kernel, addressOf: (buffer: Buffer) => number, m: ModuleBuilder): void {
  const f = m.func(kernel.name, { export: true })
  const axes = new Map<Axis, number>()
  const locals = new Map<Local, number>()
  const signed = new Set<Local>()
  const writer: Writer = {
    f,
    addressOf,
    signed,
    isSigned: (pointer) => signed.has(pointer),
    axis: (axis) => indexIn(axes, axis, () => f.local('i32')),
    local: (local) => indexIn(locals, local, () => f.local(valType(local.dtype, local.lanes))),
  }
  try {
    for (const s of kernel.body) emitStmt(s, writer)
  } catch (error) {
    if (error instanceof TargetError) throw new TargetError(`kernel ${kernel.name}: ${error.message}`)
    throw error
  }
  f.end()
}

function indexIn<K>(known: Map<K, number>, key: K, make: () => number): number {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}

function emitStmt(s: Stmt, writer: Writer): void {
  const { f } = writer
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
    case 'store': {
      const { dtype } = s.to.buffer
      const place = pushAddress(s.to, s.at, writer)
      pushScalar(s.value, writer)
      if (s.lanes > 1) f.op('v128.store', place)
      else if (dtype === 'float32') f.op('f32.store', place)
      else if (dtype === 'bool') f.op('i32.store8', place)
      else refuse(`a result of ${dtype}`)
      return
    }
    case 'note':
      return
  }
}

/** The condition stands at the end, one jump a turn; bounds are constants, so it is known whether there is a first turn. */
function emitLoop({ axis, from, to, step, inductions, body }: Loop, writer: Writer): void {
  if (from >= to) return
  const { f } = writer
  const counter = writer.axis(axis)
  f.op('i32.const', from).op('local.set', counter)
  for (const { local, of, from: start, step: by } of inductions) {
    const bytes = bytesOf(of.buffer.dtype)
    if (by < 0 || start.base < 0 || isNegative(start.terms)) writer.signed.add(local)
    pushSum(start.base * bytes, start.terms, bytes, writer)
    f.op('local.set', writer.local(local))
  }
  f.op('loop')
  for (const s of body) emitStmt(s, writer)
  for (const { local, of, step: by } of inductions) {
    const pointer = writer.local(local)
    f.op('local.get', pointer)
      .op('i32.const', by * bytesOf(of.buffer.dtype))
      .op('i32.add')
      .op('local.set', pointer)
  }
  f.op('local.get', counter).op('i32.const', step).op('i32.add').op('local.tee', counter)
  f.op('i32.const', to).op('i32.lt_s').op('br_if', 0).op('end')
}
