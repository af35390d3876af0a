import type { Pieces } from './text'

/** Nats that each next character costs, on average, who knows how often characters are used, and who knows what follows which. */
export interface CountedNats {
  readonly unigram: number
  readonly bigram: number
}

/** Counts in a text that is learnt from, every count one larger than it is; what the characters of others cost by them. */
export function countedNats(learnt: Int32Array, { x, y }: Pieces, characters: number): CountedNats {
  const single = new Float64Array(characters).fill(1)
  const pairs = new Float64Array(characters * characters).fill(1)
  const firsts = new Float64Array(characters).fill(characters)
  for (let i = 1; i < learnt.length; i++) {
    const [before, code] = [learnt[i - 1]!, learnt[i]!]
    single[code]!++
    pairs[before * characters + code]!++
    firsts[before]!++
  }
  const total = single.reduce((a, b) => a + b)
  const mean = (probability: (i: number) => number): number =>
    y.reduce((sum, _, i) => sum - Math.log(probability(i)), 0) / y.length
  return {
    unigram: mean((i) => single[y[i]!]! / total),
    bigram: mean((i) => pairs[x[i]! * characters + y[i]!]! / firsts[x[i]!]!),
  }
}

/** Draws a code by scores: e to the score over the temperature is how likely it is beside the others. */
export function drawn(scores: ArrayLike<number>, temperature: number, random: () => number): number {
  const largest = Array.from(scores).reduce((a, b) => Math.max(a, b))
  const weights = Array.from(scores, (score) => Math.exp((score - largest) / temperature))
  let rest = random() * weights.reduce((a, b) => a + b)
  const found = weights.findIndex((weight) => (rest -= weight) < 0)
  return found < 0 ? weights.length - 1 : found
}
