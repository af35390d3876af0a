import { type Command, Option } from 'commander'
import { profile } from '../inspect/profile'
import { tableColoured } from './colour'
import { randomFeeds } from './feeds'
import { addModelFlags, addPassFlags, choiceOf, type ModelFlags, outputOption, parseCount } from './flags'
import type { Io } from './io'
import { deliver } from './output'
import { selectEntry } from './select'

interface ProfileFlags extends ModelFlags {
  readonly target?: 'js' | 'wasm'
  readonly steps?: number
  readonly output?: string
}

export const addProfile = (program: Command, io: Io): void => {
  const command = program
    .command('profile')
    .description('Run an entry on random feeds, and print how long each kernel takes beside what the machine can do.')
  addPassFlags(addModelFlags(command))
    .addOption(new Option('--target <target>', 'as the program runs if not given').choices(['js', 'wasm']))
    .option('--steps <number>', 'how many steps are measured (default: as many as take half a second)', parseCount)
    .addOption(outputOption())
    .action(async (path: string, flags: ProfileFlags) => {
      const { target, steps, output } = flags
      const choice = choiceOf(flags, target === undefined ? {} : { target })
      const { run, internals, bindings, heading } = await selectEntry(path, choice, io)
      const { compilation } = internals.specialise(new Map(Object.entries(bindings)))
      const feeds = randomFeeds(compilation.traced)
      const options = { feeds, bindings, ...(steps === undefined ? {} : { steps }) }
      const table = await profile(run as (given: typeof feeds) => unknown, options)
      deliver(`${heading}, random feeds\n\n${String(table)}`, output, io, tableColoured)
    })
}
