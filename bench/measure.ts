import { type Remote, startRemote } from './remote'
import type { SystemName } from './systems/system'
import { median, type Timing } from './timer'
import type { Phase, Task, Workload } from './workloads'

/** A system with what it runs on. */
export interface Contender {
  readonly system: SystemName
  readonly target: string
  readonly threads: number
}

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
  readonly compileMs: number | null
  readonly firstStepMs: number
  readonly rssMB: number
}

/** A result that is wrong: its rate is not worth printing. */
export class WrongResult extends Error {}

const TOLERANCE = 1e-4

function checkFirst({ expected }: Task, firstLoss: number): void {
  const wanted = expected?.()
  const wrong = wanted === undefined ? !Number.isFinite(firstLoss) : !(Math.abs(firstLoss / wanted - 1) <= TOLERANCE)
  if (wrong) throw new WrongResult(`the first call gives ${firstLoss}${wanted === undefined ? '' : `, not ${wanted}`}`)
}

interface Entrant {
  readonly contender: Contender
  readonly remote: Remote
  readonly facts: Pick<Row, 'firstLoss' | 'compileMs' | 'firstStepMs'>
  readonly rates: number[]
  rssMB: number
}

/** All contenders on one task: prepared one after the other, then in turn a window each. `fail` hears of those that drop out. */
export async function race(
  task: Task,
  contenders: readonly Contender[],
  { seconds, windows }: Timing,
  fail: (contender: Contender, error: unknown) => void,
): Promise<Row[]> {
  let entrants: Entrant[] = []
  for (const contender of contenders) {
    const remote = startRemote(contender.system)
    try {
      const ready = await remote.prepare(task)
      if (ready.kind === 'unable') {
        remote.close()
        continue
      }
      checkFirst(task, ready.firstLoss)
      const { rssMB } = await remote.warmUp(seconds)
      const { firstLoss, compileMs, firstStepMs } = ready
      entrants.push({ contender, remote, facts: { firstLoss, compileMs, firstStepMs }, rates: [], rssMB })
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

const REPEATS = 5

/** Builds, compiles and runs once in fresh processes; the median in milliseconds. */
export async function fromScratch(task: Task, contender: Contender, windows: number): Promise<Row | undefined> {
  const runs: Row[] = []
  for (let i = 0; i < Math.min(REPEATS, windows); i++) {
    const remote = startRemote(contender.system)
    try {
      const ready = await remote.prepare(task)
      if (ready.kind === 'unable') return undefined
      checkFirst(task, ready.firstLoss)
      const { rssMB } = await remote.window(0)
      const total = (ready.compileMs ?? 0) + ready.firstStepMs
      runs.push(rowOf(task, contender, [total], { ...ready, rssMB }))
    } finally {
      remote.close()
    }
  }
  const facts = { ...runs[0]!, compileMs: median(runs.map((r) => r.compileMs ?? 0)) }
  const firstStepMs = median(runs.map((r) => r.firstStepMs))
  const rates = runs.map((r) => r.rate)
  return rowOf(task, contender, rates, { ...facts, firstStepMs, rssMB: Math.max(...runs.map((r) => r.rssMB)) })
}

function rowOf(
  { workload, phase, size, unit }: Task,
  { system, target, threads }: Contender,
  rates: readonly number[],
  facts: Pick<Row, 'firstLoss' | 'compileMs' | 'firstStepMs' | 'rssMB'>,
): Row {
  const { firstLoss, compileMs, firstStepMs, rssMB } = facts
  return {
    ...{ workload, phase, size, system, target, threads },
    ...{ rate: median(rates), min: Math.min(...rates), max: Math.max(...rates), unit },
    ...{ firstLoss, compileMs, firstStepMs, rssMB },
  }
}
