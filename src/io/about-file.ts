import { FormatError } from '../formats/error'
import { FeedError, GraphError } from '../ir/errors'

/** Runs what reads the bytes of a file; errors about them say of which. */
export function aboutFile<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof FormatError)
      throw new FormatError(cause.format, `${path}: ${cause.message.slice(cause.format.length + 2)}`, cause.at, {
        cause,
      })
    if (cause instanceof FeedError) throw new FeedError(`${path}: ${cause.message}`, { cause })
    if (cause instanceof GraphError) throw new GraphError(`${path}: ${cause.message}`, { cause })
    throw cause
  }
}
