import { GraphError } from '../ir/errors'
import { checkKeys, sameName } from '../ir/names-of'

/** One option of a layer: how it is read, what it is by default, and how it is written into a config. */
export interface Option<In = unknown, Out = unknown, R extends boolean = boolean> {
  /** Whether it must be given. */
  readonly required: R
  /** What it may be, for messages and the printed table. */
  readonly text: string
  /** As it would be given; absent where the option is required or is nothing by default. */
  readonly fallback?: unknown
  /** Whether null is a value of its own, and not the default. */
  readonly takesNull?: boolean
  /** Throws a GraphError that begins with `where`. */
  parse(value: unknown, where: string): Out
  /** Plain JSON. */
  write(value: Out): unknown
  /** Of what holds layers: the same with other things in the place of their configs. */
  nested?(value: unknown, of: (config: never) => unknown): unknown
  /** Present in the types only. */
  readonly given?: In | undefined
}
/** A table of options by name. */
export type Options = Readonly<Record<string, Option>>
type InOf<T> = T extends Option<infer In, infer _Out> ? In : never
type OutOf<T> = T extends { parse(value: unknown, where: string): infer Out } ? Out : never
type Needed<T extends Options> = { [K in keyof T]: T[K] extends { readonly required: true } ? K : never }[keyof T]
/** What a user gives. */
export type Given<T extends Options> = { readonly [K in Needed<T>]: InOf<T[K]> } & {
  readonly [K in Exclude<keyof T, Needed<T>>]?: InOf<T[K]> | undefined
}
/** What a layer works with. */
export type Parsed<T extends Options> = { readonly [K in keyof T]: OutOf<T[K]> }

/** Checks what was given against a table: unknown and missing names, then each value. */
export function parseOptions<T extends Options>(where: string, table: T, given: unknown): Parsed<T> {
  checkKeys(where, given as object, Object.keys(table))
  const values = Object.entries(table).map(([key, option]) => {
    const said = (given as Readonly<Record<string, unknown>>)[key]
    const value = said === undefined || (said === null && !option.takesNull) ? option.fallback : said
    if (value === undefined && option.required)
      throw new GraphError(`${where}: ${key} is missing; it is ${option.text}`)
    return [key, option.parse(value, `${where}: ${key}`)]
  })
  return Object.fromEntries(values) as Parsed<T>
}

/** What a GraphError that comes of something says begins with where that was. */
export function explained<T>(where: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    if (error instanceof GraphError) throw new GraphError(`${where}: ${error.message}`, { cause: error })
    throw error
  }
}

/** The options as plain JSON, from which `parseOptions` makes the same again. */
export const writeOptions = <T extends Options>(table: T, values: Parsed<T>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(table).map(([key, option]) => [
      key,
      explained(key, () => option.write((values as Record<string, never>)[key] as never)),
    ]),
  )

/** A value as messages show it. */
export const shown = (value: unknown): string =>
  typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value)).slice(0, 80)

const same = (value: unknown): unknown => value ?? null

/** An option whose values are checked by a predicate and kept as they are. */
export function plain<T>(text: string, fits: (value: unknown) => boolean, fallback?: T): Option<T, T, false> {
  return {
    required: false,
    text,
    ...(fallback === undefined ? {} : { fallback }),
    parse(value, where) {
      if (!fits(value)) throw new GraphError(`${where} must be ${text}, it is ${shown(value)}`)
      return value as T
    },
    write: same,
  }
}

/** The same option without a default. */
export const required = <In, Out>(option: Option<In, Out, false>): Option<In, Out, true> => {
  const { fallback: _, ...rest } = option
  return { ...rest, required: true }
}
/** The same option, which may also be left out or null. */
export const optional = <In, Out>({
  fallback: _,
  ...option
}: Option<In, Out, false>): Option<In | null, Out | undefined, false> => ({
  ...option,
  text: `${option.text}, or nothing`,
  parse: (value, where) => (value === undefined || value === null ? undefined : option.parse(value, where)),
  write: (value) => (value === undefined ? null : option.write(value)),
})

const isInteger = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least

/** True or false. */
export const flag = (fallback: boolean): Option<boolean, boolean, false> =>
  plain('true or false', (v) => typeof v === 'boolean', fallback)
/** A whole number, from 1 unless said otherwise. */
export const integer = (fallback?: number, least = 1): Option<number, number, false> =>
  plain(`a whole number from ${least}`, (v) => isInteger(v, least), fallback)
/** Any whole number, such as an axis. */
export const axis = (fallback?: number): Option<number, number, false> =>
  plain('a whole number', (v) => Number.isSafeInteger(v), fallback)
/** One axis or several. */
export const axes = (
  fallback?: number | readonly number[],
): Option<number | readonly number[], number | readonly number[], false> =>
  plain(
    'a whole number, or a list of them',
    (v) => Number.isSafeInteger(v) || (Array.isArray(v) && v.length > 0 && v.every(Number.isSafeInteger)),
    fallback,
  )
/** A finite number, in a closed range where one is given. */
export const number = (fallback?: number, least = -Infinity, most = Infinity): Option<number, number, false> =>
  plain(
    least === -Infinity && most === Infinity
      ? 'a finite number'
      : `a number from ${least}${most === Infinity ? '' : ` to ${most}`}`,
    (v) => typeof v === 'number' && Number.isFinite(v) && v >= least && v <= most,
    fallback,
  )
/** A finite number above 0. */
export const positive = (fallback?: number): Option<number, number, false> =>
  plain('a number above 0', (v) => typeof v === 'number' && Number.isFinite(v) && v > 0, fallback)
/** A string. */
export const string = (fallback?: string): Option<string, string, false> =>
  plain('a string', (v) => typeof v === 'string', fallback)
/** One of some words; case and underscores are how it may be written, so that Keras's `channels_last` is `channelsLast`. */
export const choice = <const T extends string>(words: readonly T[], fallback?: T): Option<T, T, false> => {
  const text = words.map((w) => `'${w}'`).join(' or ')
  return {
    required: false,
    text,
    ...(fallback === undefined ? {} : { fallback }),
    parse(value, where) {
      const word = words.find((w) => typeof value === 'string' && sameName(w, value))
      if (word === undefined) throw new GraphError(`${where} must be ${text}, it is ${shown(value)}`)
      return word
    },
    write: same,
  }
}
/** A list of whole numbers of any length. */
export const integers = (
  fallback?: readonly number[],
  least = 0,
): Option<readonly number[], readonly number[], false> =>
  plain(
    least === -Infinity ? 'a list of whole numbers' : `a list of whole numbers from ${least}`,
    (v) => Array.isArray(v) && v.every((n) => isInteger(n, least)),
    fallback,
  )

/** One whole number for each of `rank` axes; a single number stands for all. */
export function perAxis(
  rank: number,
  fallback?: number | readonly number[],
  least = 1,
): Option<number | readonly number[], readonly number[], false> {
  const text = rank === 1 ? `a whole number from ${least}` : `a whole number from ${least}, or ${rank} of them`
  return {
    required: false,
    text,
    ...(fallback === undefined ? {} : { fallback }),
    parse(value, where) {
      const list = typeof value === 'number' ? Array.from({ length: rank }, () => value) : value
      if (!Array.isArray(list) || list.length !== rank || !list.every((n) => isInteger(n, least)))
        throw new GraphError(`${where} must be ${text}, it is ${shown(value)}`)
      return [...list]
    },
    write: same,
  }
}
