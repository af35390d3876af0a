import { batchNorm, entry, type Entry, grad, slice, sum, tensor, variable } from 'gradloom'
import type { Case, Trial } from '../case'
import type { Expected, Float, Results } from '../expect'
import type { Session } from '../modes'

type Rule = 'keras' | 'pytorch'
interface Setting {
  readonly dtype: Float
  readonly batch: number
  readonly gamma: number
  readonly beta: number
  readonly rule: Rule
}

/** One channel in training; the gradients are those of the first element of the result. */
function network({ dtype, batch, gamma, beta, rule }: Setting): Entry {
  const parameter = (name: string, first: number) => variable(name, [1], [first], { dtype })
  const running = (name: string, first: number) => variable(name, [1], [first], { dtype, trainable: false })
  const parts = { gamma: parameter('gamma', gamma), beta: parameter('beta', beta) }
  const state = { mean: running('mean', 0), variance: running('variance', 1) }
  return entry({ x: tensor([batch, 1], dtype) }, ({ x }) => {
    const { output, updates } = batchNorm(x, { ...parts, ...state, rule, epsilon: 1e-3 })
    const [gx, gGamma, gBeta] = grad(sum(slice(output, [{ end: 1 }])), [x, parts.gamma, parts.beta])
    return { outputs: { y: output, gx, gGamma, gBeta }, updates }
  })
}

/** One channel: a value a row. */
const column = (values: readonly number[]): number[][] => values.map((v) => [v])
const drive =
  (x: readonly number[]) =>
  (session: Session): Results => ({
    ...session.run('main', { x: column(x) }),
    mean: session.state.get('mean'),
    variance: session.state.get('variance'),
  })

const numeric = (
  trial: Trial,
  x: readonly number[],
  setting: Omit<Setting, 'dtype' | 'batch'>,
  expected: Readonly<Record<string, Expected>>,
): Promise<void> =>
  trial.numeric({
    build: (dtype) => network({ ...setting, dtype, batch: x.length }),
    drive: drive(x),
    expected,
  })

export const cases: readonly Case[] = [
  {
    id: 'BNM-1',
    run: async (trial) => {
      await numeric(
        trial,
        [3],
        { gamma: 2, beta: 0.5, rule: 'keras' },
        { y: column([0.5]), gx: column([0]), gGamma: [0], gBeta: [1], mean: [0.03], variance: [0.99] },
      )
      trial.buildError(
        'an unbiased variance of one value',
        { x: tensor([1, 1]) },
        ({ x }) => {
          const [mean, variance] = [variable('mean', [1], 0), variable('variance', [1], 1)]
          return batchNorm(x, { mean, variance, rule: 'pytorch' })
        },
        ['batchNorm', 'pytorch', 'more than one value', '[1, 1]'],
      )
    },
  },
  {
    id: 'BNM-2',
    run: async (trial) => {
      const y = [-1.3411044519645503, -0.4470348173215168, 0.4470348173215168, 1.3411044519645503]
      const gx = [0.26854249817515574, -0.35752065126313154, -0.08951416605838525, 0.17849231914636104]
      for (const [rule, mean, variance] of [
        ['keras', 0.025, 1.0025],
        ['pytorch', 0.25, 1.0666666666666667],
      ] as const)
        await numeric(
          trial,
          [1, 2, 3, 4],
          { gamma: 1, beta: 0, rule },
          { y: column(y), gx: column(gx), mean: [mean], variance: [variance], gBeta: [1], gGamma: [y[0]!] },
        )
    },
  },
]
