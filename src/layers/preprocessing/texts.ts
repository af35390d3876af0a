import { GraphError } from '../../ir/errors'
import { shown } from '../option'

/** Strings outside of graphs: one, or nested arrays of them. */
export type Texts = string | readonly Texts[]

export interface Nest<T> {
  readonly shape: readonly number[]
  readonly values: readonly T[]
}

/** Nested arrays of one depth with their values in a line. Throws a GraphError for what is uneven or no such value. */
export function nestOf<T>(where: string, nested: unknown, is: (v: unknown) => v is T, kind: string): Nest<T> {
  const shape: number[] = []
  for (let level = nested; Array.isArray(level); level = level[0] as unknown) shape.push(level.length)
  const values: T[] = []
  const visit = (part: unknown, depth: number): void => {
    if (depth < shape.length) {
      if (!Array.isArray(part) || part.length !== shape[depth])
        throw new GraphError(`${where}: arrays are uneven at depth ${depth}: expected length ${shape[depth]}`)
      for (const inner of part) visit(inner, depth + 1)
    } else if (is(part)) values.push(part)
    else throw new GraphError(`${where}: expected ${kind}, found ${shown(part)}`)
  }
  visit(nested, 0)
  return { shape, values }
}
export const isText = (v: unknown): v is string => typeof v === 'string'
export const isWhole = (v: unknown): v is number => Number.isSafeInteger(v)

/** In the order of code points, which is that of UTF-8. */
export function compareTexts(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)]
  const at = left.findIndex((c, i) => c !== right[i])
  if (at === -1) return left.length - right.length
  return right[at] === undefined ? 1 : left[at]!.codePointAt(0)! - right[at].codePointAt(0)!
}
/** Whether nested arrays hold texts, by the first of them. */
export function holdsTexts(nested: unknown): boolean {
  let first = nested
  while (Array.isArray(first)) first = first[0] as unknown
  return isText(first)
}
