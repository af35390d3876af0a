import { PEERS, type PeerName, TARGETS, type TargetName } from './systems/contender'
import type { Timing } from './timer'
import { type Workload, WORKLOADS } from './workloads'

export interface Options extends Timing {
  readonly only: readonly Workload[]
  /** Whether to measure what `fit` costs. */
  readonly fit: boolean
  /** Whether to measure a model of another library. */
  readonly mobilenet: boolean
  /** Whether to measure what `emit` writes. */
  readonly emit: boolean
  readonly targets: readonly TargetName[]
  readonly peers: readonly PeerName[]
  readonly json: boolean
  readonly help: boolean
}

/** What the command line says wrongly; printed without a stack. */
export class UsageError extends Error {}

/** No races: gradloom beside itself, and what it writes. */
const FIT = 'FIT'
const EMIT = 'EMIT'
const MOBILENET = 'MOBILENET'
const NAMES = Object.keys(WORKLOADS) as Workload[]
const TARGET_NAMES = Object.keys(TARGETS) as TargetName[]
const PEER_NAMES = Object.keys(PEERS) as PeerName[]

export const HELP = `npm run -s bench -- [options]

  --only LIST      workloads to measure, all by default: ${NAMES.join(',')},${FIT},${MOBILENET},${EMIT}
  --targets LIST   targets of gradloom, js by default: ${TARGET_NAMES.join(',')}
                   wasm2 is wasm on two threads; ratios are to the first of the list
  --peers LIST     systems to compare with, tfjs-cpu by default; all, '' for none, or of
                   ${PEER_NAMES.join(',')}
  --windows 7      windows a system is timed in
  --seconds 0.4    length of a window; the warm-up is twice as long
  --json           one JSON object a line instead of a table
  --help           this text

A short run, to see that everything works: --windows 1 --seconds 0.02`

export function readOptions(args: readonly string[]): Options {
  const found = {
    only: NAMES,
    fit: true,
    mobilenet: true,
    emit: true,
    targets: ['js'] as TargetName[],
    peers: ['tfjs-cpu'] as PeerName[],
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
    else if (flag === '--only') {
      const names = listed(flag, value(), [...NAMES, FIT, MOBILENET, EMIT] as const)
      found.only = names.filter((name): name is Workload => ![FIT, MOBILENET, EMIT].includes(name))
      found.fit = names.includes(FIT)
      found.mobilenet = names.includes(MOBILENET)
      found.emit = names.includes(EMIT)
    } else if (flag === '--targets') found.targets = listed(flag, value(), TARGET_NAMES)
    else if (flag === '--peers') found.peers = peersIn(flag, value())
    else if (flag === '--windows') found.windows = positive(flag, value(), true)
    else if (flag === '--seconds') found.seconds = positive(flag, value(), false)
    else throw new UsageError(`unknown option ${flag}; --help lists them`)
  }
  return found
}

const peersIn = (flag: string, text: string): PeerName[] =>
  text.trim() === 'all' ? PEER_NAMES : listed(flag, text, PEER_NAMES)

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
