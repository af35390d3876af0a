import { type CompileArguments, layers, sequential, type Sequential } from 'gradloom/nn'
import { randomStream } from '../../src/init/random'

export const TARGETS = ['js', 'wasm'] as const
export type Target = (typeof TARGETS)[number]

const random = randomStream(11, 'samples')
/** Samples and labels of 7 samples, so that a batch of 3 leaves one over. */
export const x = Array.from({ length: 7 }, () => [random.uniform() * 2 - 1, random.uniform() * 2 - 1])
export const y = x.map(([a, b]) => [a! - b! > 0 ? 1 : 0])

export function classifier(target: Target, options: Partial<CompileArguments> = {}): Sequential {
  const net = sequential(
    [
      layers.dense({ units: 3, activation: 'tanh', inputShape: [2] }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
    { seed: 5 },
  )
  net.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy', metrics: ['accuracy'], target, ...options })
  return net
}
