import { type SystemName, SYSTEMS } from './systems/system'
import type { Timing } from './timer'
import { type Workload, WORKLOADS } from './workloads'

export const TARGETS = ['js'] as const
export type Target = (typeof TARGETS)[number]
export type Peer = Exclude<SystemName, 'gradloom'>
export const PEERS = SYSTEMS.filter((name): name is Peer => name !== 'gradloom')

export interface Options extends Timing {
  readonly only: readonly Workload[]
  readonly targets: readonly Target[]
  readonly peers: readonly Peer[]
  readonly json: boolean
  readonly help: boolean
}

/** What the command line says wrongly; printed without a stack. */
export class UsageError extends Error {}

const NAMES = Object.keys(WORKLOADS) as Workload[]

export const HELP = `npm run -s bench -- [options]

  --only ${NAMES.join(',')}   workloads to measure; all of these by default
  --targets ${TARGETS.join(',')}                   targets of gradloom
  --peers ${PEERS.join(',')}               libraries to compare with; none: --peers ''
  --windows 7                    windows a system is timed in
  --seconds 0.4                  length of a window; the warm-up is twice as long
  --json                         one JSON object a line instead of a table
  --help                         this text

A short run, to see that everything works: --windows 1 --seconds 0.02`

export function readOptions(args: readonly string[]): Options {
  const found = {
    only: NAMES,
    targets: [...TARGETS],
    peers: [...PEERS],
    windows: 7,
    seconds: 0.4,
    json: false,
    help: false,
  }
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = args[i]!.split(/=(.*)/s, 2) as [string, string?]
    const value = (): string => {
      const given = inline ?? args[++i]
      if (given === undefined) throw new UsageError(`${flag} needs a value`)
      return given
    }
    if (flag === '--json' || flag === '--help') found[flag === '--json' ? 'json' : 'help'] = true
    else if (flag === '--only') found.only = listed(flag, value(), NAMES)
    else if (flag === '--targets') found.targets = listed(flag, value(), TARGETS)
    else if (flag === '--peers') found.peers = listed(flag, value(), PEERS)
    else if (flag === '--windows') found.windows = positive(flag, value(), true)
    else if (flag === '--seconds') found.seconds = positive(flag, value(), false)
    else throw new UsageError(`unknown option ${flag}; --help lists them`)
  }
  return found
}

function listed<T extends string>(flag: string, text: string, known: readonly T[]): T[] {
  const names = text.split(',').map((name) => name.trim())
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const match = known.find((k) => k === name)
      if (match === undefined) throw new UsageError(`${flag}: "${name}" is none of ${known.join(', ')}`)
      return match
    })
}

function positive(flag: string, text: string, whole: boolean): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value) || (whole && !Number.isInteger(value)))
    throw new UsageError(`${flag} needs a ${whole ? 'whole ' : ''}number above 0, it is "${text}"`)
  return value
}
