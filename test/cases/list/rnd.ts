import {
  dropout,
  entry,
  type Entry,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  ones,
  type Initializer,
  randomUniform,
  sum,
  variable,
} from 'gradloom'
import { layers, sequential } from 'gradloom/nn'
import type { Case, Trial } from '../case'
import { EXACT, disagreement, type Float, numbersOf, type Results } from '../expect'
import { MODES, open } from '../modes'

const KINDS = { randomUniform, glorotUniform, glorotNormal, heUniform, heNormal }

function twoLayers(init: Initializer, dtype: Float): Entry {
  const first = variable('first', [16, 8], init, { dtype })
  const second = variable('second', [16, 8], init, { dtype })
  return entry({}, () => ({ outputs: { first: sum(first), second: sum(second) } }))
}

async function seeds(trial: Trial): Promise<void> {
  for (const mode of MODES) {
    trial.modes.add(mode)
    for (const dtype of ['float32', 'float64'] as const) {
      for (const [kind, init] of Object.entries(KINDS)) {
        const values = async (seed: number): Promise<Results> => {
          const { state } = await open(mode, () => ({ main: twoLayers(init(), dtype) }), { seed })
          return { first: state.get('first'), second: state.get('second') }
        }
        const label = `${mode} ${dtype} ${kind}`
        const own = async (seed: number, initSeed: number): Promise<Results> => {
          const build = () => ({ main: twoLayers(init({ seed: initSeed }), dtype) })
          const { state } = await open(mode, build, { seed })
          return { first: state.get('first'), second: state.get('second') }
        }
        const given = [await own(1, 42), await own(2, 42)]
        for (const values of given.flatMap((r) => [r['first'], r['second']])) {
          const wrong = disagreement('values', given[0]!['first']!, values, EXACT)
          trial.check(wrong === undefined, `${label}: a seed of the initialiser does not decide alone: ${wrong ?? ''}`)
        }
        trial.check(
          disagreement('first', given[0]!['first']!, (await own(1, 43))['first'], EXACT) !== undefined,
          `${label}: another seed of the initialiser gives the same values`,
        )
        const [once, twice, other] = [await values(42), await values(42), await values(43)]
        for (const layer of ['first', 'second']) {
          const wrong = disagreement(layer, once[layer]!, twice[layer], EXACT)
          trial.check(wrong === undefined, `${label}: the same seed gives other values: ${wrong ?? ''}`)
          trial.check(
            disagreement(layer, once[layer]!, other[layer], EXACT) !== undefined,
            `${label}: another seed gives the same values`,
          )
        }
        trial.check(
          disagreement('second', once['first']!, once['second'], EXACT) !== undefined,
          `${label}: two layers have the same values`,
        )
      }
    }
  }
}

async function masks(trial: Trial): Promise<void> {
  for (const dtype of ['float32', 'float64'] as const) {
    let right: readonly Results[] | undefined
    for (const mode of MODES) {
      trial.modes.add(mode)
      const label = `${mode} ${dtype}`
      const steps = async (): Promise<readonly Results[]> => {
        const x = variable('x', [100_000], ones(), { dtype })
        const session = await open(mode, () => ({ main: entry({}, () => ({ outputs: { y: dropout(x, 0.5) } })) }), {
          seed: 7,
        })
        return [session.run('main', {}), session.run('main', {})]
      }
      const [once, again] = [await steps(), await steps()]
      for (const [step, { y }] of once.entries()) {
        const wrong = disagreement('y', y!, again[step]!['y'], EXACT)
        trial.check(wrong === undefined, `${label}: step ${step + 1} differs in a second run: ${wrong ?? ''}`)
        const kept = numbersOf(y).filter((v) => v !== 0)
        trial.check(
          kept.every((v) => v === 2),
          `${label}: a kept value is not 2`,
        )
        trial.check(Math.abs(kept.length / 100_000 - 0.5) < 0.01, `${label}: ${kept.length} values are kept`)
      }
      const [first, second] = once
      trial.check(disagreement('y', first!['y']!, second!['y'], EXACT) !== undefined, `${label}: steps have one mask`)
      right ??= once
      const other = disagreement('y', right[0]!['y']!, first!['y'], EXACT)
      trial.check(other === undefined, `${label}: the mask is not that of other modes: ${other ?? ''}`)
    }
  }
}

/** Two layers of one kind in a model: by its seed they are the same each time, and not the same as each other. */
function models(trial: Trial): void {
  const weightsOf = (): readonly number[][] => {
    const net = sequential(
      [layers.dense({ units: 4, inputShape: [4] }), layers.dense({ units: 4 }), layers.dense({ units: 4 })],
      { seed: 42 },
    )
    net.predictOnBatch([[0, 0, 0, 0]])
    return net.getWeights().map((w) => Array.from(w))
  }
  const [once, again] = [weightsOf(), weightsOf()]
  trial.check(JSON.stringify(once) === JSON.stringify(again), 'a model of one seed has other weights the second time')
  const kernels = new Set(once.filter((w) => w.length === 16).map((w) => JSON.stringify(w)))
  trial.check(kernels.size === 3, 'two layers of a model have the same values')
}

export const cases: readonly Case[] = [
  { id: 'RND-1', run: masks },
  {
    id: 'RND-3',
    run: async (trial) => {
      await seeds(trial)
      models(trial)
    },
  },
]
