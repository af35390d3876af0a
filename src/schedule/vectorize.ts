import { type Axis, coefficient } from '../ir/affine'
import type { Local, Param, Stmt } from '../ir/loop'
import { call, type Position, type Scalar, walk } from '../ir/scalar'
import type { DType } from '../ir/type'
import { type FlatKernel, localValue, makeLocal } from './flat'

/** Points in a vector of 16 bytes. */
export type VectorLanes = 2 | 4

/** The body of a loop in vectors, and what has to stand before the loop. */
export interface Vectorizer {
  /**
   * Statements of one point as statements of neighbouring points; `live` where fewer of them exist. Locals keep their
   * vectors from one call to the next.
   */
  body(statements: readonly Stmt[], live?: number): Stmt[]
  /** Takes the values that all points share, spread over the lanes, for the place before the loop. */
  takeHoisted(): Stmt[]
  /** The vector that has taken the place of a local. */
  vectorOf(local: Local): Local | undefined
}

/**
 * Turns the body of a loop over an axis into one that works on `lanes` neighbouring points. What differs between them
 * becomes a vector: loads side by side, and every local that depends on one. What they share stays a scalar and is spread
 * over the lanes where it meets a vector. Throws where neighbouring points do not lie side by side.
 */
export function vectorizer(axis: Axis, lanes: VectorLanes): Vectorizer {
  const locals = new Map<Local, Local>()
  const inside = new Set<Local>()
  const vectors = new Set<Scalar>()
  const memo = new Map<Scalar, Scalar>()
  const spreads = new Map<Local, Scalar>()
  const hoisted: Stmt[] = []
  // Locals that positions are computed from stay scalars.
  const positions = new Set<Local>()
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
      case 'axis':
        return s.axis === axis ? call('ramp', s) : undefined
      case 'element':
        if (s.at.offset && vectors.has(memo.get(s.at.offset)!))
          return fail(`points of ${s.from.buffer.name} lie anywhere`)
        return s.lanes > 1 ? s : stepOf(s.at) === 0 ? undefined : { ...s, lanes }
      case 'call': {
        const args = s.args.map((a) => memo.get(a)!)
        return args.some((a) => vectors.has(a)) ? { ...s, args: args.map(spread) } : undefined
      }
      default:
        return undefined
    }
  }
  const convert = (root: Scalar): Scalar => {
    const order = walk([root], memo)
    for (let i = 0; i < order.length; i++) {
      const s = order[i]!
      const vector = vectorOf(s)
      if (vector) {
        const reason = obstacle(s, lanes, stepOf)
        if (reason !== undefined) fail(reason)
        vectors.add(vector)
      }
      memo.set(s, vector ?? s)
    }
    return memo.get(root)!
  }
  const spread = (s: Scalar): Scalar => {
    if (vectors.has(s)) return s
    if (s.kind !== 'local' || inside.has(s.local)) return call('splat', s)
    const known = spreads.get(s.local)
    if (known) return known
    const local: Local = { ...makeLocal(`${s.local.hint}s`, s.dtype), lanes }
    hoisted.push({ kind: 'let', local, value: call('splat', s) })
    const value = localValue(local)
    vectors.add(value)
    spreads.set(s.local, value)
    return value
  }

  const define = (s: Extract<Stmt, { kind: 'let' | 'var' }>): Stmt => {
    const value = convert(s.value)
    inside.add(s.local)
    // An operand that all lanes share is loaded into all of them at once; what is computed from others stays a scalar.
    const isScalar = s.kind === 'let' && !vectors.has(value)
    if (isScalar && (positions.has(s.local) || !(value.kind === 'element' && isInVectors(value.dtype, lanes))))
      return { ...s, value }
    if (!isInVectors(s.local.dtype, lanes)) return fail(`${s.local.hint} is ${s.local.dtype}`)
    const local: Local = { ...s.local, lanes }
    locals.set(s.local, local)
    return { ...s, local, value: spread(value) }
  }
  const statement = (s: Stmt, live: number): Stmt => {
    switch (s.kind) {
      case 'for':
        for (const p of s.inductions) {
          pointers.set(p.local, coefficient(p.from, axis))
          inside.add(p.local)
        }
        return { ...s, body: s.body.map((b) => statement(b, live)) }
      case 'if':
        if (vectors.has(convert(s.condition))) fail('a condition differs between its points')
        return { ...s, body: s.body.map((b) => statement(b, live)) }
      case 'while':
        return fail('it takes turns until something happens')
      case 'let':
      case 'var':
        return define(s)
      case 'set': {
        const value = convert(s.value)
        const local = locals.get(s.local)
        if (local) return { ...s, local, value: spread(value) }
        return vectors.has(value) ? fail(`its points share ${s.local.hint}`) : { ...s, value }
      }
      case 'store': {
        const step = stepOf(s.at)
        if (step !== 1) fail(gapIn(s.to, step))
        if (s.at.offset && vectors.has(convert(s.at.offset))) fail(`points of ${s.to.buffer.name} lie anywhere`)
        if (!isInVectors(s.to.buffer.dtype, lanes)) fail(`${s.to.buffer.name} is ${s.to.buffer.dtype}`)
        return { ...s, value: spread(convert(s.value)), lanes, ...(live < lanes ? { live } : {}) }
      }
      case 'note':
        return s
    }
  }
  return {
    body(statements, live = lanes) {
      // Written once more, the same locals are other vectors.
      memo.clear()
      collectPositions(statements, positions)
      return statements.map((s) => statement(s, live))
    },
    takeHoisted: () => hoisted.splice(0),
    vectorOf: (local) => locals.get(local),
  }
}

