import { source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import type { OpName } from '../../src/ops/table'
import { build, CASES } from '../ops/cases'
import { largestGraph } from '../ops/graph'
import { binaryOf, printedBinary } from '../wat'

describe('the text of every op and its gradients assembles to its module, in short lines', () => {
  it.each(Object.keys(CASES) as OpName[])('%s', (name) => {
    for (const floats of ['float32', 'float64'] as const) {
      const { inputs, body } = largestGraph(name, floats)
      const { net } = build(inputs, body, { target: 'wasm', threads: 1 })
      for (const schedule of ['plain', 'fast'] as const) {
        const text = source(net, { target: 'wasm', schedule })
        expect(printedBinary(text)).toEqual(binaryOf(net, schedule))
        expect(text.split('\n').filter((line) => line.length > 120)).toEqual([])
      }
    }
  })
})
