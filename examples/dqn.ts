/**
 * Learns to find a treasure by trial and error: a deep Q-network in a world of 5 by 5 fields with walls and a pit, where both
 * the start and the treasure are somewhere else each time.
 *
 *   npx tsx examples/dqn.ts            some seconds
 *   npx tsx examples/dqn.ts --short    fewer steps, to see that everything works
 */
import { layers, type Model, optimizers, sequential } from 'gradloom/nn'
import { isShort, runAsProgram } from './lib/command'
import { ACTIONS, bestReturn, encode, FIELDS, move, newTask, type Task, TASKS } from './lib/grid-world'
import { generator } from './lib/shuffle'

const BATCH = 32
const MEMORY = 10_000
const DISCOUNT = 0.95
/** Moves after which the target network becomes the one that has learnt meanwhile. */
const RENEW = 200
/** Moves after which a play ends anyway. */
const LIMIT = 30

/** One move: what was seen, done and got, and what was seen then. */
interface Move {
  readonly before: Task
  readonly action: number
  readonly reward: number
  readonly after: Task
  readonly isOver: boolean
}

/** Where one is and where the treasure is in, the worth of each action out. */
function network(seed: number): Model {
  const net = sequential(
    [
      layers.dense({ units: 64, activation: 'relu', inputShape: [2 * FIELDS] }),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: ACTIONS }),
    ],
    { seed },
  )
  net.compile({ optimizer: optimizers.adam({ learningRate: 0.001 }), loss: 'huber' })
  return net
}

const best = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((at, v, i, all) => (v > all[at]! ? i : at), 0)

/** Learns from moves that it remembers: an action is worth its reward and, discounted, what the best one is worth then. */
function learn(online: Model, target: Model, moves: readonly Move[]): void {
  const before = encode(moves.map((m) => m.before))
  // The other actions are wrong by nothing.
  const worth = online.predictOnBatch(before).slice()
  const then = target.predictOnBatch(encode(moves.map((m) => m.after)))
  moves.forEach(({ action, reward, isOver }, i) => {
    const next = Math.max(...then.subarray(i * ACTIONS, (i + 1) * ACTIONS))
    worth[i * ACTIONS + action] = reward + (isOver ? 0 : DISCOUNT * next)
  })
  online.trainOnBatch(before, worth)
}

/** The mean over all tasks of what a play brings in. */
function meanReturn(choose: (task: Task) => number): number {
  const returns = TASKS.map((first) => {
    let [task, total] = [first, 0]
    for (let i = 0; i < LIMIT; i++) {
      const { after, reward, isOver } = move(task, choose(task))
      total += reward
      if (isOver) break
      task = after
    }
    return total
  })
  return returns.reduce((a, b) => a + b) / returns.length
}

/** Mean returns over all pairs of a start and a place of the treasure. */
export interface Result {
  readonly learnt: number
  readonly random: number
  /** Of the shortest ways. */
  readonly best: number
}

export function run({ moves, print }: { readonly moves: number; readonly print: (line: string) => void }): Result {
  const random = generator(1)
  const anyAction = (): number => Math.floor(random() * ACTIONS)
  const online = network(1)
  const target = network(2)
  const memory: Move[] = []
  let [task, played] = [newTask(random), 0]
  for (let i = 0; i < moves; i++) {
    if (i % RENEW === 0 && i > 0) target.setWeights(online.getWeights())
    // Tries everything at first, and what it holds for best more and more often.
    const explores = random() < Math.max(0.1, 1 - (2 * i) / moves)
    const action = explores ? anyAction() : best(online.predictOnBatch(encode([task])))
    const step = move(task, action)
    memory[i % MEMORY] = { before: task, action, ...step }
    const isOver = step.isOver || ++played === LIMIT
    if (isOver) played = 0
    task = isOver ? newTask(random) : step.after
    if (i < BATCH) continue
    learn(online, target, Array.from({ length: BATCH }, () => memory[Math.floor(random() * memory.length)]!)) // prettier-ignore
    if ((i + 1) % (moves / 10) === 0)
      print(`${i + 1} moves: mean return ${meanReturn((t) => best(online.predictOnBatch(encode([t])))).toFixed(3)}`)
  }
  const learnt = meanReturn((t) => best(online.predictOnBatch(encode([t]))))
  online.dispose()
  target.dispose()
  const returns = TASKS.map(bestReturn)
  return { learnt, random: meanReturn(anyAction), best: returns.reduce((a, b) => a + b) / returns.length }
}

runAsProgram(import.meta.url, (args) => {
  const { learnt, random, best } = run({ moves: isShort(args) ? 4000 : 30_000, print: console.log })
  console.log(
    `mean return ${learnt.toFixed(3)}; ${random.toFixed(3)} at random, ${best.toFixed(3)} on the shortest ways`,
  )
  if (!(learnt > (isShort(args) ? random : best - 0.05))) throw new Error('it has not learnt the way')
})
