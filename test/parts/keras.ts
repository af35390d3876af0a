import { readFileSync } from 'node:fs'

/** A tensor as the records hold it. */
export interface Numbers {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

/** What Keras 3.0.5 computed, from a file of test/fixtures/keras. */
export const recordsOf = <T>(file: string): readonly T[] =>
  JSON.parse(readFileSync(new URL(`../fixtures/keras/${file}`, import.meta.url), 'utf8')) as T[]

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Options of Keras, and those of their values that are names, as they are written here. */
export const camelCase = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [camel(key), typeof value === 'string' ? camel(value) : value]),
  )
