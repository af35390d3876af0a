import { probeEntry } from '../compile/probe'
import { makeNaming, type Naming } from '../layers/pass'
import type { Weight } from '../layers/weight'
import { feedNames, predictEntry } from './program'
import type { Trainable } from './trainable'
import type { Trainer } from './trainer'

/** Weights by the names of their variables. Says nothing of values, and makes none: those of a large model take a while. */
export function namedWeights({ model, session }: Trainer): Map<string, Weight> {
  const variables = session?.built.variables ?? tracedVariables(model)
  return new Map([...new Set(model.layer.weights)].map((w) => [variables.get(w)!.name, w]))
}

/** The same, and all of them have values: first values are made where there are none yet. */
export function valuedWeights(trainer: Trainer): Map<string, Weight> {
  const weights = namedWeights(trainer)
  if ([...weights.values()].some((w) => !w.hasValue)) trainer.forPrediction().enter()
  return weights
}

/** Paths are settled when a model is first computed, or traced as if it were to be. */
function tracedVariables(model: Trainable): Naming['variables'] {
  const naming = makeNaming()
  probeEntry('predict', predictEntry(model, feedNames(model), naming), new Map())
  return naming.variables
}
