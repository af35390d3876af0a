import type { Hdf5File } from './read'

/** What tells these messages from others that a worker may be sent. */
export const CHANNEL = 'gradloom/h5-worker'

export interface ReadRequest {
  readonly channel: typeof CHANNEL
  readonly bytes: Uint8Array
  readonly maxBytes: number
}

export type ReadReply =
  | { readonly channel: typeof CHANNEL; readonly kind: 'file'; readonly file: Hdf5File }
  | {
      readonly channel: typeof CHANNEL
      readonly kind: 'fail'
      readonly name: string
      readonly message: string
      readonly at: number | string | undefined
    }
