import * as loom from 'gradloom'
import names from '../fixtures/op-names.json'
import { code } from './text'

/** Where a row of the peers is found here: a public name, or why there is none. */
type Place = string | { readonly missing: string }
/** The ops that Keras and one other library have, and what Keras calls those that it calls otherwise. */
export const ROWS = names.rows as Readonly<Record<string, Place>>
const KERAS = names.keras as Readonly<Record<string, string>>

/** What is no function here: a property of every tensor. */
export const PROPERTIES: Readonly<Record<string, string>> = {
  'tensor.shape': '`shape` of a tensor, known from the start',
}

export const isThere = (place: Place): place is string =>
  typeof place === 'string' && (Object.hasOwn(loom, place) || Object.hasOwn(PROPERTIES, place))

const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** Names of Keras, and the name here where that is another one than the same in camel case. */
export function elsewhere(): string[][] {
  return Object.entries(ROWS).flatMap(([row, place]) => {
    if (!isThere(place)) return []
    const keras = KERAS[row] ?? row
    if (camelCase(keras) === place) return []
    return [[code(keras), KERAS[row] === undefined ? '' : row, PROPERTIES[place] ?? code(place)]]
  })
}

export const missing = (): string[][] =>
  Object.entries(ROWS).flatMap(([row, place]) =>
    typeof place === 'string' ? [] : [[code(KERAS[row] ?? row), place.missing]],
  )
