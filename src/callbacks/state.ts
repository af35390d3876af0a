import { bytesOfBase64 } from '../compile/base64'
import { GraphError } from '../ir/errors'
import { explained, type Options, optional, type Parsed, parseOptions, plain, string } from '../layers/option'

/** A number that may be any, as a loss may. */
export const anyNumber = plain<number>('a number', (v) => typeof v === 'number')

/** Bytes, written as text. */
export const bytesText = optional(string())

/** The bytes of such a text; null for none. Throws a GraphError for what is no base64. */
export function bytesIn(callback: string, text: string | undefined): Uint8Array | null {
  if (text === undefined) return null
  try {
    return bytesOfBase64(text)
  } catch (error) {
    throw new GraphError(`${callback}: the bytes that the checkpoint has of it are damaged`, { cause: error })
  }
}

/** What a callback kept in a checkpoint, which may be damaged: then this is a GraphError, and the callback stays as it is. */
export const stateOf = <T extends Options>(callback: string, table: T, given: unknown): Parsed<T> =>
  explained('the checkpoint is damaged', () => parseOptions(`state of ${callback}`, table, given))
