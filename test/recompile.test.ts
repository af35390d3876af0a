import { layers, sequential } from 'gradloom/nn'
import { compile, entry, mul, sgd, sum, tensor, variable } from 'gradloom'
import { describe, expect, test } from 'vitest'
import { findInternals, type ProgramInternals } from '../src/compile/internals'

const programOf = (x: object): ProgramInternals => {
  const found = findInternals(x)!
  return 'entry' in found ? found.program : found
}

describe('the entries of a program in another one', () => {
  const w = variable('w', [2], [1, 2])
  const net = compile(
    {
      train: entry({ x: tensor([2]) }, ({ x }) => {
        const loss = sum(mul(w, x))
        return { outputs: { loss }, updates: sgd(loss, [w], { learningRate: 1 }) }
      }),
    },
    { passes: { hoist: false } },
  )

  test('have state of their own, with first values', () => {
    net.train({ x: [1, 1] })
    const other = programOf(net).recompile({}) as typeof net
    expect(other.train({ x: [1, 1] }).loss).toBe(3)
    expect([...net.state.get('w')]).toEqual([0, 1])
  })

  test('are compiled with other options where some are given', () => {
    const { settings } = programOf(
      programOf(net).recompile({ passes: { inline: false }, schedule: 'plain', target: 'js' }),
    )
    expect(settings).toMatchObject({
      schedule: 'plain',
      target: 'js',
      passes: { hoist: false, inline: false, group: true },
    })
    expect(programOf(programOf(net).recompile({ fuse: false })).settings.passes).toMatchObject({
      inline: false,
      hoist: false,
    })
  })

  test('keep what a model made in them', () => {
    const model = sequential([layers.dense({ units: 2, inputShape: [3] })])
    model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
    const filled = (columns: number) =>
      Object.assign(
        Float32Array.from({ length: 2 * columns }, (_, i) => Math.sin(i)),
        { shape: [2, columns] },
      )
    const [x, y] = [filled(3), filled(2)]
    const { loss } = model.testOnBatch(x, y)
    // Its metrics are kept outside the entries, which find them again.
    const { entries } = programOf(programOf(model.program).recompile({ fuse: false }))
    const { entry: train, specialise } = entries.get('train')!
    const [input, target] = Object.keys(train.inputs)
    const first = specialise(new Map([['B', 2]])).run({ [input!]: x, [target!]: y })
    expect(first['loss']).toBeCloseTo(loss as number, 5)
  })
})
