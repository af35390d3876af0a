import { compile, entry, matmul, scan, tensor, type Tensor } from 'gradloom'
import { source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { entryInternals } from '../../src/compile/internals'
import { wasmKernels } from '../../src/compile/wasm-kernels'
import type { OpName } from '../../src/ops/table'
import { DIVIDED } from '../cases/modes'
import { build, CASES } from '../ops/cases'
import { largestGraph } from '../ops/graph'
import { binaryOf, printedBinary } from '../wat'
import { classifier } from './models'

/** On one thread, every kernel in calls that can be. */
const IN_CALLS = { count: 1, minWork: 0 } as const
const names = Object.keys(CASES) as OpName[]
const inCalls = new Set<OpName>()

/** The kernels that are called in parts, by name. */
function calledInParts(run: unknown): string[] {
  const { program, specialise } = entryInternals('test', run)
  const { schedule, threads } = program.settings
  const { kernels } = wasmKernels(specialise(new Map()).compilation, { schedule, threads })
  return kernels.filter((k) => k.calls).map((k) => k.name)
}

describe('every op in several calls gives the numbers of one, bit for bit', () => {
  it.each(names)('%s', (name) => {
    for (const floats of ['float32', 'float64'] as const) {
      const { inputs, feeds, body } = largestGraph(name, floats)
      const one = build(inputs, body, { target: 'wasm', threads: 1 })
      const parts = build(inputs, body, { target: 'wasm', threads: IN_CALLS })
      if (calledInParts(parts.net).length > 0) inCalls.add(name)
      // What is prepared by the first call of a step is prepared again in the next one.
      for (let step = 0; step < 2; step++) expect(parts.run(feeds)).toEqual(one.run(feeds))
      expect(calledInParts(one.net)).toEqual([])
    }
  })
})

it('most ops can be taken in calls', () => {
  expect(inCalls.size).toBeGreaterThan(0.8 * names.length)
})

describe('the cost model', () => {
  it('calls the long products of a large net in parts, and none of a small one', () => {
    const large = classifier([784, 512, 256, 10], { target: 'wasm', threads: 1 }, 128)
    expect(calledInParts(large.net.train)).toEqual(['compute_relu', 'compute_relu_2', 'compute_d_matmul_3', 'update_w0', 'update_w1']) // prettier-ignore
    expect(calledInParts(classifier([64, 32, 10], { target: 'wasm', threads: 1 }, 32).net.train)).toEqual([])
  })

  it('leaves alone what a loop calls many times', () => {
    const product = entry({ a: tensor([256, 256]), b: tensor([256, 256]) }, ({ a, b }) => ({ outputs: { y: matmul(a, b) } })) // prettier-ignore
    const power = entry({ a: tensor([256, 256]), b: tensor([256, 256]) }, ({ a, b }) => {
      const step = ({ x }: { readonly x: Tensor }) => ({ carry: { x: matmul(x, b) } })
      return { outputs: { y: scan({ carry: { x: a }, length: 3, step }).carry.x } }
    })
    const options = { target: 'wasm', threads: 1 } as const
    expect(calledInParts(compile(product, options))).toHaveLength(1)
    expect(calledInParts(compile(power, options))).toEqual([])
  })
})

describe('a large net', () => {
  const LARGE = [300, 200, 10]
  it('is trained by calls, among threads that have not begun yet, and by one, to the same weights', () => {
    const forms = [1, IN_CALLS, DIVIDED].map((threads) => classifier(LARGE, { target: 'wasm', threads }, 37))
    const losses = forms.map(({ net, feeds }) => Array.from({ length: 3 }, () => net.train(feeds(37)).loss))
    const weights = forms.map(({ net }) => net.state.names.map((name) => net.state.get(name)))
    for (const form of [1, 2]) {
      expect(losses[form]).toEqual(losses[0])
      expect(weights[form]).toEqual(weights[0])
    }
    for (const { net } of forms) net.dispose()
  })

  it('is printed as it runs', () => {
    const { net } = classifier(LARGE, { target: 'wasm', threads: IN_CALLS }, 37)
    for (const schedule of ['plain', 'fast'] as const) {
      const text = source(net.train, { target: 'wasm', schedule })
      expect(printedBinary(text)).toEqual(binaryOf(net.train, schedule))
      expect(text).toMatch(/\(func \$update_w0 \(param \$from i32\) \(param \$to i32\)$/m)
      expect(text).toContain(';; in parts, between which the engine may change over to better code')
    }
  })
})
