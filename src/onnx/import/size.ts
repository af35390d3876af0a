import type { Tensor } from '../../ir/tensor'
import { describe } from '../../ir/tensor'
import { showShape, sizeOf } from '../../ir/type'
import { UnsupportedError } from '../unsupported'
import type { NodeCall } from './node-call'

/**
 * The most elements of a tensor of a graph, of one that is computed when the graph is built, and of all of those together that
 * are computed at once: files ask for more than any memory holds, and ask before there are any data.
 */
export const MAX_ELEMENTS = { tensor: 2 ** 29, known: 2 ** 22, allKnown: 2 ** 24 } as const

const isTooLarge = (shape: readonly number[], most: number): boolean =>
  sizeOf(shape.map((extent) => extent || 1)) > most

/** Throws for a shape that a node asks for and no memory holds. */
export function requireSize(call: NodeCall, shape: readonly number[], most: number = MAX_ELEMENTS.tensor): void {
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
    call.fail(`there is no shape ${showShape(shape)}`)
  if (isTooLarge(shape, most)) call.refuse(`a tensor of ${showShape(shape)}, of more than ${most} elements,`)
}

/** Throws where one of the tensors is larger than any may be. */
export function requireSizes(tensors: Iterable<Tensor>): void {
  for (const t of tensors)
    if (isTooLarge(t.shape, MAX_ELEMENTS.tensor))
      throw new UnsupportedError('size', `${describe(t)} has more than ${MAX_ELEMENTS.tensor} elements`)
}

/** Throws where computing tensors when the graph is built would take more memory than shapes and indices are worth. */
export function requireKnowable(what: string, tensors: Iterable<Tensor>): void {
  let all = 0
  for (const { shape } of tensors) {
    const size = sizeOf(shape)
    all += size
    if (size > MAX_ELEMENTS.known || all > MAX_ELEMENTS.allKnown)
      throw new UnsupportedError(
        'size',
        `${what} would be computed when the graph is built and is larger than ${MAX_ELEMENTS.known} elements, or what it is ` +
          `computed from larger than ${MAX_ELEMENTS.allKnown}`,
      )
  }
}
