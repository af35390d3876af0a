import { FormatError } from '../formats/error'
import type { StoredTensor } from '../formats/stored-tensor'
import { newData, showShape, sizeOf } from '../ir/type'
import type { SparseTensorProto } from './proto/messages'
import { storedOf } from './tensor'
import { tensorTitle } from './types'

/** A file of few bytes may name any extents; beyond this many elements nothing would compute with them. */
const MAX_SIZE = 2 ** 30

/**
 * The values of a sparse tensor of a file with all its zeros. Places are numbers in the order of rows, or an index for each
 * axis; they ascend. Throws a FormatError for what is none.
 */
export function denseOf({ values, indices, dims = [] }: SparseTensorProto): StoredTensor {
  const title = `sparse ${tensorTitle(values ?? {})}`
  const fail = (what: string): never => {
    throw new FormatError('onnx', `${title} ${what}`, values?.name)
  }
  if (!values || !indices) return fail('lacks its values or their places')
  const size = sizeOf(dims)
  if (!dims.every((e) => Number.isSafeInteger(e) && e >= 0) || !(size <= MAX_SIZE))
    fail(`has an impossible shape, ${showShape(dims)}`)
  const { dtype, shape, data } = storedOf(values)
  const places = storedOf(indices)
  const isFlat = places.shape.length === 1
  const perValue = isFlat ? 1 : dims.length
  if (shape.length !== 1 || places.shape[0] !== shape[0] || (!isFlat && places.shape[1] !== perValue))
    fail(`of shape ${showShape(dims)} has values ${showShape(shape)} at places ${showShape(places.shape)}`)
  if (places.dtype !== 'int32') fail(`has places of ${places.dtype}`)
  const dense = newData(dtype, size)
  const extents = isFlat ? [size] : dims
  let last = -1
  for (let i = 0; i < data.length; i++) {
    let at = 0
    for (const [axis, extent] of extents.entries()) {
      const place = places.data[i * perValue + axis]!
      if (place < 0 || place >= extent) fail(`of shape ${showShape(dims)} has a value at ${place}, outside of it`)
      at = at * extent + place
    }
    if (at <= last) fail(`has places that do not ascend, or one twice`)
    dense[at] = data[i]!
    last = at
  }
  return { dtype, shape: [...dims], data: dense }
}
