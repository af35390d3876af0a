import names from '../fixtures/keras-names.json'
import { code } from './text'

type Kind = Exclude<keyof typeof names, 'missing'>
/** Keras's names by kind, layers by group, and those of TensorFlow.js's layers that Keras no longer has. */
export const KERAS = names
/** What is missing, and why, by kind and name. */
export const MISSING: Readonly<Partial<Record<Kind, Readonly<Record<string, string>>>>> = names.missing

export const KINDS = (Object.keys(names) as (keyof typeof names)[]).filter((key): key is Kind => key !== 'missing')

export const namesOf = (kind: Kind): readonly string[] => {
  const list: readonly string[] | Readonly<Record<string, readonly string[]>> = names[kind]
  return Array.isArray(list) ? (list as readonly string[]) : Object.values(list).flat()
}

export const missingRows = (): string[][] =>
  KINDS.flatMap((kind) => Object.entries(MISSING[kind] ?? {}).map(([name, reason]) => [kind, code(name), reason]))
