import { declareVariable, makeVariable } from '../../api/leaf'
import type { Initializer } from '../../init/draws'
import { sizeOf } from '../../ir/type'
import { type FirstValue, type Role, type Variable, variableAttrs } from '../../ir/variable'
import { firstSeed, firstStep } from '../../ops/random-state'
import { initializerOf } from '../../parts/initializers'
import type { InitialDocument, Json, VariableDocument } from './document'
import { fieldsOf, nameOf, numberJson, numberOf, oneOf, refuse, typeOf } from './fields'

const KINDS: readonly Role['kind'][] = ['parameter', 'untrained', 'slot', 'scalar', 'data']
const RANDOM: Readonly<Record<'seed' | 'step', FirstValue>> = { seed: firstSeed, step: firstStep }

/** Zeros until they are set: how the variable began stands in no document. */
const UNKNOWN: FirstValue = (shape) => new Float64Array(sizeOf(shape))

export function variableDocument(v: Variable): VariableDocument {
  const { role, first } = variableAttrs(v)
  const initial = initialDocument(first)
  return { name: v.name, role: { ...role }, shape: [...v.shape], dtype: v.dtype, ...(initial ? { initial } : {}) }
}

function initialDocument(first: FirstValue): InitialDocument | undefined {
  if (first === firstSeed) return { random: 'seed' }
  if (first === firstStep) return { random: 'step' }
  const { className, config } = first
  if (className === undefined) return undefined
  const { value } = config as { readonly value?: unknown }
  if (className === 'Constant' && typeof value === 'number') return { value: numberJson(value) }
  return { className, config: config as Json }
}

/** A variable that begins as its document says, or with zeros. Throws GraphError for what is no document of one. */
export function variableFrom(json: unknown): Variable {
  const found = fieldsOf('variable', json, ['name', 'role', 'shape', 'dtype'], ['initial'])
  const name = nameOf('the name', found.name)
  const role = roleFrom(found.role)
  const { shape, dtype } = typeOf(found)
  const first = found.initial === undefined ? { as: UNKNOWN } : initialFrom(found.initial)
  if (typeof first === 'object') return declareVariable(name, shape, dtype, role, () => first.as)
  return makeVariable(name, shape, dtype, first, role)
}

function roleFrom(json: unknown): Role {
  const { kind, slot } = fieldsOf('role', json, ['kind'], ['slot'])
  const known = oneOf('the kind of a role', kind, KINDS)
  if (known === 'slot') return { kind: known, slot: nameOf('slot', slot) }
  return slot === undefined ? { kind: known } : refuse(`a ${known} has no slot`)
}

function initialFrom(json: unknown): Initializer | number | { readonly as: FirstValue } {
  const found = fieldsOf('initial', json, [], ['className', 'config', 'value', 'random'])
  const keys = Object.keys(found).sort().join()
  if (keys === 'value') return numberOf('value', found.value)
  if (keys === 'random') return { as: RANDOM[oneOf('random', found.random, ['seed', 'step'] as const)] }
  if (keys !== 'className,config') return refuse('initial needs className and config, or value, or random')
  const className = nameOf('className', found.className)
  return initializerOf({ className, config: found.config as object })
}
