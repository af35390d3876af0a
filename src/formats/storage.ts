import { GraphError, RuntimeError } from '../ir/errors'

/** What a browser keeps under a name. */
export interface StoredBytes {
  readonly name: string
  readonly size: number
  readonly savedAt: Date
}

const DATABASE = 'gradloom'
// Apart from the bytes, so that a list need not read them.
const [BYTES, ABOUT] = ['bytes', 'about']
const VERSION = 1

/**
 * Keeps bytes in the browser's IndexedDB under a name, such as those of `saveModel`, in place of what was there; they outlive the
 * page. Resolves once they are written. Rejects with RuntimeError where there is no IndexedDB, or no room.
 */
export const putBytes = (name: string, bytes: Uint8Array): Promise<void> =>
  within('putBytes', name, 'readwrite', (bytesOf, about) => {
    // A copy of its own: of a view the database would keep the whole buffer.
    bytesOf.put(new Uint8Array(bytes), name)
    about.put({ size: bytes.length, savedAt: new Date() }, name)
    return () => undefined
  })

/** What `putBytes` kept under a name; undefined where there is nothing. */
export const getBytes = (name: string): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  within('getBytes', name, 'readonly', (bytesOf) => {
    const request = bytesOf.get(name) as IDBRequest<Uint8Array<ArrayBuffer> | undefined>
    return () => request.result
  })

/** Forgets what is kept under a name; false where there was nothing. */
export const deleteBytes = (name: string): Promise<boolean> =>
  within('deleteBytes', name, 'readwrite', (bytesOf, about) => {
    const request = about.count(name)
    bytesOf.delete(name)
    about.delete(name)
    return () => request.result > 0
  })

/** All that `putBytes` kept, by name, without the bytes. */
export const listBytes = (): Promise<StoredBytes[]> =>
  within('listBytes', '', 'readonly', (_, about) => {
    const [names, found] = [about.getAllKeys(), about.getAll() as IDBRequest<Omit<StoredBytes, 'name'>[]>]
    return () => names.result.map((name, i) => ({ name: String(name), ...found.result[i]! }))
  })

/** `Blob` where the types of a browser or of Node are there, else what is read of it: these types ask for neither. */
export type HostBlob = typeof globalThis extends { readonly Blob: { readonly prototype: infer B extends BlobPart } }
  ? B
  : BlobPart
interface BlobPart {
  readonly size: number
  readonly type: string
  arrayBuffer(): Promise<ArrayBuffer>
}

/** Bytes as a Blob, for a form, `fetch` or an address. */
export const toBlob = (bytes: Uint8Array, type = 'application/octet-stream'): HostBlob =>
  new Blob([new Uint8Array(bytes)], { type })

/** The bytes of a Blob, such as a file that was chosen in a form. */
export const fromBlob = async (blob: Pick<HostBlob, 'arrayBuffer'>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await blob.arrayBuffer())

/** Gives bytes to the user as a file to keep. Throws a RuntimeError where there is no page. */
export function downloadBytes(bytes: Uint8Array, fileName: string): void {
  if (typeof document === 'undefined') throw new RuntimeError('downloadBytes: there is no page here')
  const address = URL.createObjectURL(toBlob(bytes))
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  // The browser has begun to read it once the click is done.
  setTimeout(() => URL.revokeObjectURL(address))
}

type Use<T> = (bytes: IDBObjectStore, about: IDBObjectStore) => () => T

/** One transaction: all of it is written, or nothing. */
async function within<T>(what: string, name: string, mode: IDBTransactionMode, use: Use<T>): Promise<T> {
  if (typeof name !== 'string') throw new GraphError(`${what}: the name must be a string, it is ${typeof name}`)
  const database = await opened(what)
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction([BYTES, ABOUT], mode)
      const result = use(transaction.objectStore(BYTES), transaction.objectStore(ABOUT))
      transaction.oncomplete = () => resolve(result())
      transaction.onabort = () => reject(failed(what, transaction.error))
    })
  } finally {
    database.close()
  }
}

function opened(what: string): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined')
    return Promise.reject(new RuntimeError(`${what}: there is no IndexedDB here; gradloom/node has files`))
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION)
    request.onupgradeneeded = () => [BYTES, ABOUT].forEach((store) => request.result.createObjectStore(store))
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(failed(what, request.error))
  })
}

const failed = (what: string, cause: DOMException | null): RuntimeError =>
  new RuntimeError(`${what}: the browser's storage failed: ${cause?.message ?? 'the transaction was aborted'}`, {
    cause,
  })
