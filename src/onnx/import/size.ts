import { showShape, sizeOf } from '../../ir/type'
import type { NodeCall } from './node-call'

/** The most elements of a tensor whose shape a node makes up, and of a constant that is made for one. */
export const MAX_ELEMENTS = { result: 2 ** 28, constant: 2 ** 26 } as const

/** Throws for a shape that a file asks for and no memory holds. */
export function requireSize(call: NodeCall, shape: readonly number[], most: number = MAX_ELEMENTS.result): void {
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
    call.fail(`there is no shape ${showShape(shape)}`)
  const size = sizeOf(shape.map((extent) => extent || 1))
  if (size > most) call.refuse(`a tensor of ${showShape(shape)}, which has more than ${most} elements,`)
}
