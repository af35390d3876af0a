import { CNN, firstImageLogit } from './cnn'
import { CHAIN, chainData, classifierData, matrixData } from './data'
import { GATHER, type GatherPhase, probedValue } from './gather'
import { limitTasks } from './limits'
import { firstSequenceLogit, LSTM } from './lstm'

export type Phase =
  'train' | 'infer' | 'forward' | 'gradient' | 'matmul' | 'compile' | 'start' | 'peak' | 'triad' | GatherPhase

/** One thing that is measured: a phase of a workload at one size. */
export interface Task {
  readonly workload: Workload
  readonly phase: Phase
  readonly size: string
  readonly unit: 'steps/s' | 'GFLOP/s' | 'GB/s' | 'ms'
  /** The rate in the unit is this many times the calls a second. */
  readonly perCall: number
  /** Of a task that is timed once a process: how many processes. */
  readonly processes?: number
  /** What the first call must return: the loss before any update, or the first number of the result. */
  expected?(): number
  /** What it must have become after that many updates: the first loss says nothing of gradients. */
  readonly later?: Later
}

export interface Later {
  readonly updates: number
  readonly loss: number
}

export const MLP = {
  W1: { batch: 32, widths: [64, 32, 10] },
  W2: { batch: 128, widths: [784, 512, 256, 10] },
} as const
export type Classifier = keyof typeof MLP

const tasks = (
  workload: Workload,
  unit: Task['unit'],
  list: readonly (Pick<Task, 'phase' | 'size' | 'processes' | 'expected' | 'later'> & { readonly perCall?: number })[],
): Task[] => list.map((task) => ({ workload, unit, perCall: 1, ...task }))

/** The losses before any update, in float64. */
const FIRST_LOSS = { W1: 2.9704, W2: 3.0988, W3: 3.7816, W4: 2.3069, W7: 0.17417 } as const

/** Losses after updates, in float64. Of W3 few: one takes seconds in plain JavaScript. */
const LATER_LOSS = {
  W1: { updates: 20, loss: 2.250615 },
  W2: { updates: 20, loss: 1.195581 },
  W3: { updates: 2, loss: 17.19939 },
  W4: { updates: 20, loss: 2.269411 },
  W7: { updates: 20, loss: 0.121493 },
} as const satisfies Partial<Record<Workload, Later>>

/** A training step whose losses are known. */
const training = (workload: keyof typeof LATER_LOSS, size: string) => ({
  phase: 'train' as const,
  size,
  expected: () => FIRST_LOSS[workload],
  later: LATER_LOSS[workload],
})

const mlp = (workload: Classifier): Task[] => {
  const size = MLP[workload].widths.join('-')
  return tasks(workload, 'steps/s', [
    training(workload, size),
    { phase: 'infer', size, expected: () => firstLogit(workload) },
  ])
}

const cnn = (): Task[] => {
  const { side, channels, classes } = CNN
  const size = [`${side}x${side}`, ...channels.slice(1), classes].join('-')
  return tasks('W3', 'steps/s', [training('W3', size), { phase: 'infer', size, expected: firstImageLogit }])
}

const lstm = (): Task[] => {
  const { steps, features, units, classes } = LSTM
  const size = [`${steps}x${features}`, units, classes].join('-')
  return tasks('W4', 'steps/s', [training('W4', size), { phase: 'infer', size, expected: firstSequenceLogit }])
}

const chain = (): Task[] =>
  tasks('W5', 'steps/s', [
    { phase: 'forward', size: String(CHAIN.size), expected: () => chainAt(chainData()[0]!).y },
    { phase: 'gradient', size: String(CHAIN.size), expected: () => chainAt(chainData()[0]!).slope },
  ])

const products = (): Task[] =>
  tasks(
    'W6',
    'GFLOP/s',
    [256, 512, 1024].map((n) => ({
      phase: 'matmul' as const,
      size: String(n),
      perCall: (2 * n ** 3) / 1e9,
      expected: () => firstProduct(n),
    })),
  )

const gathering = (): Task[] => {
  const { count, rows, width } = GATHER
  return tasks(
    'GATHER',
    'steps/s',
    (['gather', 'scatter'] as const).map((phase) => ({
      phase,
      size: `${count} of ${rows}x${width}`,
      expected: () => probedValue(phase),
    })),
  )
}

/** All workloads in order of printing; what the first call must give comes from the data alone, not from a system. */
export const WORKLOADS = {
  W1: () => mlp('W1'),
  W2: () => mlp('W2'),
  W3: cnn,
  W4: lstm,
  W5: chain,
  W6: products,
  W7: () => tasks('W7', 'steps/s', [training('W7', '2-8-1')]),
  GATHER: gathering,
  COMPILE: () =>
    tasks(
      'COMPILE',
      'ms',
      ['W1', 'tanh-2000', 'mixed-5000'].map((size) => ({ phase: 'compile', size, processes: 5 })),
    ),
  START: () =>
    tasks(
      'START',
      'ms',
      (['W1', 'W2'] as const).map((size) => ({
        phase: 'start',
        size,
        processes: 10,
        expected: () => FIRST_LOSS[size],
      })),
    ),
  LIMIT: limitTasks,
} satisfies Record<string, () => Task[]>
export type Workload = 'W1' | 'W2' | 'W3' | 'W4' | 'W5' | 'W6' | 'W7' | 'GATHER' | 'COMPILE' | 'START' | 'LIMIT'

/** The first class of the first example before any update, in float64. */
function firstLogit(workload: Classifier): number {
  const { batch, widths } = MLP[workload]
  const { features, x, layers } = classifierData(batch, widths)
  const logits = layers.reduce<readonly number[]>(
    (row, { units, weights, bias }, layer) => {
      const inputs = layer === 0 ? row : row.map((value) => Math.max(0, value))
      return Array.from(bias, (start, j) =>
        inputs.reduce((sum, value, i) => sum + value * weights[i * units + j]!, start),
      )
    },
    Array.from(x.subarray(0, features)),
  )
  return logits[0]!
}

/** The chain and its derivative at one point, in float64. */
function chainAt(x: number): { y: number; slope: number } {
  const { scale, shift, gate, curve } = CHAIN
  const t = Math.tanh(scale * x + shift)
  const s = 1 / (1 + Math.exp(-gate * x))
  return { y: t * s - curve * x * x, slope: scale * (1 - t * t) * s + t * gate * s * (1 - s) - 2 * curve * x }
}

function firstProduct(n: number): number {
  const { a, b } = matrixData(n)
  let sum = 0
  for (let k = 0; k < n; k++) sum += a[k]! * b[k * n]!
  return sum
}

export type TaskKey = Pick<Task, 'workload' | 'phase' | 'size'>

export function findTask({ workload, phase, size }: TaskKey): Task {
  const found = WORKLOADS[workload]().find((task) => task.phase === phase && task.size === size)
  if (!found) throw new Error(`there is no task ${workload} ${phase} ${size}`)
  return found
}
