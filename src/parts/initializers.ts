import * as all from '../init/initializers'
import { lookUp } from '../ir/names-of'

export type InitializerId = string | all.Initializer
const TABLE: Readonly<Record<string, () => all.Initializer>> = {
  zeros: all.zeros,
  ones: all.ones,
  glorotUniform: all.glorotUniform,
  glorotNormal: all.glorotNormal,
  heNormal: all.heNormal,
  heUniform: all.heUniform,
  orthogonal: () => all.orthogonal(),
  uniform: () => all.randomUniform(),
  randomUniform: () => all.randomUniform(),
  randomNormal: () => all.randomNormal(),
  lecunUniform: all.lecunUniform,
}
const ids = new WeakMap<all.Initializer, string>()
export function initializerOf(id: unknown): all.Initializer {
  if (typeof id === 'function') return id as all.Initializer
  const made = lookUp('initializer', TABLE, id as string)()
  ids.set(made, id as string)
  return made
}
export const initializerConfig = (f: all.Initializer): unknown => ids.get(f)
