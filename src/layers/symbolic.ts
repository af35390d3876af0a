import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { checkShape } from '../ir/trace'
import { checkDType, type DType } from '../ir/type'
import type { AnyLayer, CallOptions } from './layer'

/** A shape that a model has before data come: null is an extent that they settle, the first one being the batch. */
export type OpenShape = readonly (number | null)[]

/** A tensor of a model that is being put together: what a layer will give, known by shape and dtype. */
export interface Symbolic {
  readonly kind: 'symbolic'
  readonly name: string
  readonly shape: OpenShape
  readonly dtype: DType
  /** The call of a layer that gives it; absent for inputs. */
  readonly source?: Source
  /** Which of the results of that call it is. */
  readonly index: number
  /** Its shape for two choices of the open extents: what differs is open. */
  readonly probes: readonly [first: readonly number[], second: readonly number[]]
}

/** One call of a layer in a model. */
export interface Source {
  readonly layer: AnyLayer
  readonly inputs: readonly Symbolic[]
  /** Whether the layer was given a list. */
  readonly isList: boolean
  readonly options: CallOptions<Symbolic>
  /** What it gives. */
  readonly results: readonly Symbolic[]
}

export const isSymbolic = (x: unknown): x is Symbolic =>
  typeof x === 'object' && x !== null && (x as Symbolic).kind === 'symbolic'

// Extents for finding shapes before data come: large enough for long windows, and halved seven times they are still whole.
const BATCH = [12, 24] as const
const OTHER = [384, 640] as const

export const openShape = (first: readonly number[], second: readonly number[]): OpenShape =>
  first.map((extent, i) => (extent === second[i] ? extent : null))
export const showOpen = (shape: OpenShape): string => `[${shape.map((d) => d ?? 'null').join(', ')}]`

/** Options of `input`. */
export interface InputOptions {
  /** Without the batch; null for an extent that data settle. */
  readonly shape?: OpenShape
  /** With the batch, where its extent is fixed. */
  readonly batchShape?: OpenShape
  readonly dtype?: DType
  readonly name?: string
}

/** A place where data enter a model, float32 unless given otherwise. Throws for extents that are no whole numbers. */
export function input(options: InputOptions): Symbolic {
  checkKeys('input', options, ['shape', 'batchShape', 'dtype', 'name'])
  const {
    shape,
    batchShape = Array.isArray(shape) ? [null, ...shape] : shape,
    dtype = 'float32',
    name = 'input',
  } = options
  // A record of data by name cannot hold it.
  if (typeof name !== 'string' || name === '__proto__')
    throw new GraphError(`input: the name must be a string, and not "__proto__"; it is ${JSON.stringify(name)}`)
  if (!Array.isArray(batchShape))
    throw new GraphError('input: give { shape: [...] } without the batch, or { batchShape: [...] } with it')
  checkShape(
    'input',
    (batchShape as OpenShape).filter((d): d is number => d !== null),
  )
  checkDType('input', dtype)
  const probe = (k: 0 | 1): number[] => (batchShape as OpenShape).map((d, i) => d ?? (i === 0 ? BATCH[k] : OTHER[k]))
  return {
    kind: 'symbolic',
    name,
    shape: [...(batchShape as OpenShape)],
    dtype,
    index: 0,
    probes: [probe(0), probe(1)],
  }
}
