import { GraphError } from './errors'

/** Case, underscores, hyphens and blanks are how a name is written, not which name it is. */
export const bareName = (name: string): string => name.replace(/[\s_-]/g, '').toLowerCase()

/** Whether two ways to write a name mean the same: `leaky_relu`, `leakyRelu` and `LeakyReLU` do. */
export const sameName = (a: string, b: string): boolean => bareName(a) === bareName(b)

/**
 * The one of the names that is meant, as it is written there. `aliases` lead from other names to these. Throws for any other
 * with a list of those known; `kind` says what they name, such as "activation".
 */
export function nameIn(
  kind: string,
  names: readonly string[],
  id: string,
  aliases: Readonly<Record<string, string>> = {},
): string {
  const isIt = (name: string): boolean => typeof id === 'string' && sameName(name, id)
  const alias = Object.keys(aliases).find(isIt)
  const found = names.find(isIt) ?? (alias === undefined ? undefined : aliases[alias])
  if (found === undefined) throw new GraphError(`there is no ${kind} ${shown(id)}; known are ${names.join(', ')}`)
  return found
}

/** What a table has under a name, however that is written. Throws as `nameIn` does. */
export const lookUp = <T>(
  kind: string,
  table: Readonly<Record<string, T>>,
  id: string,
  aliases?: Readonly<Record<string, string>>,
): T => table[nameIn(kind, Object.keys(table), id, aliases)]!

/**
 * Throws for what is no record of options, and for an option that is none of those known; names of options are told apart by
 * every letter.
 */
export function checkKeys(what: string, given: object, known: readonly string[], noun = 'option'): void {
  if (typeof given === 'number') throw notOptions(what, `${noun}s`, given, known)
  requireRecord(what, `${noun}s`, given)
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    const own = known.length === 0 ? 'it has none' : `known are ${known.join(', ')}`
    throw new GraphError(`${what}: unknown ${noun} ${quoted(key)}; ${own}`)
  }
}

/** Peers take some of these numbers as arguments of their own. */
function notOptions(what: string, noun: string, given: number, known: readonly string[]): GraphError {
  const meant = ['axis', 'size'].find((name) => known.includes(name))
  const hint = meant === undefined ? '' : `; write { ${meant}: ${given} }`
  return new GraphError(`${what}: the ${noun} must be an object, they are the number ${given}${hint}`)
}

/** Throws for a value of an option that is none of those it may have. */
export function checkOneOf(what: string, name: string, value: unknown, legal: readonly string[]): void {
  if (legal.includes(value as string)) return
  throw new GraphError(`${what}: ${name} must be one of ${legal.join(', ')}, it is ${shown(value)}`)
}

/** The value of an option that is meant, however it is written. Throws for none of those it may have. */
export function meantOf<T extends string>(what: string, name: string, value: T, legal: readonly T[]): T {
  const found = legal.find((one) => typeof value === 'string' && sameName(one, value))
  if (found === undefined) checkOneOf(what, name, value, legal)
  return found!
}

/** Options without those that are undefined: such ones are as if they were left out. */
export const withoutUndefined = <O extends object>(options: O): O =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O

/** Throws for what has no names: lists and typed arrays too. */
export function requireRecord(what: string, noun: string, given: unknown): asserts given is object {
  const isList = Array.isArray(given) || ArrayBuffer.isView(given)
  if (typeof given === 'object' && given !== null && !isList) return
  const kind = given === null || given === undefined ? '' : `the ${typeof given} `
  const found = isList ? 'an array' : typeof given === 'function' ? 'a function' : `${kind}${shown(given)}`
  throw new GraphError(`${what}: the ${noun} must be an object, they are ${found}`)
}

const shown = (id: unknown): string => (typeof id === 'string' ? quoted(id) : String(id))

/** Throws for what is no function: it would be a TypeError where it is called. */
export function requireFunction(what: string, given: unknown): void {
  if (typeof given !== 'function') throw new GraphError(`${what} must be a function, it is ${valueText(given)}`)
}

/** Throws for what is no array; `of` says what it is a list of. */
export function requireList(what: string, of: string, given: unknown): void {
  if (!Array.isArray(given)) throw new GraphError(`${what}: a list of ${of} is needed, it is ${valueText(given)}`)
}

/** Throws for a flag that is neither true nor false: 'false' would count as true. */
export function requireFlag(what: string, given: unknown): void {
  if (typeof given !== 'boolean') throw new GraphError(`${what} must be true or false, it is ${valueText(given)}`)
}

/** Throws where one of these options is given and is neither true nor false. */
export function checkFlags<N extends string>(
  what: string,
  options: { readonly [K in N]?: unknown },
  names: readonly N[],
): void {
  for (const name of names) if (options[name] !== undefined) requireFlag(`${what}: ${name}`, options[name])
}

/** The options that are flags, by what they are where nothing is said. */
export const flagsOf = (defaults: object): string[] =>
  Object.entries(defaults).flatMap(([name, value]) => (typeof value === 'boolean' ? [name] : []))

/** How a message speaks of a value that should not be there: by its kind where it may be large. */
export function valueText(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return shown(value)
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'an array'
  return 'op' in value && 'inputs' in value ? 'a tensor' : value instanceof Promise ? 'a promise' : 'an object'
}

/** The class of a value that is no array, as people write it. */
export const classText = (value: unknown): string =>
  value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value

/** Text that comes from elsewhere, such as a file: a message must be neither flooded nor broken by it. */
export const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
