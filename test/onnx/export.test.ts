import { compile, type Entry } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { inferenceEntry, type Network, trainingEntry } from '../../bench/systems/gradloom-classifier'
import { cnnNetwork } from '../../bench/systems/gradloom-cnn'
import { lstmNetwork } from '../../bench/systems/gradloom-lstm'
import { mlpNetwork } from '../../bench/systems/gradloom-mlp'
import { expectClose, exported, fed } from './ort'

const NETWORKS: readonly (readonly [string, () => Network])[] = [
  ['W1', () => mlpNetwork('W1')],
  ['W2', () => mlpNetwork('W2')],
  ['W3', cnnNetwork],
  ['W4', lstmNetwork],
]
const STEPS = 10

describe.each(NETWORKS)('%s in onnxruntime', (_, network) => {
  const { x, y } = network().examples

  it('gives the outputs of inference', async () => {
    const run = compile(inferenceEntry(network()) as Entry, { threads: 1 })
    const model = await exported(run)
    const { logits } = await model.run(fed(run, ['x'], { x }))
    expect(model.inputs).toEqual(['x'])
    expectClose(logits!, (run({ x }) as Record<string, Float32Array>)['logits']!, 1e-5, 'logits', 1)
    await model.release()
  })

  it(`trains ${STEPS} steps to the same losses and weights`, async () => {
    const run = compile(trainingEntry(network()) as Entry, { threads: 1 })
    const model = await exported(run)
    expect(model.inputs).toEqual(['x', 'y', ...model.state.keys()])
    for (let step = 1; step <= STEPS; step++) {
      const results = await model.run(fed(run, ['x', 'y'], { x, y }))
      const loss = (run({ x, y }) as Record<string, number>)['loss']!
      expectClose(results['loss']!, [loss], step * 1e-5, `loss of step ${step}`)
      for (const [name, { data }] of model.state)
        expectClose(data, run.state.get(name) as Float32Array, step * 1e-5, `${name} after step ${step}`, 1)
    }
    await model.release()
  })
})
