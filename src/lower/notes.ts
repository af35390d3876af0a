import type { Tensor } from '../ir/tensor'

/** What fusion did not do, for people: written while it decides, by the very conditions it decides by. */
export interface FusionNotes {
  /** Why a tensor has a buffer instead of being computed where it is read. */
  readonly stored: Map<Tensor, string>
  /** Why a tensor is not computed in the kernel of one that it reads. */
  readonly apart: Map<Tensor, { readonly from: Tensor; readonly why: () => string }>
}
export const fusionNotes = (): FusionNotes => ({ stored: new Map(), apart: new Map() })
