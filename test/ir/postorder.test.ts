import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { postorder } from '../../src/ir/postorder'

interface Item {
  readonly id: number
  readonly operands: readonly Item[]
}
const operandsOf = (item: Item): readonly Item[] => item.operands

/** Items whose operands come before them: operand k of item i is item `choices[i][k] % i`. */
function graphOf(choices: readonly (readonly number[])[]): Item[] {
  const items: Item[] = []
  choices.forEach((list, id) => items.push({ id, operands: id === 0 ? [] : list.map((n) => items[n % id]!) }))
  return items
}

/** As it is defined, by recursion. */
function defined(roots: readonly Item[], stop: ReadonlySet<Item>): Item[] {
  const order = new Set<Item>()
  const visit = (item: Item): void => {
    if (stop.has(item) || order.has(item)) return
    item.operands.forEach(visit)
    order.add(item)
  }
  roots.forEach(visit)
  return [...order]
}

/** Each reads the one before, so that it is as deep as it is long. */
const chain = (length: number): Item[] => graphOf(Array.from({ length }, (_, i) => [i - 1, i - 1]))

describe('postorder', () => {
  test('gives operands first, each once, without what is to be left out', () => {
    const choices = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(choices, fc.array(fc.nat()), fc.array(fc.nat(), { maxLength: 4 }), (lists, ends, stops) => {
        const items = graphOf(lists)
        const pick = (n: number): Item => items[n % items.length]!
        const stop = new Set(stops.map(pick))
        const roots = ends.map(pick)
        expect(postorder(roots, operandsOf, stop)).toEqual(defined(roots, stop))
      }),
    )
  })

  test.each([199, 200, 201, 202, 1_000])('does so in a chain of %i below branches', (length) => {
    const items = chain(length)
    const tip: Item = { id: length, operands: [items[3]!, items.at(-1)!, items[length >> 1]!] }
    expect(postorder([tip, ...items], operandsOf)).toEqual([...items, tip])
    const stop = new Set([items[length - 5]!])
    expect(postorder([tip], operandsOf, stop)).toEqual(defined([tip], stop))
  })

  test('is bounded by memory, not by the call stack', () => {
    const items = chain(200_000)
    expect(postorder([items.at(-1)!], operandsOf)).toEqual(items)
  })
})
