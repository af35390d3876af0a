import { flag, type Option, plain } from './option'

/** How a recurrent layer goes through its steps and what it gives, with Keras's defaults. */
export const sequenceOptions = {
  returnSequences: flag(false),
  returnState: flag(false),
  goBackwards: flag(false),
  stateful: flag(false),
  /** Accepted: how steps are computed is the compiler's choice. */
  unroll: flag(false),
  zeroOutputForMask: flag(false),
}
/** Accepted where Keras's layers have it. */
export const cudnnOption: { readonly useCudnn: Option<boolean | 'auto', boolean | 'auto', false> } = {
  useCudnn: plain("true, false or 'auto'", (v) => typeof v === 'boolean' || v === 'auto', 'auto'),
}
