import { constant, entry, FeedError, gather, type Indices, mul, segmentSum, tensor, vjp } from 'gradloom'
import { type Case, floats, messageOf, numeric } from '../case'

const ROWS = [1, 2, 3, 4, 5, 6]
/** What is fed or computed as an index, and the position of the one that is out of range. */
const WRONG = [
  { ids: [0, 3], bad: '3 at position 1' },
  { ids: [0, -1], bad: '-1 at position 1' },
]

export const cases: readonly Case[] = [
  numeric('IDX-1', {
    build: (dtype) =>
      entry({ x: tensor([1], dtype), dy: tensor([2], dtype) }, ({ x, dy }) => {
        const y = gather(x, constant(Int32Array.of(0, 0), { shape: [2] }))
        return { outputs: { y, g: vjp([y], [dy], [x])[0] } }
      }),
    feeds: (dtype) => ({ x: floats(dtype, [0.1]), dy: floats(dtype, [0.2, 0.3]) }),
    expected: { g: [0.5] },
  }),
  numeric('IDX-3', {
    build: (dtype) => {
      const specs = { table: tensor([3, 2], dtype), ids: tensor([2], 'int32') }
      return {
        fed: entry(specs, ({ table, ids }) => ({ outputs: { y: gather(table, ids) } })),
        computed: entry(specs, ({ table, ids }) => ({ outputs: { y: gather(table, mul(ids, 1) as Indices) } })),
      }
    },
    drive: ({ mode, run }, check, dtype) => {
      const table = floats(dtype, ROWS)
      const fails = (name: string, ids: number[], parts: readonly string[]): void => {
        try {
          run(name, { table, ids })
          check(false, `${name}: ids ${String(ids)} are taken`)
        } catch (error) {
          // An emitted module has a class of its own.
          check(error instanceof FeedError || mode.endsWith('emitted'), `${name}: not a FeedError: ${String(error)}`)
          for (const part of parts)
            check(messageOf(error).includes(part), `${name}: the message does not name ${part}: ${messageOf(error)}`)
        }
      }
      for (const { ids, bad } of WRONG) {
        fails('fed', ids, ['"ids"', bad, 'gather', '0 to 2'])
        fails('computed', ids, ['"ids"', '(1 case)', 'gather', '0 to 2'])
      }
      return { fed: run('fed', { table, ids: [2, 0] })['y']!, computed: run('computed', { table, ids: [1, 1] })['y']! }
    },
    expected: { fed: [[5, 6], [1, 2]], computed: [[3, 4], [3, 4]] }, // prettier-ignore
  }),
  numeric('IDX-5', {
    build: (dtype) => {
      const specs = { updates: tensor([3], dtype), ids: tensor([3], 'int32'), dy: tensor([3], dtype) }
      return entry(specs, ({ updates, ids, dy }) => {
        const y = segmentSum(updates, ids, 3)
        return { outputs: { y, g: vjp([y], [dy], [updates])[0] } }
      })
    },
    feeds: (dtype) => ({
      updates: floats(dtype, [1, 2, 4]),
      ids: Int32Array.of(0, 0, 1),
      dy: floats(dtype, [10, 20, 30]),
    }),
    expected: { y: [3, 4, 0], g: [10, 10, 20] },
  }),
]
