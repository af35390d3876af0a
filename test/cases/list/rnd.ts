import {
  entry,
  type Entry,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  randomUniform,
  sum,
  variable,
} from 'gradloom'
import { type Case, pending, type Trial } from '../case'
import { EXACT, disagreement, type Float, type Results } from '../expect'
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

export const cases: readonly Case[] = [pending('RND-1', 'dropout'), { id: 'RND-3', run: seeds }]
