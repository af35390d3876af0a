import { GraphError } from '../ir/errors'
import { choice, type Option, perAxis, required, shown } from './option'

// Options of layers that go over one to three spatial axes.

export const dataFormat = () => choice(['channelsLast', 'channelsFirst'], 'channelsLast')
export const padding = () => choice(['valid', 'same'], 'valid')

/** How windows of a convolution lie. */
export const windowOptions = (rank: number) => ({
  kernelSize: required(perAxis(rank)),
  strides: perAxis(rank, 1),
  dilationRate: perAxis(rank, 1),
  dataFormat: dataFormat(),
})

type Pair = readonly [before: number, after: number]
type Border = number | Pair
/** One number for all sides; with one axis a pair, with several a number or a pair for each. */
export type BordersGiven = number | Pair | readonly Border[]

const isCount = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0
const pairOf = (v: unknown): Pair | undefined => {
  const pair = isCount(v) ? [v, v] : v
  return Array.isArray(pair) && pair.length === 2 && pair.every(isCount) ? (pair as never) : undefined
}

/** What is cut or put before and after each spatial axis. */
export function borders(rank: number, fallback: number): Option<BordersGiven, readonly Pair[], false> {
  const text = `a whole number from 0, ${rank === 1 ? 'or a pair [before, after]' : `or a number or a pair [before, after] for each of ${rank} axes`}`
  return {
    required: false,
    text,
    fallback,
    parse(value, where) {
      const list = isCount(value) ? Array.from({ length: rank }, () => value) : rank === 1 ? [value] : value
      const pairs = Array.isArray(list) ? list.map(pairOf) : []
      if (pairs.length !== rank || pairs.includes(undefined))
        throw new GraphError(`${where} must be ${text}, it is ${shown(value)}`)
      return pairs as Pair[]
    },
    write: (pairs) => (rank === 1 ? pairs[0] : pairs),
  }
}
