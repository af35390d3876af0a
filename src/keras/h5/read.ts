import { FormatError, quoted } from '../../formats/error'
import { loadPackage } from '../../formats/package'
import type { StoredTensor } from '../../formats/stored-tensor'
import type { Data } from '../../ir/type'

const FORMAT = 'HDF5'
// Those of files that Keras writes are far below.
const MOST_OBJECTS = 100_000
const MOST_DEPTH = 32
const MOST_RANK = 8
const INTEGER = 0
const FLOAT = 1
const STRING = 3

/** What an HDF5 file holds, as plain data that may leave a worker. Keys are paths such as "/model_weights/dense/kernel". */
export interface Hdf5File {
  /** Attributes that are text or lists of text, by the path of their object and by name. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, string | readonly string[]>>
  readonly datasets: ReadonlyMap<string, StoredTensor>
  /** Of the datasets those of integers that int32 does not hold, each with the first such; they stand as float64. */
  readonly beyond: ReadonlyMap<string, number>
  /** Paths of datasets that are no numbers of a kind known here. */
  readonly others: readonly string[]
}

/** What we use of the package h5wasm. */
interface Metadata {
  readonly type: number
  readonly size: number
  readonly total_size: number
  readonly vlen: boolean
  readonly littleEndian: boolean
  readonly shape: readonly number[] | null
  readonly chunks: readonly number[] | null
}
interface Entity {
  readonly type: string
  readonly attrs: Readonly<Record<string, { readonly metadata: Metadata; readonly value: unknown }>>
}
interface Group extends Entity {
  keys(): string[]
  get(name: string): (Entity & Partial<Group> & Partial<Dataset>) | null
}
interface Dataset extends Entity {
  readonly metadata: Metadata
  readonly value: unknown
}
export interface H5wasm {
  readonly ready: Promise<{
    readonly FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void }
    activate_throwing_error_handler(): number
  }>
  readonly File: new (path: string, mode: 'r') => Group & { close(): number }
}

export const loadH5wasm = async (what: string): Promise<H5wasm> => (await loadPackage('h5wasm', what)) as H5wasm

/**
 * Reads an HDF5 file with h5wasm: a file in the memory of its module, so that links to other files lead nowhere. Throws a
 * FormatError for a file that is none, for more than `maxBytes` of data, and for more objects than a model has.
 */
export async function readHdf5(library: H5wasm, bytes: Uint8Array, maxBytes: number): Promise<Hdf5File> {
  const { FS, activate_throwing_error_handler } = await library.ready
  // Without it errors are printed, and ids of nothing are handed on.
  activate_throwing_error_handler()
  const path = '/model.h5'
  FS.writeFile(path, bytes)
  try {
    const file = new library.File(path, 'r')
    try {
      return new Walk(maxBytes).run(file)
    } finally {
      file.close()
    }
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError(FORMAT, `it cannot be read: ${reasonOf(error)}`, undefined, { cause: error })
  } finally {
    FS.unlink(path)
  }
}

