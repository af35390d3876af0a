import type { Command } from 'commander'
import type { Step } from '../compile/internals'
import type { CompileOptions } from '../compile/options'
import { RuntimeError } from '../ir/errors'
import { addModelFlags, addPassFlags, choiceOf, type ModelFlags, parsePositive } from './flags'
import { randomFeeds } from './feeds'
import type { Io } from './io'
import { rates } from './rates'
import { deliver } from './output'
import { recompiled, type Selected, selectEntry } from './select'

interface BenchFlags extends ModelFlags {
  readonly seconds: number
}

/** In which ways an entry is run. */
const WAYS: readonly CompileOptions[] = [
  { target: 'js' },
  { target: 'wasm', threads: 1 },
  { target: 'wasm', threads: 'auto' },
]

export const addBench = (program: Command, io: Io): void => {
  const command = program
    .command('bench')
    .description(
      'Run an entry on random feeds as JavaScript and as WebAssembly, and print how many steps a second it makes.',
    )
  addPassFlags(addModelFlags(command))
    .option('--seconds <number>', 'how long each of them runs', parsePositive, 2)
    .action(async (path: string, flags: BenchFlags) => {
      const selected = await selectEntry(path, choiceOf(flags), io)
      const ways = await prepared(selected)
      const runs = ways.flatMap(({ step }) => (step ? [step] : []))
      const measured = rates(runs, flags.seconds)
      const rows = ways.map(({ name, step, why }) =>
        step ? rowText(name, measured[runs.indexOf(step)]!) : `${name.padEnd(18)} ${why!}`,
      )
      deliver(`${selected.heading}, random feeds\n\n${rows.join('\n')}`, undefined, io)
    })
}

interface Way {
  readonly name: string
  readonly step?: () => void
  /** Why it cannot run here. */
  readonly why?: string
}

/** The entry in each way that this machine has, ready to run: each is a program of its own, with state of its own. */
async function prepared({ internals, bindings }: Selected): Promise<Way[]> {
  const found: Way[] = []
  for (const options of WAYS) {
    const name = options.target!
    try {
      const program = recompiled(internals.program, { ...options, guard: false })
      const { threads } = program.settings
      // On one processor the last way is the one before.
      if (options.threads === 'auto' && threads.count === 1) continue
      const { run, compilation } = program.entries.get(internals.name)!.specialise(new Map(Object.entries(bindings)))
      if (options.threads === 'auto' && !program.pool) {
        found.push({ name: `${name}, ${threads.count} threads`, why: 'no kernel is large enough' })
        continue
      }
      await program.pool?.ready
      const feeds = randomFeeds(compilation.traced)
      found.push({ name: name === 'js' ? name : `${name}, ${threadsText(threads.count)}`, step: stepOf(run, feeds) })
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error
      found.push({ name, why: error.message })
    }
  }
  return found
}

const stepOf = (run: Step, feeds: Record<string, unknown>) => (): void => void run(feeds)
const threadsText = (count: number): string => (count === 1 ? '1 thread' : `${count} threads`)

function rowText(name: string, perSecond: number): string {
  const digits = perSecond < 100 ? 1 : 0
  const rate = perSecond.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const [value, unit] = perSecond < 1000 ? [1e3 / perSecond, 'ms'] : [1e6 / perSecond, 'µs']
  return `${name.padEnd(18)} ${rate.padStart(12)} steps/s ${shortNumber(value).padStart(8)} ${unit} a step`
}

/** Three digits, and no more places than those need. */
const shortNumber = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
