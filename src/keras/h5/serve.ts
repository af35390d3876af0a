import { FormatError } from '../../formats/error'
import { ownPort } from '../../runtime/worker-host'
import { CHANNEL, type ReadReply, type ReadRequest } from './messages'
import { loadH5wasm, readHdf5 } from './read'

/** Reads the HDF5 files that whoever started this worker sends; nothing where this is no worker. */
export function serveHdf5(): void {
  const port = ownPort()
  if (!port) return
  const read = async ({ bytes, maxBytes }: ReadRequest): Promise<ReadReply> => {
    try {
      return { channel: CHANNEL, kind: 'file', file: await readHdf5(await loadH5wasm('loadH5'), bytes, maxBytes) }
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
      const at = error instanceof FormatError ? error.at : undefined
      return { channel: CHANNEL, kind: 'fail', name, message, at }
    }
  }
  port.listen((given) => {
    const message = given as ReadRequest | null
    if (message?.channel === CHANNEL) void read(message).then((reply) => port.post(reply))
  })
}
