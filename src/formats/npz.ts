import { requireMap } from './bytes'
import { FormatError, quoted } from './error'
import type { InflateOptions } from './inflate'
import { decodeNpy, encodeNpy } from './npy'
import type { StoredTensor } from './stored-tensor'
import { opened, written, type ZipOptions } from './zip'

const FORMAT = 'npz'
const SUFFIX = '.npy'

/** The bytes that `numpy.load` reads, compressed above level 0, for which the package fflate is needed. */
export async function encodeNpz(
  tensors: ReadonlyMap<string, StoredTensor>,
  options: ZipOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  requireMap('encodeNpz', tensors)
  const entries = [...tensors].map(([name, tensor]) => [name + SUFFIX, about(name, () => encodeNpy(tensor))] as const)
  return written(new Map(entries), options, 'array')
}

/**
 * The arrays of an npz file by name, as `numpy.savez` and `numpy.savez_compressed` write them. Rejects with FormatError for what
 * `openZip` or `decodeNpy` refuse and for entries that are no arrays. Needs the package fflate where the file is compressed.
 */
export async function decodeNpz(bytes: Uint8Array, options: InflateOptions = {}): Promise<Map<string, StoredTensor>> {
  const files = await opened(bytes, options, 'array')
  const other = files.find(({ name }) => !name.endsWith(SUFFIX))
  if (other) throw new FormatError(FORMAT, `the entry ${quoted(other.name)} is no array`, other.name)
  return new Map(
    files.map((file) => {
      const name = file.name.slice(0, -SUFFIX.length)
      return [name, about(name, () => decodeNpy(file.read()))]
    }),
  )
}

function about<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new FormatError(FORMAT, `the array ${quoted(name)}: ${error.message}`, name, { cause: error })
  }
}
