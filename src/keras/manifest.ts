import { FormatError, quoted } from '../formats/error'
import { halfValue } from '../formats/half'
import type { StoredTensor } from '../formats/stored-tensor'
import { bytesOf, type Data, type DType, viewData } from '../ir/type'
import type { Part } from './part'

/** Bytes of the file that a path names, or all files in the order of the paths. */
export type Shards = readonly Uint8Array[] | ((path: string) => Promise<Uint8Array> | Uint8Array)

/** A weight as the file has it. */
export interface NamedTensor {
  readonly name: string
  readonly tensor: StoredTensor
  /** What it belongs to besides the model, such as "optimizer". */
  readonly group?: string
}

const MAX_RANK = 8
/** How values are stored, by element: with a quantisation, and else by the dtype. */
const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, uint8: 1, bool: 1, float16: 2, uint16: 2 }
const DTYPES: Readonly<Record<string, DType>> = {
  ...{ float32: 'float32', float16: 'float32', int32: 'int32', uint16: 'int32', uint8: 'uint8', bool: 'bool' },
}

/** The paths that a manifest names. Throws for one that leads elsewhere than beside the file. */
export function pathsOf(manifest: Part): readonly string[] {
  return manifest.list().flatMap((group) =>
    group
      .get('paths')
      .list()
      .map((path) => {
        const text = path.string()
        const parts = text.split('/')
        if (/[\\:\0]/.test(text) || parts.some((part) => part === '' || part === '.' || part === '..'))
          path.fail('a path that stays beside the model')
        return text
      }),
  )
}

/**
 * The weights of a TensorFlow.js manifest. Throws a FormatError, before anything is made of it, where shapes and dtypes do not
 * say exactly as many bytes as there are.
 */
export async function readManifest(manifest: Part, shards: Shards): Promise<NamedTensor[]> {
  const paths = pathsOf(manifest)
  const files = typeof shards === 'function' ? await inOrder(paths, shards) : shards
  if (files.length !== paths.length)
    throw new FormatError(manifest.format, `there are ${files.length} shards, the manifest names ${paths.length}`)
  if (!files.every((file) => file instanceof Uint8Array))
    throw new FormatError(manifest.format, 'shards are the bytes of files, each in a Uint8Array')
  const names = new Set<string>()
  let next = 0
  return manifest.list().flatMap((group) => {
    const count = group.get('paths').list().length
    const bytes = joined(files.slice(next, (next += count)))
    return readGroup(group, bytes, names)
  })
}

/** One after another: what reads them may be a disk. */
async function inOrder(paths: readonly string[], read: Exclude<Shards, readonly unknown[]>): Promise<Uint8Array[]> {
  const files: Uint8Array[] = []
  for (const path of paths) files.push(await read(path))
  return files
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

interface Spec {
  readonly name: string
  readonly shape: readonly number[]
  readonly size: number
  readonly dtype: DType
  /** As it is stored. */
  readonly stored: string
  readonly scale: number
  readonly min: number
  readonly group?: string
}

function readGroup(group: Part, bytes: Uint8Array, names: Set<string>): NamedTensor[] {
  const specs = group
    .get('weights')
    .list()
    .map((part) => specOf(part, names))
  const wanted = specs.reduce((sum, { size, stored }) => sum + size * BYTES[stored]!, 0)
  if (wanted !== bytes.length)
    throw new FormatError(
      group.format,
      `${group.at}: its weights are ${wanted} bytes, its shards ${bytes.length}`,
      group.at,
    )
  let at = 0
  return specs.map((spec) => {
    const end = at + spec.size * BYTES[spec.stored]!
    // A copy: a view may be unaligned, or change later.
    const { buffer } = new Uint8Array(bytes.subarray(at, end))
    at = end
    const { name, dtype, shape } = spec
    const tensor = { dtype, shape, data: dataOf(group.format, spec, buffer) }
    return { name, tensor, ...(spec.group === undefined ? {} : { group: spec.group }) }
  })
}

function specOf(part: Part, names: Set<string>): Spec {
  const name = part.get('name').string()
  if (names.has(name)) throw new FormatError(part.format, `there are two weights ${quoted(name)}`, name)
  names.add(name)
  const shape = part.get('shape').list().map((extent) => extent.count()) // prettier-ignore
  // An extent of 0 must not hide that the others overflow.
  const size = shape.reduce((product, extent) => product * (extent || 1), 4) / 4
  if (shape.length > MAX_RANK || !Number.isSafeInteger(size * 4)) part.get('shape').fail('a shape that is possible')
  const dtype = part.get('dtype').string()
  if (!Object.hasOwn(DTYPES, dtype)) part.get('dtype').fail(`one of ${Object.keys(DTYPES).join(', ')}`)
  const quantization = part.get('quantization')
  const group = part.get('group').maybe((p) => p.string())
  const common = {
    name,
    shape,
    size: shape.includes(0) ? 0 : size,
    dtype: DTYPES[dtype]!,
    ...(group === undefined ? {} : { group }),
  }
  if (quantization.isNothing) return { ...common, stored: dtype, scale: 1, min: 0 }
  const stored = quantization.get('dtype').string()
  const fits = stored === 'float16' ? dtype === 'float32' : ['uint8', 'uint16'].includes(stored)
  if (!fits || !['float32', 'int32'].includes(dtype))
    quantization.get('dtype').fail(`uint8 or uint16 of float32 or int32, or float16 of float32`)
  if (stored === 'float16') return { ...common, stored, scale: 1, min: 0 }
  return { ...common, stored, scale: quantization.get('scale').number(), min: quantization.get('min').number() }
}

function dataOf(format: string, { name, dtype, stored, size, scale, min }: Spec, buffer: ArrayBuffer): Data {
  if (stored === 'float16') return Float32Array.from(new Uint16Array(buffer), halfValue)
  if (stored === dtype) {
    const data = viewData(dtype, buffer, 0, buffer.byteLength / bytesOf(dtype))
    const at = dtype === 'bool' ? data.findIndex((v: number) => v > 1) : -1
    if (at >= 0) throw new FormatError(format, `weight ${quoted(name)} has a bool that is ${data[at]}`, name)
    return data
  }
  const levels = stored === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer)
  if (dtype === 'float32') return Float32Array.from(levels, (level) => level * scale + min)
  const values = new Int32Array(size)
  levels.forEach((level: number, i: number) => {
    values[i] = Math.round(level * scale + min)
  })
  return values
}
