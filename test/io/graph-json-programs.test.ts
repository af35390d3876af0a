import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import * as loom from 'gradloom'
import { compile, graphFromJson, graphToJson, type GraphDocument } from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import * as random from '../fuzz/graphs'
import { randomNumbers } from '../ops/cases'
import * as loops from '../scan/programs'
import { scanned } from '../scan/unrolled'
import { expectFault } from '../fault'
import { checkDocument, checkResults } from './graph-json'
import { BATCH, feedsOf, PROGRAMS } from './graph-programs'

const NAMES = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]
const bindings = { B: BATCH }

describe.each(NAMES)('a training program: %s', (name) => {
  type Net = { readonly train: (feeds: object) => { readonly loss: number } } & loom.Program<Record<string, never>>
  const documentOf = (): GraphDocument => graphToJson(compile(PROGRAMS[name]() as never), { bindings })
  const text = JSON.stringify(documentOf())

  test('is the same text each time, and after it was read', () => {
    expect(JSON.stringify(documentOf())).toBe(text)
    const { entries } = graphFromJson(text)
    expect(JSON.stringify(graphToJson(compile(entries)))).toBe(text)
  })

  test.each(['js', 'wasm'] as const)('trains from its first values as it did, bit for bit, %s', (target) => {
    const options = { target, threads: 1, seed: 7 } as const
    const [first, again] = [PROGRAMS[name](), graphFromJson(text).entries].map(
      (entries) => compile(entries as never, options) as unknown as Net,
    ) as [Net, Net]
    expect(again.state.names).toEqual(first.state.names)
    const losses = [1, 2, 3].map((seed) => {
      const { loss } = first.train(feedsOf(name, seed))
      expect(again.train(feedsOf(name, seed)).loss).toBe(loss)
      return loss
    })
    expect(new Set(losses).size).toBe(3)
    for (const key of first.state.names) expect(again.state.get(key), key).toEqual(first.state.get(key))
  })
})

test('the format: a document of before is read, and written as it was', () => {
  const path = new URL('../golden/graph-mlp.json', import.meta.url)
  const text = readFileSync(path, 'utf8')
  const now = graphToJson(compile(PROGRAMS.mlp() as never), { bindings })
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(now)))
  expect(JSON.parse(JSON.stringify(graphToJson(compile(graphFromJson(text).entries))))).toEqual(JSON.parse(text))
})

describe('random graphs', () => {
  const WHY = /is a function|nothing but a compiled program has one/

  it.each(['values', 'gradients', 'smooth'] as const)('%s', (kind) => {
    let refused = 0
    const property = fc.property(random.recipes([kind]), (recipe) => {
      const [inputs, body] = [random.inputsOf(recipe), random.bodyOf(recipe)]
      try {
        checkDocument(inputs, body)
      } catch (error) {
        // Growers take every op, also those of which no document holds a node.
        if (!WHY.test(String(error))) throw error
        refused++
        return
      }
      const feeds = random.feedsOf(recipe, randomNumbers(recipe.seed))
      checkResults(inputs, body, feeds, [recipe.seed % 2 === 0 ? 'fast' : 'wasm'])
    })
    fc.assert(property, { numRuns: 25, seed: 5, endOnFailure: true })
    expect(refused).toBeLessThan(12)
  })
})

describe('loops and choices', () => {
  it.each(loops.PROGRAMS)('%s', (_, of) => {
    const { inputs, body, feeds } = of('float32')
    checkDocument(inputs, body(scanned))
    checkResults(inputs, body(scanned), feeds(randomNumbers(1)), ['wasm'])
  })
})

describe('refused', () => {
  const w = loom.variable('w', [2], 1)
  const own = loom.entry({ x: loom.tensor(['B', 2]) }, ({ x }) => ({ outputs: { y: loom.mul(x, w) } }))

  test('named dimensions without their extents, and what is no program', () => {
    expectFault(() => graphToJson(compile(own)), loom.GraphError, 'graphToJson', '"main"', '{ B: 32 }')
    expectFault(() => graphToJson(compile(own), { bindings: { B: -1 } }), loom.GraphError, '"B" is -1')
    expectFault(() => graphToJson({}), loom.GraphError, 'graphToJson', 'compile')
  })

  test('a gradient of one’s own', () => {
    const custom = loom.entry({ x: loom.tensor([2]) }, ({ x }) => ({
      outputs: { y: loom.customGradient([x], (v) => loom.sin(v), ({ cotangent }) => [cotangent]) }, // prettier-ignore
    }))
    expectFault(() => graphToJson(compile(custom)), loom.GraphError, 'customGradient', 'is a function')
  })
})

test('one entry of a program, without what belongs to others', () => {
  const net = compile(PROGRAMS.mlp()) as unknown as { readonly predict: object }
  const { entries, variables } = graphToJson(net.predict, { bindings })
  expect(entries.map(({ name }) => name)).toEqual(['predict'])
  expect(variables.map(({ name }) => name)).toEqual(['W1', 'b1', 'W2'])
})
