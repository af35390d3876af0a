import { compile, entry, type Entry } from 'gradloom'
import { onnxState, readOnnx, writeOnnx } from 'gradloom/onnx'
import { describe, expect, it } from 'vitest'
import { inferenceEntry, type Network, trainingEntry } from '../../bench/systems/gradloom-classifier'
import { cnnNetwork } from '../../bench/systems/gradloom-cnn'
import { lstmNetwork } from '../../bench/systems/gradloom-lstm'
import { mlpNetwork } from '../../bench/systems/gradloom-mlp'
import { type OpName, OPS } from '../../src/ops/table'
import { type Data, isFloat } from '../../src/ir/type'
import { build } from '../ops/cases'
import { largestGraph } from '../ops/graph'
import { expectClose, fed } from './ort'

type Results = Readonly<Record<string, Data | number>>
const flat = (v: Data | number): Data => (typeof v === 'number' ? Float64Array.of(v) : v)

/** An entry written as a file and read again, as a program of its own. */
function readAgain(run: object) {
  const model = readOnnx(writeOnnx(run))
  const made = compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })) as Entry, { target: 'js' })
  return { inputs: Object.keys(model.inputs), run: made as unknown as (feeds: Feeds) => Results }
}
type Feeds = Readonly<Record<string, unknown>>

/** Arrays as an entry takes them: what has no dimensions is a number. */
const valuesOf = (all: ReturnType<typeof fed>): Feeds =>
  Object.fromEntries(
    Object.entries(all).map(([name, { dtype, shape, data }]) => {
      const only = dtype === 'bool' ? data[0] === 1 : data[0]
      return [name, shape.length === 0 ? only : data]
    }),
  )

describe.each<[string, () => Network]>([
  ['W1', () => mlpNetwork('W1')],
  ['W3', cnnNetwork],
  ['W4', lstmNetwork],
])('%s, written and read', (_, network) => {
  const { x, y } = network().examples

  it('predicts the same', () => {
    const run = compile(inferenceEntry(network()) as Entry, { threads: 1 })
    const ours = (run({ x }) as Results)['logits']!
    expectClose(flat(readAgain(run).run({ x })['logits']!), flat(ours), 1e-5, 'logits', 1)
  })

  it('steps the same', () => {
    const run = compile(trainingEntry(network()) as Entry, { threads: 1 })
    const state = [...onnxState(writeOnnx(run))]
    const first = Object.fromEntries(state.map(([name, { first }]) => [name, first.data]))
    const results = readAgain(run).run({ x, y, ...first })
    expectClose(flat(results['loss']!), [(run({ x, y }) as { loss: number }).loss], 1e-5, 'loss')
    for (const [name, { next }] of state) expectClose(flat(results[next!]!), flat(run.state.get(name)), 1e-5, name, 1)
  })
})

/** Bits are moved as those of uint32, which is not read. */
const BITS: readonly OpName[] = [
  ...(['leftShift', 'rightShift', 'randomKey', 'randomBits', 'uniform', 'normal'] as const),
  ...(['normalTruncated', 'gumbel', 'randint'] as const),
]
/** The gradient of the sum of squares of what is normalised is 0 but for rounding. */
const ZERO_GRADIENT: readonly OpName[] = ['weightNorm']

describe('an op and its gradient, written and read, are the same', () => {
  it.each(Object.keys(OPS) as OpName[])('%s', (name) => {
    const { inputs, feeds, body } = largestGraph(name, 'float32')
    const ran = build(inputs, body, { target: 'js' })
    let again: ReturnType<typeof readAgain>
    try {
      again = readAgain(ran.net)
    } catch (error) {
      expect(String(error)).toMatch(BITS.includes(name) ? /no tensors of uint32/ : /has no form in ONNX/)
      return
    }
    expect(BITS).not.toContain(name)
    const results = again.run(valuesOf(fed(ran.net, again.inputs, feeds)))
    const { outputs } = ran.traced.roots
    for (const [key, data] of Object.entries(ran.run(feeds))) {
      if (key !== 'y' && ZERO_GRADIENT.includes(name)) continue
      expectClose(flat(results[key]!), data, isFloat(outputs.get(key)!.dtype) ? 1e-5 : 0, key)
    }
    ran.dispose()
  })
})
