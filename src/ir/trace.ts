import { GraphError } from './errors'
import type { Tensor } from './tensor'
import { checkPositions, MOST_AXES } from './type'
import type { Update, Variable } from './variable'

/** The tracing of one entry for one binding of its named dimensions. */
export interface Trace {
  readonly entry: string
  readonly bindings: ReadonlyMap<string, number>
  /** Variables made inside traces of this program, by name: every later trace gets the same objects. */
  readonly variables: Map<string, Variable>
  /** Names made in this very trace, to tell a second trace from a duplicate. */
  readonly made: Set<string>
  /** How many random tensors were made so far in this very trace, by stream. */
  readonly draws: Map<string, number>
  /** Updates that belong to results built so far: an entry that uses such a result must make them. */
  readonly owed: Owed[]
  /** The place of each scan whose step is being built, outermost first. */
  readonly turns: Tensor[]
}

/** A result that is right only if the entry makes some updates, such as those of running statistics. */
export interface Owed {
  readonly op: string
  readonly output: Tensor
  readonly updates: readonly Update[]
}

// Ambient while the body of an entry runs: the body is plain code and has no other way to know its binding.
let current: Trace | undefined
export const currentTrace = (): Trace | undefined => current

export function withTrace<T>(trace: Trace, body: () => T): T {
  if (current) throw new GraphError(`entry "${trace.entry}" is traced inside entry "${current.entry}"`)
  current = trace
  try {
    return body()
  } finally {
    current = undefined
  }
}

/** What is made inside belongs to no entry: a variable that several programs may use. */
export function withoutTrace<T>(body: () => T): T {
  const outer = current
  current = undefined
  try {
    return body()
  } finally {
    current = outer
  }
}

/** Builds the step of a scan: what is drawn at random there depends on the turn. */
export function withTurn<T>(turn: Tensor, body: () => T): T {
  current?.turns.push(turn)
  try {
    return body()
  } finally {
    current?.turns.pop()
  }
}

/** Numbers for dimensions that may be names; a name must be bound by the inputs of the entry being traced. */
export function resolveDims(op: string, dims: readonly (number | string)[]): number[] {
  requireDims(op, dims)
  return dims.map((dim) => {
    if (typeof dim === 'number') return dim
    const bound = current?.bindings.get(dim)
    if (bound !== undefined) return bound
    const known = current ? [...current.bindings.keys()] : []
    throw new GraphError(
      `${op}: "${dim}" is not a dimension of this entry's inputs` +
        (current ? ` (they are: ${known.join(', ') || 'none'})` : '; named dimensions exist only inside an entry'),
    )
  })
}

/** Extents and names of dimensions, in an array as long as a shape can be. */
export function requireDims(op: string, dims: unknown): asserts dims is readonly (number | string)[] {
  if (Array.isArray(dims) && dims.length <= MOST_AXES) return
  const kind = ArrayBuffer.isView(dims) ? `is a ${dims.constructor.name}` : `is ${dims === null ? 'null' : typeof dims}`
  const found = Array.isArray(dims) ? `has ${dims.length} axes` : kind
  throw new GraphError(`${op}: the shape must be an array of at most ${MOST_AXES} extents, it ${found}`)
}

/** Every extent a whole number, not negative, and no more than a program can walk along. */
export function checkShape(op: string, shape: readonly number[]): void {
  requireDims(op, shape)
  for (const extent of shape) {
    if (!Number.isInteger(extent) || extent < 0)
      throw new GraphError(
        `${op}: shape [${shape.join(', ')}] has the extent ${extent}; extents are whole numbers from 0`,
      )
  }
  checkPositions(op, shape)
}
