import * as loom from 'gradloom'
import { compile, entry, sgd, tensor, type Tensor, variable, zeros } from 'gradloom'
import { inspect } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'

const f = variable('f', [3, 3, 8, 1], loom.glorotUniform())
const b = variable('b', [8], zeros())
const images = { x: tensor([2, 6, 6, 8]) }
const layer = (x: Tensor): Tensor => loom.relu(loom.add(loom.depthwiseConv2d(x, f), b))
const square = { a: tensor([6, 4]), c: tensor([4, 5]), s: tensor([6, 1, 5]) }

const PROGRAMS = {
  'a depthwise convolution with bias and relu': [1, entry(images, ({ x }) => ({ outputs: { y: layer(x) } }))],
  // Forward, loss, and the gradients of kernel and bias with their updates.
  'its training step': [
    4,
    entry(images, ({ x }) => {
      const loss = loom.mean(loom.square(layer(x)))
      return { outputs: { loss }, updates: sgd(loss, [f, b]) }
    }),
  ],
  'a product behind which an axis of 1 comes': [
    1,
    entry(square, ({ a, c, s }) => ({ outputs: { y: loom.tanh(loom.add(loom.expandDims(loom.matmul(a, c), 1), s)) } })),
  ],
  'a sum over a kept axis that is dropped': [
    1,
    entry(square, ({ a }) => ({ outputs: { y: loom.exp(loom.squeeze(loom.sum(a, { axis: 1, keepDims: true }), 1)) } })),
  ],
} as const

describe('an axis of extent 1 keeps nothing apart', () => {
  it.each(Object.entries(PROGRAMS))('%s', (_name, [count, made]) => {
    const run = compile(made as loom.Entry, { target: 'js' })
    expect(inspect(run).kernels.map((k) => k.name)).toHaveLength(count)
  })
})
