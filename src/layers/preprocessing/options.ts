import type { Nested } from '../../api/leaf'
import { GraphError } from '../../ir/errors'
import { flattenNested } from '../../ops/leaf'
import { choice, integer, type Option, optional, plain, shown } from '../option'

/** Where the channels of images lie. */
export const dataFormat = choice(['channelsLast', 'channelsFirst'], 'channelsLast')

/** A number, or nested lists of numbers. */
export const nested = (fallback?: Nested): Option<Nested, Nested, false> => ({
  required: false,
  text: 'a number, or lists of numbers',
  ...(fallback === undefined ? {} : { fallback }),
  parse(value, where) {
    if (typeof value === 'number' ? !Number.isFinite(value) : !Array.isArray(value))
      throw new GraphError(`${where} must be a number, or lists of numbers, it is ${shown(value)}`)
    flattenNested(where, value)
    return value as Nested
  },
  write: (value) => value,
})

/** Numbers that rise. */
export const rising = (): Option<readonly number[], readonly number[], false> =>
  plain(
    'a list of numbers that rise',
    (v) => Array.isArray(v) && v.every((n, i) => typeof n === 'number' && (i === 0 ? n === n : (v as number[])[i - 1]! <= n)), // prettier-ignore
  )

/** Of a layer that draws: one that has another seed draws other numbers. */
export const seed = optional(integer(undefined, -Infinity))

/** A range of factors; `spread` says what a single number stands for. */
export function factor(
  [least, most]: readonly [number, number],
  spread: (value: number) => readonly [number, number],
  fallback?: number | readonly [number, number],
): Option<number | readonly [number, number], readonly [number, number], false> {
  const text = `a number from ${least} to ${most}, or two of them`
  const fits = (v: unknown): v is number => typeof v === 'number' && v >= least && v <= most
  return {
    required: false,
    text,
    ...(fallback === undefined ? {} : { fallback }),
    parse(value, where) {
      const range: unknown = fits(value) ? spread(value) : value
      if (!Array.isArray(range) || range.length !== 2 || !range.every(fits))
        throw new GraphError(`${where} must be ${text}, it is ${shown(value)}`)
      return [Math.min(...range), Math.max(...range)]
    },
    write: (range) => [...range],
  }
}
/** A single number stands for itself either way of 0. */
export const either = (v: number): readonly [number, number] => [-Math.abs(v), Math.abs(v)]
/** A single number stands for all from 0 up to it. */
export const upTo = (v: number): readonly [number, number] => [0, v]

/** The range in which the values of images lie. */
export const valueRange = (
  fallback: readonly [number, number] = [0, 255],
): Option<readonly [number, number], readonly [number, number], false> =>
  plain(
    'two numbers that rise',
    (v) => Array.isArray(v) && v.length === 2 && v.every(Number.isFinite) && v[0] < v[1],
    fallback,
  )
