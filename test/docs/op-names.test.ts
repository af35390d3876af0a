import * as loom from 'gradloom'
import { expect, it } from 'vitest'
import { isThere, ROWS } from './op-names'

/** How many rows are there at least. */
const LEAST = 240

it('the ops that Keras and one other library have are here by name or alias, or stand with a reason', () => {
  const places = Object.values(ROWS)
  expect(places.length).toBe(287)
  const unknown = places.filter((p) => typeof p === 'string' && !isThere(p))
  expect(unknown, 'names that are not exported').toEqual([])
  const silent = places.filter((p) => typeof p !== 'string' && p.missing === '')
  expect(silent).toEqual([])
  const there = places.filter(isThere)
  console.info(`${there.length} of ${places.length} rows, under ${new Set(there).size} names`)
  expect(there.length).toBeGreaterThanOrEqual(LEAST)
})

it('no row is said to be missing that is exported under its name', () => {
  const lower = new Set(Object.keys(loom).map((name) => name.toLowerCase()))
  const found = Object.entries(ROWS).filter(([row, p]) => typeof p !== 'string' && lower.has(row.replaceAll('_', '')))
  expect(found).toEqual([])
})
