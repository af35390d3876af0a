import { type Remote, startRemote } from './remote'
import type { Contender } from './systems/contender'
import { median, type Timing } from './timer'
import type { Phase, Task, Workload } from './workloads'

export type Fail = (contender: Contender, error: unknown) => void

/** One measured line. */
export interface Row extends Contender {
  readonly workload: Workload
  readonly phase: Phase
  readonly size: string
  readonly rate: number
  readonly min: number
  readonly max: number
  readonly unit: Task['unit']
  readonly firstLoss: number
  /** The loss after the updates that the task names. */
  readonly laterLoss?: number
  readonly compileMs: number | null
  readonly firstStepMs: number
  readonly rssMB: number
}

/** What is known of a system besides its rate. */
type Facts = Pick<Row, 'firstLoss' | 'laterLoss' | 'compileMs' | 'firstStepMs' | 'rssMB'>

/** A line of a contender that cannot do the task. */
export interface Gap extends Contender {
  readonly workload: Workload
  readonly phase: Phase
  readonly size: string
  /** The kernel that is missing. */
  readonly lacks: string
}

/** A result that is wrong: its rate is not worth printing. */
export class WrongResult extends Error {}

const TOLERANCE = 1e-4

const meets = (found: number, wanted: number): boolean => Math.abs(found / wanted - 1) <= TOLERANCE

/** Fails for a first loss, or first number, that is not the one known from the data. */
export function checkFirst({ expected }: Pick<Task, 'expected'>, firstLoss: number): void {
  const wanted = expected?.()
  const right = wanted === undefined ? Number.isFinite(firstLoss) : meets(firstLoss, wanted)
  if (!right) throw new WrongResult(`the first call gives ${firstLoss}${wanted === undefined ? '' : `, not ${wanted}`}`)
}

/** The loss after the updates that the task names: a call gives the loss before its own update. */
async function laterLoss({ later }: Task, remote: Remote): Promise<Pick<Row, 'laterLoss'>> {
  if (later === undefined) return {}
  const { last } = await remote.call(later.updates)
  if (!meets(last, later.loss))
    throw new WrongResult(`the loss after ${later.updates} updates is ${last}, not ${later.loss}`)
  return { laterLoss: last }
}

interface Entrant {
  readonly contender: Contender
  readonly remote: Remote
  readonly facts: Omit<Facts, 'rssMB'>
  readonly rates: number[]
  rssMB: number
}

/** All contenders on one task: prepared one after the other, then in turn a window each. `fail` hears of those that drop out. */
export async function race(
  task: Task,
  contenders: readonly Contender[],
  { seconds, windows }: Timing,
  fail: Fail,
): Promise<Row[]> {
  let entrants: Entrant[] = []
  for (const contender of contenders) {
    const remote = startRemote(contender)
    try {
      const ready = await remote.prepare(task)
      checkFirst(task, ready.firstLoss)
      const later = await laterLoss(task, remote)
      const { rssMB } = await remote.warmUp(seconds)
      const { firstLoss, compileMs, firstStepMs } = ready
      entrants.push({ contender, remote, facts: { firstLoss, ...later, compileMs, firstStepMs }, rates: [], rssMB })
    } catch (error) {
      remote.close()
      fail(contender, error)
    }
  }
  for (let i = 0; i < windows; i++) {
    const dropped = new Set<Entrant>()
    for (const entrant of entrants) {
      try {
        const { rate, last, rssMB } = await entrant.remote.window(seconds)
        if (!Number.isFinite(last)) throw new WrongResult(`the loss has become ${last}`)
        entrant.rates.push(rate * task.perCall)
        entrant.rssMB = rssMB
      } catch (error) {
        dropped.add(entrant)
        fail(entrant.contender, error)
      }
    }
    for (const { remote } of dropped) remote.close()
    entrants = entrants.filter((entrant) => !dropped.has(entrant))
  }
  for (const { remote } of entrants) remote.close()
  return entrants.map(({ contender, facts, rates, rssMB }) => rowOf(task, contender, rates, { ...facts, rssMB }))
}

/** Windows at which a task that is timed once a process gets the processes it asks for. */
const FULL = 7
export const processesFor = (wanted: number, windows: number): number => Math.ceil((wanted * windows) / FULL)

/** Each contender in fresh processes, in turn; the median in milliseconds. */
export async function fromScratch(
  task: Task,
  contenders: readonly Contender[],
  { windows }: Timing,
  fail: Fail,
): Promise<Row[]> {
  const runs = new Map(contenders.map((contender) => [contender, [] as Row[]]))
  for (let i = 0; i < processesFor(task.processes!, windows); i++) {
    for (const [contender, rows] of runs) {
      try {
        rows.push(await scratch(task, contender))
      } catch (error) {
        runs.delete(contender)
        fail(contender, error)
      }
    }
  }
  return [...runs].map(([contender, rows]) => {
    const middle = (value: (row: Row) => number): number => median(rows.map(value))
    const rates = rows.map(({ rate }) => rate)
    return rowOf(task, contender, rates, {
      firstLoss: rows[0]!.firstLoss,
      compileMs: rows[0]!.compileMs === null ? null : middle((row) => row.compileMs!),
      firstStepMs: middle((row) => row.firstStepMs),
      rssMB: Math.max(...rows.map(({ rssMB }) => rssMB)),
    })
  })
}

async function scratch(task: Task, contender: Contender): Promise<Row> {
  const remote = startRemote(contender)
  try {
    const ready = await remote.prepare(task)
    checkFirst(task, ready.firstLoss)
    const { rssMB } = await remote.window(0)
    const time = task.phase === 'start' ? ready.startMs : (ready.compileMs ?? 0) + ready.firstStepMs
    return rowOf(task, contender, [time], { ...ready, rssMB })
  } finally {
    remote.close()
  }
}

function rowOf(
  { workload, phase, size, unit }: Task,
  { system, target, threads, layout }: Contender,
  rates: readonly number[],
  facts: Facts,
): Row {
  const { firstLoss, laterLoss, compileMs, firstStepMs, rssMB } = facts
  return {
    ...{ workload, phase, size, system, target, threads },
    ...(layout && { layout }),
    ...{ rate: median(rates), min: Math.min(...rates), max: Math.max(...rates), unit },
    firstLoss,
    ...(laterLoss !== undefined && { laterLoss }),
    ...{ compileMs, firstStepMs, rssMB },
  }
}
