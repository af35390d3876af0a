import { add, broadcastTo, compile, constant, dropout, emit, entry, type Entry, matmul, mul, scan, sgd, square, sub, sum, tanh, tensor, update, variable } from 'gradloom' // prettier-ignore
import { afterAll, describe, expect, it } from 'vitest'
import { closeAll, COMPILED, type CompiledMode, type Entries, EMITTED, type EmittedMode, type Feeds, open, optionsOf } from '../cases/modes' // prettier-ignore
import { load } from '../emitted'
import type { Results } from '../cases/expect'

afterAll(closeAll)

/** Training with a state that is carried from batch to batch, over named dimensions, with noise and a count of turns. */
function recurrent(): Entries {
  const small = (rows: number, columns: number) =>
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => Math.sin(3 * i + 5 * j) / 3))
  const W = variable('W', [3, 4], small(3, 4))
  const U = variable('U', [4, 4], small(4, 4))
  const kept = variable('kept', [4], [0.1, 0.2, 0.3, 0.4])
  const turns = variable('turns', [], 0, { dtype: 'int32' })
  const batch = { x: tensor(['B', 'T', 3]) }
  return {
    train: entry(batch, ({ x }) => {
      const first = mul(kept, constant([1, -1, 1, -1]))
      const { carry, outputs } = scan({
        over: { x },
        axis: 1,
        carry: { h: broadcastTo(first, ['B', 4]), n: turns },
        // The variables that it reads are overwritten by the same entry.
        step: ({ h, n }, { x }) => {
          const next = tanh(add(matmul(dropout(x, 0.25), W), matmul(h, U)))
          return { carry: { h: next, n: add(n, 1) }, outputs: { h: next } }
        },
      })
      const loss = sum(square(sub(outputs.h, 0.5)))
      return {
        outputs: { loss, hs: outputs.h, last: carry.h },
        updates: [
          ...sgd(loss, [W, U], { learningRate: 0.01 }),
          update(kept, add(mul(kept, 0.5), mul(sum(carry.h, { axis: 0 }), 0.1))),
          update(turns, carry.n),
        ],
      }
    }),
    predict: entry(batch, ({ x }) => ({
      outputs: scan({
        over: { x },
        axis: 1,
        reverse: true,
        carry: { h: broadcastTo(kept, ['B', 4]) },
        step: ({ h }, { x }) => {
          const next = tanh(add(matmul(x, W), matmul(h, U)))
          return { carry: { h: next }, outputs: { h: next } }
        },
      }).outputs,
    })),
  }
}

const data = (B: number, T: number, seed: number): Feeds => ({
  x: Object.assign(
    Float32Array.from({ length: B * T * 3 }, (_, i) => Math.sin(seed + 1.7 * i)),
    { shape: [B, T, 3] },
  ),
})
/** Batches of two sizes in turn, so that the state of a loop would leak from one to the other. */
const SIZES = [[4, 5], [3, 7], [4, 5], [1, 1], [4, 5], [3, 7]] as const // prettier-ignore

interface Runs {
  readonly run: (entry: 'train' | 'predict', feeds: Feeds) => Results
  readonly state: { readonly names: readonly string[]; get(name: string): unknown }
}

function historyOf({ run, state }: Runs): Results[] {
  const rows = SIZES.map(([B, T], i) => run('train', data(B, T, i)))
  for (const _ of [1, 2]) rows.push(...SIZES.map(([B, T], i) => run('predict', data(B, T, i))))
  return [...rows, Object.fromEntries(state.names.map((name) => [name, state.get(name)])) as Results]
}

const history = async (mode: CompiledMode): Promise<Results[]> => historyOf(await open(mode, recurrent, { seed: 4 }))

async function emittedHistory(mode: EmittedMode): Promise<Results[]> {
  const { format } = EMITTED[mode]
  const program = compile<Record<string, Entry>>(recurrent(), { ...optionsOf(mode), seed: 4 })
  const bindings = [{ B: 4, T: 5 }, { B: 3, T: 7 }, { B: 1, T: 1 }] // prettier-ignore
  const module = (await load(emit(program, { format, bindings, weights: 'inline' }))) as unknown as Record<
    string,
    (feeds: Feeds) => Results
  > &
    Runs
  program.dispose()
  return historyOf({ run: (entry, feeds) => module[entry]!(feeds), state: module.state })
}

const flat = (rows: readonly Results[]): number[] =>
  rows.flatMap((row) =>
    Object.values(row).flatMap((v) => (typeof v === 'number' ? [v] : Array.from(v as Float32Array))),
  )

describe('a recurrent program over named dimensions', () => {
  it('computes the same in every mode, whatever ran before', { timeout: 120_000 }, async () => {
    const first = flat(await history('plain'))
    expect(first.every(Number.isFinite)).toBe(true)
    for (const mode of COMPILED) {
      const other = flat(await history(mode))
      expect(other).toHaveLength(first.length)
      other.forEach((v, i) => expect(Math.abs(v - first[i]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(first[i]!))))
    }
  })

  it('gives what it gave before when it is called again', async () => {
    const session = await open('fast', recurrent, { seed: 4 })
    const once = SIZES.map(([B, T], i) => flat([session.run('predict', data(B, T, i))]))
    session.run('train', data(2, 2, 9))
    const rows = flat([session.run('predict', data(4, 5, 0))])
    expect(rows).not.toEqual(once[0])
    const again = await open('fast', recurrent, { seed: 4 })
    ;[...SIZES.keys()].reverse().forEach((i) => {
      const [B, T] = SIZES[i]!
      expect(flat([again.run('predict', data(B, T, i))])).toEqual(once[i])
    })
  })

  it.each(Object.keys(EMITTED) as EmittedMode[])('%s: bit for bit', { timeout: 60_000 }, async (mode) => {
    expect(flat(await emittedHistory(mode))).toEqual(flat(await history(EMITTED[mode].like)))
  })
})
