import { FeedError } from '../ir/errors'
import { quoted } from '../ir/names-of'
import { sameShape, showType, type TensorType } from '../ir/type'
import type { StoredTensor } from '../formats/stored-tensor'

export interface Expectation {
  /** What holds the tensors, such as "program", and what one of them is to it, such as "variable". */
  readonly holder: string
  readonly item: string
  /** Whether the file may lack some. */
  readonly isPartial?: boolean
  /** Whether the file may have others. */
  readonly hasMore?: boolean
  /** What else is wrong with the file. */
  readonly others?: readonly string[]
}

const SHOWN = 8

/**
 * Throws a FeedError that names what of a file does not fit: tensors that are missing, unknown, or of another shape or dtype.
 * To be called before anything is set.
 */
export function requireFit(
  what: string,
  own: ReadonlyMap<string, TensorType>,
  tensors: ReadonlyMap<string, StoredTensor>,
  { holder, item, isPartial = false, hasMore = false, others = [] }: Expectation,
): void {
  const faults = [...own].flatMap(([name, type]) => {
    const found = tensors.get(name)
    if (!found) return isPartial ? [] : [`${quoted(name)} ${showType(type)} is missing`]
    const fits = found.dtype === type.dtype && sameShape(found.shape, type.shape)
    return fits ? [] : [`${quoted(name)} is ${showType(found)} in the file and ${showType(type)} in the ${holder}`]
  })
  if (!hasMore)
    for (const name of tensors.keys()) if (!own.has(name)) faults.push(`${quoted(name)} is no ${item} of the ${holder}`)
  faults.push(...others)
  if (faults.length === 0) return
  const more = faults.length > SHOWN ? `; and ${faults.length - SHOWN} more` : ''
  throw new FeedError(`${what}: ${faults.slice(0, SHOWN).join('; ')}${more}. Nothing was changed.`)
}