/** The library tells what it was doing from the outside inwards; the innermost says why. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n')
  return lines
    .at(-1)!
    .trim()
    .replace(/^minor: /, '')
    .slice(0, 160)
}

class Walk {
  private readonly attributes = new Map<string, ReadonlyMap<string, string | readonly string[]>>()
  private readonly datasets = new Map<string, StoredTensor>()
  private readonly beyond = new Map<string, number>()
  private readonly others: string[] = []
  private left: number
  private objects = 0

  constructor(private readonly maxBytes: number) {
    this.left = maxBytes
  }

  run(root: Group): Hdf5File {
    const stack: (readonly [path: string, entity: Group, depth: number])[] = [['', root, 0]]
    this.readAttributes('/', root)
    while (stack.length > 0) {
      const [path, group, depth] = stack.pop()!
      if (depth > MOST_DEPTH) refuse(path, `it is nested deeper than ${MOST_DEPTH}`)
      for (const name of group.keys()) {
        if (++this.objects > MOST_OBJECTS) refuse(path, `it has more than ${MOST_OBJECTS} objects`)
        const at = `${path}/${name}`
        const entity = group.get(name)
        if (entity?.type === 'Dataset') this.readDataset(at, entity as Dataset)
        else if (entity?.type === 'Group') stack.push([at, entity as Group, depth + 1])
        else this.others.push(at)
        if (entity?.type === 'Group') this.readAttributes(at, entity)
      }
    }
    const { attributes, datasets, beyond, others } = this
    return { attributes, datasets, beyond, others }
  }

  private take(at: string, bytes: number): void {
    if (!(bytes <= this.left)) refuse(at, `its data are more than maxBytes, ${this.maxBytes}`)
    this.left -= bytes
  }

  private readAttributes(at: string, { attrs }: Entity): void {
    const found = new Map<string, string | readonly string[]>()
    for (const [name, attribute] of Object.entries(attrs)) {
      const { type, total_size: size, size: element, vlen } = attribute.metadata
      // An empty list has no type of its own.
      if (type !== STRING) {
        if (size === 0) found.set(name, [])
        continue
      }
      this.take(at, vlen ? size * 64 : size * element)
      const { value } = attribute
      const texts: unknown = Array.isArray(value) ? value : [value]
      if (!(texts as unknown[]).every((text) => typeof text === 'string'))
        refuse(at, `its attribute ${quoted(name)} is no text`)
      found.set(name, value as string | readonly string[])
    }
    this.attributes.set(at, found)
  }

  private readDataset(at: string, dataset: Dataset): void {
    const { type, size, shape, littleEndian, chunks } = dataset.metadata
    const isNumber = (type === FLOAT && (size === 4 || size === 8)) || (type === INTEGER && [1, 2, 4, 8].includes(size))
    if (!isNumber || !littleEndian || !shape || shape.length > MOST_RANK) {
      this.others.push(at)
      return
    }
    const count = product(shape)
    this.take(at, count * size)
    if (chunks && product(chunks) * size > this.maxBytes) refuse(at, 'it is stored in chunks larger than maxBytes')
    const { value } = dataset
    // A scalar comes as a number by itself, which does not say of what type.
    const list = typeof value === 'number' || typeof value === 'bigint' ? [value] : value
    if (!isList(list)) refuse(at, 'it holds no numbers')
    const data = type === FLOAT ? floats(size, list) : this.integers(at, list)
    if (data.length !== count) refuse(at, `it has ${data.length} values for [${shape.join(', ')}]`)
    this.datasets.set(at, { dtype: dtypeOf(data), shape: [...shape], data })
  }

  /** What draws keeps seeds of 32 bits without a sign, or of 64, which no weight is made of. */
  private integers(at: string, values: ArrayLike<number | bigint>): Int32Array | Float64Array {
    const data = new Int32Array(values.length)
    for (let i = 0; i < data.length; i++) {
      const value = Number(values[i])
      data[i] = value
      if (data[i] === value) continue
      this.beyond.set(at, value)
      return Float64Array.from(values, Number)
    }
    return data
  }
}

/** An extent of 0 must not hide that the others overflow. */
function product(shape: readonly number[]): number {
  const size = shape.reduce((product, extent) => product * (extent || 1), 1)
  return shape.includes(0) && Number.isSafeInteger(size) ? 0 : size
}

const dtypeOf = (data: Data): StoredTensor['dtype'] =>
  data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : 'int32'

const isList = (value: unknown): value is ArrayLike<number | bigint> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)

function floats(size: number, values: ArrayLike<number | bigint>): Float32Array | Float64Array {
  if (size === 4) return values instanceof Float32Array ? values.slice() : Float32Array.from(values, Number)
  return values instanceof Float64Array ? values.slice() : Float64Array.from(values, Number)
}

function refuse(at: string, what: string): never {
  throw new FormatError(FORMAT, `${quoted(at || '/')}: ${what}`, at || '/')
}
