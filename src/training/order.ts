import { randomStream } from '../init/random'

/**
 * The places of samples in an epoch: a permutation that is a function of the seed, of how often the model was fitted before,
 * and of the epoch, and of nothing else. Source: Fisher and Yates, in Durstenfeld's form.
 */
export function shuffledOrder(count: number, seed: number, fit: number, epoch: number): Int32Array {
  const order = unshuffled(count)
  const random = randomStream(seed, `shuffle/${fit}/${epoch}`)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1))
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
  return order
}

export function unshuffled(count: number): Int32Array {
  const order = new Int32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  return order
}
