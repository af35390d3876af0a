import { GraphError } from '../../ir/errors'
import type { Tensor } from '../../ir/tensor'
import { isFloat } from '../../ir/type'
import { channelDim, type DataFormat } from '../../ops/window'
import {
  dtypeOf,
  fieldsOf,
  listOf,
  MOST,
  numberJson,
  numberOf,
  oneOf,
  refuse,
  shapeOf,
  wholeOf,
  wholesOf,
} from './fields'
import type { Json } from './document'

/**
 * A kind of attribute: how it is written, and what is accepted when it is read beside the operands of its node. What it
 * accepts is legal wherever shape rules and compiler take attributes on trust; it throws GraphError for anything else.
 */
export interface Kind<T> {
  /** It can be neither written nor read. */
  readonly isRefused?: true
  readonly write: (value: T) => Json
  readonly read: (json: unknown, inputs: readonly Tensor[], what: string) => T
}

type Read<T> = Kind<T>['read']
const kind = <T extends Json>(read: Read<T>): Kind<T> => ({ write: (value) => value, read })

const rankOf = (inputs: readonly Tensor[], operand: number): number => inputs[operand]!.shape.length

export const flag = kind<boolean>((json, _, what) => oneOf(what, json, [false, true]))
export const choice = <T extends string | number>(...names: readonly T[]): Kind<T> =>
  kind<T>((json, _, what) => oneOf(what, json, names))
/** Text for people, which stands in comments of generated code. */
export const title = kind<string>((json, _, what) =>
  typeof json === 'string' && /^[A-Za-z][\w ]{0,63}$/.test(json) ? json : refuse(`${what} must be some letters`),
)
export const dtype = kind((json) => dtypeOf(json))
export const float = kind((json, _, what) => {
  const found = dtypeOf(json)
  return isFloat(found) ? found : refuse(`${what} must be a float, it is ${found}`)
})

/** Any number, also one that JSON does not have. */
export const anyNumber: Kind<number> = { write: numberJson, read: (json, _, what) => numberOf(what, json) }
export const number = (isLegal: (v: number) => boolean, want: string): Kind<number> => ({
  write: numberJson,
  read: (json, _, what) => {
    const value = numberOf(what, json)
    return isLegal(value) ? value : refuse(`${what} must be ${want}, it is ${value}`)
  },
})
export const finite = number(Number.isFinite, 'finite')
export const positive = number((v) => v > 0 && v < Infinity, 'above 0')

export const whole = (least: number, most: number = MOST): Kind<number> =>
  kind((json, _, what) => wholeOf(what, json, least, most))

/** One axis of an operand; `more` allows places behind the last. */
export const axis = (operand = 0, more = 0): Kind<number> =>
  kind((json, inputs, what) => wholeOf(what, json, 0, rankOf(inputs, operand) - 1 + more))

/** Axes of an operand, each once. */
export const axes = (operand = 0): Kind<readonly number[]> =>
  kind((json, inputs, what) => distinct(what, wholesOf(what, json, 0, rankOf(inputs, operand) - 1)))

/** Places of new axes in the result, each once. */
export const newAxes: Kind<readonly number[]> = kind((json, inputs, what) => {
  const { length } = listOf(what, json)
  return distinct(what, wholesOf(what, json, 0, rankOf(inputs, 0) + length - 1))
})

export function distinct(what: string, list: readonly number[]): readonly number[] {
  return new Set(list).size === list.length ? list : refuse(`${what} names something twice`)
}

export const shape: Kind<readonly number[]> = kind((json, _, what) => shapeOf(what, json))

/** Whole numbers, as many as there may be axes. */
export const wholes = (least: number, most: number = MOST): Kind<readonly number[]> =>
  kind((json, _, what) => wholesOf(what, json, least, most))

/** One whole number for each axis of the first operand. */
export const perAxis = (least: number, most: number = MOST): Kind<readonly number[]> =>
  kind((json, inputs, what) => wholesOf(what, json, least, most, rankOf(inputs, 0)))

/** One whole number for each axis that windows move along. */
export const perSpatial = (least: number): Kind<readonly number[]> =>
  kind((json, inputs, what) => {
    if (rankOf(inputs, 0) < 3) refuse(`needs batch, channels and at least one spatial dimension`)
    return wholesOf(what, json, least, MOST, rankOf(inputs, 0) - 2)
  })
export const format = choice<DataFormat>('channelsLast', 'channelsFirst')
export const spatialShape = ({ shape }: Tensor, layout: DataFormat): number[] =>
  shape.filter((_, i) => i !== 0 && i !== channelDim(shape.length, layout))

/** Lists of what another kind reads. */
export const list = <T>(item: Kind<T>, most = 64): Kind<readonly T[]> => ({
  write: (value) => value.map(item.write),
  read: (json, inputs, what) => listOf(what, json, most).map((x) => item.read(x, inputs, what)),
})

export const tuple = <T>(item: Kind<T>): Kind<readonly [T, T]> => ({
  write: (value) => value.map(item.write),
  read: (json, inputs, what) => {
    const [a, b, ...more] = listOf(what, json, 2)
    if (b === undefined || more.length > 0) refuse(`${what} must have two elements`)
    return [item.read(a, inputs, what), item.read(b, inputs, what)]
  },
})

export const record = <T>(kinds: Kinds<T>): Kind<T> => ({
  write: (value) => writeAll(kinds, value),
  read: (json, inputs, what) => readAll(kinds, json, inputs, what),
})

/** What cannot be vouched for when it is read, and so is not written. */
export const never = <T>(why: string): Kind<T> => ({
  isRefused: true,
  write: () => {
    throw new GraphError(why)
  },
  read: () => refuse(why),
})

export type Kinds<A> = { readonly [K in keyof A]-?: Kind<Exclude<A[K], undefined>> }

/** Attributes that are absent are left out. */
export function writeAll<A>(kinds: Kinds<A>, attrs: A): { readonly [key: string]: Json } {
  const keys = Object.keys(kinds) as (keyof A & string)[]
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = attrs[key]
      return value === undefined ? [] : [[key, kinds[key].write(value as never)]]
    }),
  )
}

export function readAll<A>(kinds: Kinds<A>, json: unknown, inputs: readonly Tensor[], what: string): A {
  const keys = Object.keys(kinds) as (keyof A & string)[]
  const own = keys.filter((key) => !kinds[key].isRefused)
  const found = fieldsOf(what, json, own)
  return Object.fromEntries(own.map((key) => [key, kinds[key].read(found[key], inputs, key)])) as A
}
