import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'

/** Throws unless x has so many axes, the batch among them. */
export function requireRank(className: string, x: Tensor, rank: number): void {
  if (x.shape.length !== rank)
    throw new GraphError(`${className}: an input has ${rank} axes with the batch, got ${describe(x)}`)
}
