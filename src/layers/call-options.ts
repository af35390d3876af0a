import type { Tensor } from '../ir/tensor'

/** What may be said with a call; tensors of the same kind as the inputs. */
export interface CallOptions<T = Tensor> {
  /** Whether to behave as in training; as what is around it by default, false on its own. */
  readonly training?: boolean
  /** Where inputs count, bool, one for each input; by default what the inputs bring along. */
  readonly mask?: T | null | readonly (T | null)[]
  /** First state of a recurrent layer, in its order. */
  readonly initialState?: readonly T[]
  /** Attention: no position sees a later one. */
  readonly useCausalMask?: boolean
  /** Attention: [B, queries, keys], true where a query sees a key. */
  readonly attentionMask?: T
  /** Attention: the scores as a second result. */
  readonly returnAttentionScores?: boolean
}
