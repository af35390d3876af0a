import { type Axis, coefficient } from '../ir/affine'
import type { Local, Param, Stmt } from '../ir/loop'
import { call, type Position, type Scalar, walk } from '../ir/scalar'
import { type FlatKernel, localValue } from './flat'
import { loop, type Span } from './loops'
import type { Hints } from './hints'
import { plainNest } from './nest'

/**
 * Turns the body of a loop over an axis into one that works on `lanes` neighbouring points. What differs between them
 * becomes a vector: loads side by side, and every local defined inside. What they share stays a scalar and is spread over
 * the lanes where it meets a vector. Throws where neighbouring points do not lie side by side.
 */
export function vectorize(body: readonly Stmt[], axis: Axis, lanes: 4): Stmt[] {
  const locals = new Map<Local, Local>()
  const vectors = new Set<Scalar>()
  const memo = new Map<Scalar, Scalar>()
  // How far a pointer moves with the axis: by where it starts, as no loop inside moves it along this axis.
  const pointers = new Map<Local, number>()
  const stepOf = ({ index, pointer }: Position): number =>
    coefficient(index, axis) + (pointer ? (pointers.get(pointer) ?? 0) : 0)
  const fail = (reason: string): never => {
    throw new Error(`axis ${axis.name} cannot be taken in vectors: ${reason}`)
  }

  const vectorOf = (s: Scalar): Scalar | undefined => {
    switch (s.kind) {
      case 'local': {
        const local = locals.get(s.local)
        return local && localValue(local)
      }
      case 'element':
        return stepOf(s.at) === 0 ? undefined : { ...s, lanes }
      case 'call': {
        const args = s.args.map((a) => memo.get(a)!)
        return args.some((a) => vectors.has(a)) ? { ...s, args: args.map(spread) } : undefined
      }
      default:
        return undefined
    }
  }
  const convert = (root: Scalar): Scalar => {
    for (const s of walk([root])) {
      if (memo.has(s)) continue
      const vector = vectorOf(s)
      const reason = obstacle(s, axis, vector !== undefined, stepOf)
      if (reason !== undefined) fail(reason)
      if (vector) vectors.add(vector)
      memo.set(s, vector ?? s)
    }
    return memo.get(root)!
  }
  const spread = (s: Scalar): Scalar => (vectors.has(s) ? s : call('splat', s))

  const define = (s: Extract<Stmt, { kind: 'let' | 'var' }>): Stmt => {
    const value = convert(s.value)
    // Other types have no vectors here, but a hyper-parameter is spread once it has become a float32.
    if (!inVectors(s.local)) return vectors.has(value) ? fail(`${s.local.hint} is ${s.local.dtype}`) : s
    const local: Local = { ...s.local, lanes }
    locals.set(s.local, local)
    return { ...s, local, value: spread(value) }
  }
  const statement = (s: Stmt): Stmt => {
    switch (s.kind) {
      case 'for':
        for (const p of s.inductions) pointers.set(p.local, coefficient(p.from, axis))
        return { ...s, body: s.body.map(statement) }
      case 'if':
        if (vectors.has(convert(s.condition))) fail('a condition differs between its points')
        return { ...s, body: s.body.map(statement) }
      case 'let':
      case 'var':
        return define(s)
      case 'set': {
        const value = convert(s.value)
        const local = locals.get(s.local)
        if (local) return { ...s, local, value: spread(value) }
        return vectors.has(value) ? fail(`its points share ${s.local.hint}`) : s
      }
      case 'store': {
        const reason = gapIn(s.to, stepOf(s.at))
        if (reason !== undefined) fail(reason)
        return { ...s, value: spread(convert(s.value)), lanes }
      }
      case 'note':
        return s
    }
  }
  return body.map(statement)
}

const inVectors = ({ dtype }: Pick<Local, 'dtype'>): boolean => dtype === 'float32' || dtype === 'bool'

/** Why a scalar has no vector over an axis; `varies` where its value differs between neighbouring points. */
function obstacle(s: Scalar, axis: Axis, varies: boolean, stepOf: (at: Position) => number): string | undefined {
  switch (s.kind) {
    case 'axis':
      return s.axis === axis ? 'the axis itself is a value' : undefined
    case 'element': {
      const step = stepOf(s.at)
      return step === 0 ? undefined : gapIn(s.from, step)
    }
    case 'call':
      return varies && !inVectors(s) ? `${s.fn} gives ${s.dtype}` : undefined
    default:
      return undefined
  }
}

/** Why neighbours in a buffer are not a vector. */
const gapIn = ({ buffer: { name, dtype } }: Param, step: number): string | undefined =>
  step !== 1 ? `neighbours in ${name} lie ${step} apart` : dtype !== 'float32' ? `${name} is ${dtype}` : undefined

/** Whether neighbouring points of an axis can be computed in vectors. */
export function suitsVectors({ accumulators, stores }: FlatKernel, axis: Axis): boolean {
  const stepOf = (at: Position): number => coefficient(at.index, axis)
  const varying = new Set<Scalar>()
  for (const s of walk([...accumulators.map((a) => a.body), ...stores.map((store) => store.value)])) {
    const varies =
      s.kind === 'acc' ||
      (s.kind === 'element' && stepOf(s.at) !== 0) ||
      (s.kind === 'call' && s.args.some((a) => varying.has(a)))
    if (varies) varying.add(s)
    // Also where all points share it: its operands may have been spread over the lanes by then.
    if (s.kind === 'call' && !inVectors(s) && s.args.some(inVectors)) return false
    if (obstacle(s, axis, varies, stepOf) !== undefined) return false
  }
  return (
    accumulators.every((a) => a.combine !== 'arg' && inVectors(a)) &&
    stores.every((s) => gapIn(s.to, coefficient(s.at, axis)) === undefined)
  )
}

/** A loop in vectors of 4 whose body is that of one point; `span` counts points. */
export const vectorLoop = (axis: Axis, body: readonly Stmt[], { from, to, step }: Span): Stmt => ({
  kind: 'for',
  axis,
  from,
  to,
  step,
  loop: 'vector',
  inductions: [],
  body: vectorize(body, axis, 4),
})

/**
 * The loops of a pointwise kernel with the innermost one in vectors and its rest in scalars; scalars only where neighbours
 * do not lie side by side. Merge the axes first: a vector does not reach from one row into the next.
 */
export function vectorNest(kernel: FlatKernel, hints: Hints): Stmt[] {
  const scalar = plainNest(kernel, hints, new Set())
  const axis = kernel.axes.at(-1)
  if (!axis || !suitsVectors(kernel, axis)) return scalar
  const inside = (s: Stmt): Stmt[] => {
    if (s.kind !== 'for') return [s]
    if (s.axis !== axis) return [{ ...s, body: s.body.flatMap(inside) }]
    const main = axis.extent - (axis.extent % 4)
    return [
      ...(main > 0 ? [vectorLoop(axis, s.body, { from: 0, to: main, step: 4 })] : []),
      ...(main < axis.extent ? [loop(axis, s.body, { from: main, to: axis.extent, step: 1 })] : []),
    ]
  }
  return scalar.flatMap(inside)
}
