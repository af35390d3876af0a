import { compile, dataset, entry, glorotUniform, matmul, mean, sgd, sparseSoftmaxCrossEntropy, tensor, variable } from 'gradloom' // prettier-ignore
import { describe, expect, it } from 'vitest'

const ROWS = 23
const x = Float32Array.from({ length: ROWS * 3 }, (_, i) => Math.sin(i))
const y = Int32Array.from({ length: ROWS }, (_, i) => i % 2)

function model(target: 'js' | 'wasm') {
  const w = variable('w', [3, 2], glorotUniform())
  const train = entry({ x: tensor(['batch', 3]), y: tensor(['batch'], 'int32') }, ({ x, y }) => {
    const loss = mean(sparseSoftmaxCrossEntropy(matmul(x, w), y))
    return { outputs: { loss }, updates: sgd(loss, [w], { learningRate: 0.5 }) }
  })
  return compile({ train }, { target })
}

describe.each(['js', 'wasm'] as const)('batches fed to a program on %s', (target) => {
  const batches = dataset.from({ x, y }, { rowShape: { x: [3] } }).shuffle(ROWS, { seed: 2 }).batch(8) // prettier-ignore

  it('train as the same rows do that are picked by hand', async () => {
    const [piped, picked] = [model(target), model(target)]
    for (let epoch = 0; epoch < 3; epoch++) {
      const order = [...dataset.from(y).enumerate().shuffle(ROWS, { seed: 2 }).iterate({ epoch })].map(([row]) => row) // prettier-ignore
      const losses: number[] = []
      for (let at = 0; at < ROWS; at += 8) {
        const rows = order.slice(at, at + 8)
        const feeds = { x: rows.map((r) => [...x.subarray(3 * r, 3 * r + 3)]), y: rows.map((r) => y[r]!) }
        losses.push(picked.train(feeds).loss)
      }
      const found: number[] = []
      for (const batch of batches.iterate({ epoch })) found.push(piped.train(batch).loss)
      expect(losses).toHaveLength(3)
      expect(found).toEqual(losses)
    }
    expect(piped.state.get('w')).toEqual(picked.state.get('w'))
  })

  it('go on from a place to the same weights, bit for bit', () => {
    const [whole, cut] = [model(target), model(target)]
    for (let epoch = 0; epoch < 2; epoch++) for (const batch of batches.iterate({ epoch })) whole.train(batch)
    for (const batch of batches.iterate({ epoch: 0 })) cut.train(batch)
    const pass = batches.iterate({ epoch: 1 })
    for (const batch of pass) {
      cut.train(batch)
      break
    }
    expect(pass.position).toEqual({ epoch: 1, skip: 1 })
    for (const batch of batches.iterate(pass.position)) cut.train(batch)
    expect(cut.state.get('w')).toEqual(whole.state.get('w'))
  })
})
