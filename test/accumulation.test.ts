import {
  adadelta,
  adamax,
  nadam,
  ftrl,
  lion,
  lamb,
  adafactor,
  muon,
  adagrad,
  adam,
  adamw,
  add,
  compile,
  entry,
  type Entry,
  matmul,
  meanSquaredError,
  rmsprop,
  sgd,
  tanh,
  type Tensor,
  tensor,
  type Update,
  variable,
  type Variable,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { randomNumbers } from './ops/cases'

type Rule = (loss: Tensor<[]>, variables: readonly Variable[], options: object) => readonly Update[]
const RULES: Readonly<Record<string, readonly [rule: unknown, options: object]>> = {
  sgd: [sgd, { learningRate: 0.1 }],
  momentum: [sgd, { learningRate: 0.1, momentum: 0.9 }],
  nesterov: [sgd, { learningRate: 0.1, momentum: 0.9, nesterov: true }],
  adam: [adam, { learningRate: 0.01 }],
  amsgrad: [adam, { learningRate: 0.01, amsgrad: true, epsilonPlacement: 'paper' }],
  adamw: [adamw, { learningRate: 0.01 }],
  rmsprop: [rmsprop, { learningRate: 0.01, momentum: 0.5, centered: true }],
  adagrad: [adagrad, { learningRate: 0.1 }],
  adadelta: [adadelta, { learningRate: 0.01 }],
  adamax: [adamax, { learningRate: 0.01 }],
  nadam: [nadam, { learningRate: 0.01 }],
  ftrl: [ftrl, { learningRate: 0.01 }],
  lion: [lion, { learningRate: 0.01 }],
  lamb: [lamb, { learningRate: 0.01 }],
  adafactor: [adafactor, { learningRate: 0.01 }],
  muon: [muon, { learningRate: 0.01 }],
  'adam with averages': [adam, { learningRate: 0.01, useEma: true, emaOverwriteFrequency: 2 }],
  'adam with a global norm': [adam, { learningRate: 0.01, globalClipNorm: 0.05 }],
  'sgd with a norm': [sgd, { learningRate: 0.1, clipNorm: 0.1 }],
  'sgd with bounds': [sgd, { learningRate: 0.1, clipValue: 0.02 }],
}

function rows(count: number, width: number, seed: number): Float32Array {
  const random = randomNumbers(seed)
  return Float32Array.from({ length: count * width }, () => random() - 0.5)
}

const [MICRO, STEPS, ROUNDS] = [3, 4, 3]
function net([rule, options]: readonly [rule: unknown, options: object], more: object = {}) {
  const W1 = variable('W1', [5, 6], rows(5, 6, 1))
  const b1 = variable('b1', [6], 0)
  const W2 = variable('W2', [6, 2], rows(6, 2, 2))
  const train = entry({ x: tensor(['B', 5]), y: tensor(['B', 2]) }, ({ x, y }) => {
    const loss = meanSquaredError(matmul(tanh(add(matmul(x, W1), b1)), W2), y) as Tensor<[]>
    return { outputs: { loss }, updates: (rule as Rule)(loss, [W1, b1, W2], { ...options, ...more }) }
  })
  const made = compile<Record<string, Entry>>({ train })
  return { state: made.state, train: made['train'] as (feeds: object) => unknown }
}
type Net = ReturnType<typeof net>
const snapshot = ({ state }: Net): Map<string, number[]> =>
  new Map(
    state.names.map((name) => {
      const value = state.get(name) as number | Float32Array
      return [name, typeof value === 'number' ? [value] : [...value]]
    }),
  )

describe.each(Object.entries(RULES))('%s', (_, rule) => {
  it('over micro-batches is a step over all of them', () => {
    const [whole, parts] = [net(rule), net(rule, { gradientAccumulationSteps: STEPS })]
    for (let round = 0; round < ROUNDS; round++) {
      const [x, y] = [rows(MICRO * STEPS, 5, 10 + round), rows(MICRO * STEPS, 2, 20 + round)]
      whole.train({ x, y })
      const before = snapshot(parts)
      for (let i = 0; i < STEPS; i++) {
        const part = (of: Float32Array, width: number) => of.slice(i * MICRO * width, (i + 1) * MICRO * width)
        parts.train({ x: part(x, 5), y: part(y, 2) })
        if (i === STEPS - 1) continue
        for (const [name, values] of snapshot(parts))
          if (!name.includes('accumulated')) expect(values, `${name} after part ${i}`).toEqual(before.get(name))
        expect(parts.state.get('accumulatedSteps')).toBe(i + 1)
      }
      const after = snapshot(parts)
      for (const [name, values] of snapshot(whole))
        values.forEach((v, i) => expect(after.get(name)![i], `${name}[${i}]`).toBeCloseTo(v, 5))
      for (const [name, values] of after)
        if (name.includes('accumulated')) expect(values.every((v) => v === 0), name).toBe(true) // prettier-ignore
    }
  })
})

describe('gradientAccumulationSteps', () => {
  it('is a whole number from 1, and 1 is nothing', () => {
    for (const steps of [0, -1, 1.5, NaN, '2'])
      expect(() => net(RULES['sgd']!, { gradientAccumulationSteps: steps })).toThrow(
        `sgd: gradientAccumulationSteps must be a whole number from 1, it is ${steps}`,
      )
    expect(net(RULES['sgd']!, { gradientAccumulationSteps: 1 }).state.names).toEqual(net(RULES['sgd']!).state.names)
  })

  it('keeps what it has summed in state', () => {
    const { state } = net(RULES['adam']!, { gradientAccumulationSteps: 2 })
    expect(state.names).toContain('train/adam/W1/accumulatedGradient')
    expect(state.names).toContain('train/adam/accumulatedSteps')
  })
})
