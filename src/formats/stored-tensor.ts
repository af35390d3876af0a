import type { Data, TensorType } from '../ir/type'

/** Dense row-major values; `data` has one element for each position of `shape`. `bool` is bytes 0 and 1. */
export interface StoredTensor extends TensorType {
  readonly data: Data
}
