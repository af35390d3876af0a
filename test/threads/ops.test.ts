import { describe, expect, it } from 'vitest'
import type { OpName } from '../../src/ops/table'
import { DIVIDED } from '../cases/modes'
import { build, CASES } from '../ops/cases'
import { largestGraph } from '../ops/graph'

const names = Object.keys(CASES) as OpName[]
/** Ops of which a kernel was divided. */
const divided = new Set<OpName>()

/** Their kernels call functions of the host, which other threads do not have. */
const HOST = 'sin cos tan sinc normal'
/** No kernel, a single result, two, or loops in which each result depends on those before. */
const SINGLE = 'variable constant countNonZero squeeze randomKey permutation argsort argTopK cumArgMax'

describe('every op on two threads gives the numbers of one, bit for bit', () => {
  it.each(names)('%s', async (name) => {
    for (const floats of ['float32', 'float64'] as const) {
      const { inputs, feeds, body } = largestGraph(name, floats)
      const one = build(inputs, body, { target: 'wasm', threads: 1 })
      const two = build(inputs, body, { target: 'wasm', threads: DIVIDED })
      await two.ready
      expect(two.run(feeds)).toEqual(one.run(feeds))
      if (two.splits() > 0) divided.add(name)
      two.dispose()
    }
  })
})

it('whatever has results side by side was divided', () => {
  const whole = names.filter((name) => !divided.has(name))
  expect(whole.sort()).toEqual(`${HOST} ${SINGLE}`.split(/\s+/).sort())
})
