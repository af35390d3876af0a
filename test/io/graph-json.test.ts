import { graphToJson, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { type OpName, OPS } from '../../src/ops/table'
import { build, CASES, type OpCase } from '../ops/cases'
import { largestGraph } from '../ops/graph'
import { checkDocument, checkResults } from './graph-json'

/** Ops of which no document holds all nodes, with the reason that is given. */
const UNWRITABLE: Readonly<Partial<Record<OpName, string>>> = {
  customGradient: 'is a function',
  windowScatter: 'nothing but a compiled program has one',
  // Only where its operand is gathered.
  windowProduct: 'nothing but a compiled program has one',
}
const names = Object.keys(OPS) as OpName[]
const writable = names.filter((name) => !(name in UNWRITABLE) || name === 'windowProduct')

const inputsOf = ({ inputs }: OpCase) =>
  Object.fromEntries(
    inputs.map(({ shape, dtype }, i) => [`x${i}`, { shape, dtype: dtype === 'float' ? ('float32' as const) : dtype }]),
  )

describe('every row of the table of ops', () => {
  it.each(writable)('%s', (name) => {
    let written = 0
    for (const test of CASES[name]) {
      const body = (xs: Record<string, Tensor>) => ({
        outputs: { y: test.build(...test.inputs.map((_, i) => xs[`x${i}`]!)) },
      })
      if (name === 'windowProduct' && test.inputs.length > 2) continue
      const { nodes } = checkDocument(inputsOf(test), body).entries[0]!
      expect(nodes.map(({ op }) => op)).toContain(name)
      written++
    }
    expect(written).toBeGreaterThan(0)
  })

  it.each(Object.entries(UNWRITABLE))('%s cannot be written', (name, reason) => {
    const { inputs, body } = largestGraph(name as OpName, 'float32')
    const { net } = build(inputs, body)
    expect(() => graphToJson(net)).toThrow(reason)
  })
})

describe('an op and its gradients have the results that they had', () => {
  it.each(names.filter((name) => !(name in UNWRITABLE)))('%s', (name) => {
    const { inputs, feeds, body } = largestGraph(name, 'float32')
    checkResults(inputs, body, feeds, ['fast', 'wasm'])
  })
})
