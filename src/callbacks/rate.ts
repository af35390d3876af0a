import { GraphError } from '../ir/errors'
import type { ModelHandle } from '../training/handle'

/** The learning rate, which can be set. Throws a GraphError where a schedule gives it. */
export function rateOf(owner: string, model: ModelHandle): number {
  const rate = model.learningRate
  if (rate !== undefined) return rate
  throw new GraphError(
    `${owner}: a schedule gives the learning rate of "${model.name}"; compile it with a number as learningRate`,
  )
}
