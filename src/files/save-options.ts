import { type Option, plain, required } from '../layers/option'

/** A path that must be given. */
export const path = required(plain<string>('a path', (v) => typeof v === 'string' && v !== ''))

/** Where a checkpoint goes: under a name that Keras gives its own files, nobody would look for safetensors. */
export const checkpointPath = required(
  plain<string>(
    'a path for a file of safetensors, not one that ends as those of Keras do (.keras, .h5, .hdf5)',
    (v) => typeof v === 'string' && v !== '' && !/\.(?:keras|h5|hdf5)$/i.test(v),
  ),
)

/** How often something is saved: at the end of epochs, or every so many batches. */
export const saveFreq: Option<'epoch' | number, 'epoch' | number, false> = plain<'epoch' | number>(
  "'epoch' or a whole number of batches from 1",
  (v) => v === 'epoch' || (Number.isSafeInteger(v) && (v as number) >= 1),
  'epoch',
)
