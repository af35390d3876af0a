import { quoted } from '../../formats/error'
import { GraphError } from '../../ir/errors'
import { isWellFormed } from '../../ir/text'
import { type DType, DTYPES, MOST_POSITIONS, showShape, type TensorType } from '../../ir/type'

export const MOST = MOST_POSITIONS
const MAX_RANK = 64

/** How a message speaks of a value that is not what it should be. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? quoted(value) : Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value === 'object' ? 'an object' : String(value) // prettier-ignore

export function refuse(message: string): never {
  throw new GraphError(message)
}

/** The fields of an object that has all those named and no others but `optional` ones. Nothing inherited is looked at. */
export function fieldsOf<R extends string, O extends string = never>(
  what: string,
  json: unknown,
  required: readonly R[],
  optional: readonly O[] = [],
): Readonly<Record<R, unknown> & Partial<Record<O, unknown>>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    refuse(`${what} is no object but ${shown(json)}`)
  const found = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(json)) {
    if (!(required as readonly string[]).includes(key) && !(optional as readonly string[]).includes(key))
      refuse(`${what} has an unknown key ${quoted(key)}`)
    found[key] = (json as Record<string, unknown>)[key]
  }
  const missing = required.find((key) => !(key in found))
  if (missing !== undefined) refuse(`${what} has no ${missing}`)
  return found as Record<R, unknown> & Partial<Record<O, unknown>>
}

export function listOf(what: string, json: unknown, most = Infinity): readonly unknown[] {
  if (!Array.isArray(json)) refuse(`${what} is no list but ${shown(json)}`)
  if (json.length > most) refuse(`${what} has ${json.length} elements, more than ${most}`)
  return json as readonly unknown[]
}

export function wholeOf(what: string, json: unknown, least: number, most: number): number {
  if (Number.isInteger(json) && (json as number) >= least && (json as number) <= most) return (json as number) + 0
  return refuse(`${what} must be a whole number from ${least} to ${most}, it is ${shown(json)}`)
}

export function wholesOf(what: string, json: unknown, least: number, most: number, count?: number): readonly number[] {
  const list = listOf(what, json, MAX_RANK)
  if (count !== undefined && list.length !== count) refuse(`${what} must have ${count} elements, it has ${list.length}`)
  return list.map((item) => wholeOf(what, item, least, most))
}

export function nameOf(what: string, json: unknown): string {
  if (typeof json === 'string' && json !== '' && isWellFormed(json)) return json
  return refuse(`${what} must be well-formed text that is not empty, it is ${shown(json)}`)
}

export function oneOf<const T>(what: string, json: unknown, legal: readonly T[]): T {
  if (legal.includes(json as T)) return json as T
  return refuse(`${what} must be one of ${legal.join(', ')}, it is ${shown(json)}`)
}

export const dtypeOf = (json: unknown): DType => oneOf('dtype', json, DTYPES)

/** A shape whose positions fit int32; an extent of 0 does not hide that the others do not. */
export function shapeOf(what: string, json: unknown): readonly number[] {
  const shape = wholesOf(what, json, 0, MOST)
  if (shape.reduce((product, extent) => product * (extent || 1), 1) > MOST)
    refuse(`${what} ${showShape(shape)} has more than ${MOST} elements`)
  return shape
}

export const typeOf = ({ shape, dtype }: { readonly shape: unknown; readonly dtype: unknown }): TensorType => ({
  dtype: dtypeOf(dtype),
  shape: shapeOf('shape', shape),
})

/** Names that must differ. */
export class Names {
  private readonly seen = new Set<string>()
  constructor(private readonly what: string) {}
  add(json: unknown): string {
    const name = nameOf(`the name of ${this.what}`, json)
    if (this.seen.has(name)) refuse(`${this.what} ${quoted(name)} is there twice`)
    this.seen.add(name)
    return name
  }
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])

/** What JSON has no number for is a string. */
export const numberJson = (value: number): number | string =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value)

export function numberOf(what: string, json: unknown): number {
  const found = typeof json === 'string' ? SPECIAL.get(json) : json
  if (typeof found === 'number' && (typeof json === 'string' || Number.isFinite(found))) return found
  return refuse(`${what} must be a number, it is ${shown(json)}`)
}