/** The locals that offsets are computed from, by way of others too. */
function collectPositions(statements: readonly Stmt[], into: Set<Local>): void {
  const values = new Map<Local, Scalar>()
  const offsets: Scalar[] = []
  const visit = (s: Stmt): void => {
    if ('body' in s) s.body.forEach(visit)
    if (s.kind === 'let') values.set(s.local, s.value)
    if (s.kind === 'store' && s.at.offset) offsets.push(s.at.offset)
    if ('value' in s)
      for (const part of walk([s.value])) if (part.kind === 'element' && part.at.offset) offsets.push(part.at.offset)
  }
  statements.forEach(visit)
  const found = [...into]
  for (const root of offsets) for (const part of walk([root])) if (part.kind === 'local') found.push(part.local)
  for (const local of found) {
    into.add(local)
    const value = values.get(local)
    values.delete(local)
    if (value) for (const part of walk([value])) if (part.kind === 'local') found.push(part.local)
  }
}

/** Float64 fills a vector with two points, everything else with four. */
const isInVectors = (dtype: DType, lanes: VectorLanes): boolean =>
  lanes === 4 ? dtype !== 'float64' : dtype === 'float64' || dtype === 'bool'

/** Why a scalar that varies over an axis has no vector. */
function obstacle(s: Scalar, lanes: VectorLanes, stepOf: (at: Position) => number): string | undefined {
  if (!isInVectors(s.dtype, lanes)) return `a ${s.kind} is ${s.dtype}`
  if (s.kind !== 'element' || s.lanes > 1) return undefined
  const step = stepOf(s.at)
  if (step !== 1) return gapIn(s.from, step)
  return lanes === 2 && s.dtype === 'bool' ? `${s.from.buffer.name} is bool beside float64` : undefined
}

/** Why neighbours in a buffer are not a vector. */
const gapIn = ({ buffer: { name } }: Param, step: number): string => `neighbours in ${name} lie ${step} apart`

/** How many neighbouring points of an axis can be computed in a vector, if any can. */
export function vectorLanes(
  { accumulators, stores }: Pick<FlatKernel, 'accumulators' | 'stores'>,
  axis: Axis,
): VectorLanes | undefined {
  const stepOf = (at: Position): number => coefficient(at.index, axis)
  const varying = new Set<Scalar>()
  const all = walk([...accumulators.map((a) => a.body), ...stores.map((store) => store.value)])
  for (const s of all) {
    const varies =
      s.kind === 'acc' ||
      (s.kind === 'axis' && s.axis === axis) ||
      (s.kind === 'element' && (stepOf(s.at) !== 0 || (s.at.offset !== undefined && varying.has(s.at.offset)))) ||
      (s.kind === 'call' && s.args.some((a) => varying.has(a)))
    if (varies) varying.add(s)
  }
  const dtypes = [...varying, ...accumulators].map((s) => s.dtype).concat(stores.map((s) => s.to.buffer.dtype))
  const lanes: VectorLanes = dtypes.includes('float64') ? 2 : 4
  if (!dtypes.every((dtype) => isInVectors(dtype, lanes))) return undefined
  // What all points share is loaded into all lanes: then it is too late to convert it.
  const isLate = (s: Scalar): boolean =>
    s.kind === 'call' &&
    !isInVectors(s.dtype, lanes) &&
    s.args.some((a) => a.kind === 'element' && isInVectors(a.dtype, lanes))
  if (all.some(isLate)) return undefined
  const isGathered = (s: Scalar): boolean => s.kind === 'element' && !!s.at.offset && varying.has(s.at.offset)
  const suits =
    ![...varying].some(isGathered) &&
    [...varying].every((s) => s.kind === 'acc' || obstacle(s, lanes, stepOf) === undefined) &&
    accumulators.every((a) => a.combine !== 'arg') &&
    stores.every(({ to, at }) => coefficient(at, axis) === 1 && (lanes === 4 || to.buffer.dtype === 'float64'))
  return suits ? lanes : undefined
}
