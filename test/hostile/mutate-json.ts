import { below, oneOf } from './random'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const LEAVES: readonly Json[] = [
  ...[0, 1, -1, 2, 3, 0.5, -0.5, 1e-320, 1e308, 255, 65536, 1e6, 1e9],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53],
  ...[null, true, false, '', '0', '__proto__', 'constructor', 'toString', '../up', 'n'.repeat(3000), '`${1}`', '*/'],
  ...[[], {}, [[]], [0], [null], [1e9, 1e9], { className: 'Dense', config: {} }],
]
const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'more', '']

/** Every place of a value: what holds it, and under which key. */
function placesOf(value: Json): [holder: Json[] | { [key: string]: Json }, key: string | number][] {
  const places: [Json[] | { [key: string]: Json }, string | number][] = []
  const stack = [value]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (typeof at !== 'object' || at === null) continue
    const holder = at
    for (const key of Object.keys(holder)) {
      places.push([holder, Array.isArray(holder) ? Number(key) : key])
      const inner = (holder as { [key: string]: Json })[key]!
      if (inner !== undefined) stack.push(inner)
    }
  }
  return places
}

function setOwn(holder: Json[] | { [key: string]: Json }, key: string | number, value: Json): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

/**
 * JSON text of right form in which a few values are others, missing, twice or elsewhere: what changes of bytes seldom lead to.
 * Keys that reach for a prototype are among those that are added.
 */
export function mutatedJson(text: string, random: () => number): string {
  const holder = { root: JSON.parse(text) as Json }
  for (let n = 1 + below(random, 3); n > 0; n--) {
    const places = placesOf(holder)
    const [at, key] = oneOf(random, places)
    const old = (at as { [key: string]: Json })[key]!
    const [from, fromKey] = oneOf(random, places)
    const other = structuredClone((from as { [key: string]: Json })[fromKey]!)
    const way = below(random, 8)
    if (way === 0 && at !== holder) {
      if (Array.isArray(at)) at.splice(key as number, 1)
      else delete at[key]
    } else if (way === 1 && Array.isArray(at)) at.splice(key as number, 0, structuredClone(old))
    else if (way === 2 && !Array.isArray(at) && at !== holder) setOwn(at, oneOf(random, KEYS), other)
    else if (way === 3 || way === 4) setOwn(at, key, other)
    else if (way === 5 && typeof old === 'number') setOwn(at, key, old + oneOf(random, [1, -1, 1000, 0.5]))
    else setOwn(at, key, structuredClone(oneOf(random, LEAVES)))
  }
  return JSON.stringify(holder.root) ?? 'null'
}
