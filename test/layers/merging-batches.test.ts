import { describe, expect, it } from 'vitest'
import { compile, entry, tensor } from 'gradloom'
import { input, layers } from 'gradloom/nn'

const KINDS = ['add', 'subtract', 'average', 'multiply', 'maximum', 'minimum'] as const
const a = [[1, -2], [3, 5], [0, 7]] // prettier-ignore

describe.each(KINDS)('%s', (kind) => {
  const merge = layers[kind]()

  it('takes what does not depend on the batch as a batch of 1, first or last', () => {
    const merged = (rows: number) =>
      entry({ x: tensor([3, 2]), y: tensor([rows, 2]) }, ({ x, y }) => ({
        outputs: { xy: merge([x, y]), yx: merge([y, x]) },
      }))
    const net = compile({ one: merged(1), all: merged(3) })
    const one = net.one({ x: a, y: [[2, 4]] })
    const all = net.all({ x: a, y: [[2, 4], [2, 4], [2, 4]] }) // prettier-ignore
    for (const name of ['xy', 'yx'] as const) expect(one[name]).toEqual(all[name])
    net.dispose()
  })

  it('is part of a model with an open batch', () => {
    const x = input({ shape: [4, 2] })
    const row = layers.lambda({ function: (t) => t })(input({ batchShape: [1, 4, 2] }))
    expect(merge([x, row]).shape).toEqual([null, 4, 2])
  })

  it('refuses two batches', () => {
    const [two, three] = [2, 3].map((batch) => input({ batchShape: [batch, 2] }))
    expect(() => merge([two!, three!])).toThrow(/inputs have the same batch, or one of 1, got .*\[2, 2\].*\[3, 2\]/)
  })
})
