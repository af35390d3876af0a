import { type Random, randomStream } from '../init/random'
import { type Items, Pending, type Stage } from './stage'
import { rowsFrom } from './source'

/** Options of `shuffle`. */
export interface ShuffleOptions {
  /** Any safe integer; the order is a function of it and of the epoch. Default 0. */
  readonly seed?: number
  /** Whether each epoch has an order of its own. Default true. */
  readonly reshuffle?: boolean
}

/**
 * Each element given is drawn from a buffer of the next `bufferSize`. With a buffer that holds all it is Fisher and
 * Yates's shuffle: every order is as likely as any other. Where elements lie in memory the buffer holds their indices.
 */
export function shuffled<T>(
  source: Stage<T>,
  bufferSize: number,
  { seed = 0, reshuffle = true }: ShuffleOptions,
): Stage<T> {
  const { at, size, layout } = source
  return {
    size,
    layout,
    *open({ epoch, skip, closing }) {
      const random = randomStream(seed, `shuffle/${reshuffle ? epoch : 0}`)
      if (at) {
        for (const index of behind(
          drawn(
            rowsFrom(size!, (i) => i, 0),
            bufferSize,
            random,
          ),
          skip,
        ))
          yield index instanceof Pending ? index : at(index)
      } else yield* behind(drawn(source.open({ epoch, skip: 0, closing }), bufferSize, random), skip)
    },
  }
}

function* behind<T>(items: Items<T>, skip: number): Items<T> {
  let left = skip
  for (const item of items) {
    if (item instanceof Pending || left === 0) yield item
    else left--
  }
}

function* drawn<T>(items: Items<T>, bufferSize: number, random: Random): Items<T> {
  const buffer: T[] = []
  for (const item of items) {
    if (item instanceof Pending) yield item
    else if (buffer.length < bufferSize) buffer.push(item)
    else {
      const place = draw(random, bufferSize)
      const given = buffer[place]!
      buffer[place] = item
      yield given
    }
  }
  while (buffer.length > 0) {
    const place = draw(random, buffer.length)
    const given = buffer[place]!
    const last = buffer.pop()!
    if (place < buffer.length) buffer[place] = last
    yield given
  }
}

/** A whole number below `count`, each as likely to 2^-48: the 24 bits of one draw would favour some of a million. */
export const draw = (random: Random, count: number): number =>
  Math.floor((random.uniform() + random.uniform() * 2 ** -24) * count)
