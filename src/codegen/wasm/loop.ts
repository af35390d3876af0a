import type { Axis } from '../../ir/affine'
import type { Induction, Stmt } from '../../ir/loop'
import { type Scalar, walk } from '../../ir/scalar'
import { bytesOf } from '../../ir/type'
import { addPanel, isNegative, pushSum } from './address'
import type { Writer } from './emit'

type Loop = Extract<Stmt, { kind: 'for' }>

/** Parameters of a kernel of which threads do parts: where its part begins and ends, and how far on its panel lies. */
export const PART = {
  params: ['i32', 'i32', 'i32'],
  paramNames: ['from', 'to', 'panel'],
  from: 0,
  to: 1,
  panel: 2,
} as const

/** What tells whether there is another turn: the axis, up to a bound or to the end of a part; turns left; or a pointer. */
type Count =
  | { readonly kind: 'up' }
  | { readonly kind: 'part' }
  | { readonly kind: 'down'; readonly turns: number }
  | { readonly kind: 'pointer'; readonly by: Induction; readonly end: () => void }

/** The condition stands at the end, one jump a turn; bounds are constants, so it is known whether there is a first turn. */
export function emitLoop(s: Loop, writer: Writer, emit: (inner: Stmt) => void): void {
  const { axis, from, to, step, inductions, body } = s
  if (from >= to) return
  const { f, partition } = writer
  const isMain = partition?.axis === axis && partition.from === from && partition.to === to && partition.step === step
  if (isMain) f.op('local.get', PART.from).op('local.get', PART.to).op('i32.lt_s').op('if')
  // What is left over belongs to the last part.
  const isRest = !isMain && partition?.axis === axis
  if (isRest) f.op('local.get', PART.to).op('i32.const', partition.to).op('i32.eq').op('if')
  for (const induction of inductions) startPointer(induction, writer)
  const isOnce = from + step >= to && !isMain
  const count: Count = isMain
    ? { kind: 'part' }
    : isOnce || mentions(body, axis)
      ? { kind: 'up' }
      : unmentioned(s, writer)
  if (count.kind !== 'pointer') {
    if (count.kind === 'part') f.op('local.get', PART.from)
    else f.op('i32.const', count.kind === 'down' ? count.turns : from)
    f.op('local.set', writer.axis(axis))
  }
  if (!isOnce) f.op('loop', undefined, isMain ? { axis, from: '$from', to: '$to', step } : s)
  for (const inner of body) emit(inner)
  if (!isOnce) emitTurn(s, writer, count)
  if (isMain || isRest) f.op('end')
}

function startPointer({ local, of, from, step }: Induction, writer: Writer): void {
  const bytes = bytesOf(of.buffer.dtype)
  if (step < 0 || from.base < 0 || isNegative(from.terms)) writer.signed.add(local)
  pushSum(from.base * bytes, from.terms, bytes, writer)
  if (of.buffer.region === 'panel') addPanel(writer)
  writer.f.op('local.set', writer.local(local))
}

/**
 * Where nobody asks for the axis, a pointer that moves along tells the end, if possible one that always starts at the same
 * address; without one, turns are counted down to zero. Either saves an instruction in the shortest of loops.
 */
function unmentioned({ from, to, step, inductions }: Loop, writer: Writer): Count {
  const { f } = writer
  const turns = Math.ceil((to - from) / step)
  const isFixed = ({ from: { terms }, of }: Induction): boolean =>
    terms.size === 0 && (of.buffer.region !== 'panel' || writer.panel === undefined)
  const by = inductions.find(isFixed) ?? inductions[0]
  if (!by) return { kind: 'down', turns }
  const bytes = bytesOf(by.of.buffer.dtype)
  const way = turns * by.step * bytes
  if (isFixed(by)) {
    const end = by.from.base * bytes + way
    return { kind: 'pointer', by, end: () => f.op('i32.const', end) }
  }
  const end = f.local('i32', { name: 'end' })
  f.op('local.get', writer.local(by.local)).op('i32.const', way).op('i32.add').op('local.set', end)
  return { kind: 'pointer', by, end: () => f.op('local.get', end) }
}

/** The end of a turn: pointers and counter move on, and back to the beginning. */
function emitTurn({ axis, to, step, inductions }: Loop, writer: Writer, count: Count): void {
  const { f } = writer
  const advance = (local: number, by: number) => f.op('local.get', local).op('i32.const', by).op('i32.add')
  const stepOf = ({ of, step: by }: Induction): number => by * bytesOf(of.buffer.dtype)
  const last = count.kind === 'pointer' ? count.by : undefined
  for (const induction of inductions) {
    const pointer = writer.local(induction.local)
    if (induction !== last) advance(pointer, stepOf(induction)).op('local.set', pointer)
  }
  if (count.kind === 'pointer') {
    const pointer = writer.local(count.by.local)
    advance(pointer, stepOf(count.by)).op('local.tee', pointer)
    count.end()
    f.op('i32.ne')
  } else {
    const counter = writer.axis(axis)
    advance(counter, count.kind === 'down' ? -1 : step).op('local.tee', counter)
    if (count.kind === 'part') f.op('local.get', PART.to).op('i32.lt_s')
    else if (count.kind === 'up') f.op('i32.const', to).op('i32.lt_s')
  }
  f.op('br_if', 0).op('end')
}

/** Whether a body without loops needs to know where an axis is; any other is taken to. */
function mentions(body: readonly Stmt[], axis: Axis): boolean {
  const inScalar = (s: Scalar): boolean =>
    s.kind === 'axis' ? s.axis === axis : s.kind === 'element' && s.at.index.terms.has(axis)
  return body.some((s) => {
    if ('body' in s) return true
    if (s.kind === 'note') return false
    if (s.kind !== 'store') return walk([s.value]).some(inScalar)
    const { index, offset } = s.at
    return index.terms.has(axis) || walk(offset ? [s.value, offset] : [s.value]).some(inScalar)
  })
}
