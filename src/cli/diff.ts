import { type Command, Option } from 'commander'
import type { CompileOptions, PassName } from '../compile/options'
import { source, type SourceOptions } from '../inspect/source'
import { diffColoured } from './colour'
import { UsageError } from './failure'
import { addModelFlags, choiceOf, type ModelFlags, ofOption, outputOption, parsePassName, parseWhole } from './flags'
import type { Io } from './io'
import { unifiedDiff } from './lines-diff'
import { deliver } from './output'
import { recompiled, selected, selectEntry } from './select'

interface DiffFlags extends Omit<ModelFlags, 'fuse' | 'pass'> {
  readonly between?: 'fusion' | 'schedules' | 'targets'
  readonly pass?: PassName
  readonly of?: string
  readonly schedule?: 'plain' | 'fast'
  readonly target?: 'js' | 'wasm'
  readonly unified: number
  readonly output?: string
}

/** One of the two texts. */
interface Side {
  readonly name: string
  readonly compiled: CompileOptions
  readonly shown: Pick<SourceOptions, 'schedule' | 'target'>
}

export const addDiff = (program: Command, io: Io): void => {
  const command = program
    .command('diff')
    .description('Print what changes in the code of an entry: by fusion, by one pass, or between schedules or targets.')
  addModelFlags(command)
    .addOption(
      new Option('--between <what>', 'which two forms of the code (default: fusion)').choices([
        'fusion',
        'schedules',
        'targets',
      ]),
    )
    .addOption(
      new Option('--pass <name>', 'the code without and with this pass').argParser(parsePassName).conflicts('between'),
    )
    .addOption(ofOption())
    .addOption(
      new Option('--schedule <schedule>', 'loops for reading or for running (default: plain)').choices([
        'plain',
        'fast',
      ]),
    )
    .addOption(new Option('--target <target>', 'JavaScript or WebAssembly text (default: js)').choices(['js', 'wasm']))
    .option('-U, --unified <lines>', 'lines around each change', parseWhole, 3)
    .addOption(outputOption())
    .action(async (path: string, flags: DiffFlags) => {
      const sides = sidesOf(flags)
      const { pass: _, ...rest } = flags
      const { internals, bindings, heading } = await selectEntry(path, choiceOf({ ...rest, fuse: true }), io)
      const bind = new Map(Object.entries(bindings).map(([dim, extent]) => [dim, [extent]]))
      const [before, after] = sides.map(({ name, compiled, shown }) => {
        const other = recompiled(internals.program, compiled).entries.get(internals.name)!
        const { run } = selected('', other, bind)
        const of = flags.of === undefined ? {} : { of: flags.of }
        return { name: `${heading}, ${name}`, text: source(run, { bindings, ...shown, ...of }) }
      })
      const text = unifiedDiff(before!, after!, flags.unified)
      if (text === '') io.err.write('the code is the same\n')
      else deliver(text, flags.output, io, diffColoured)
    })
}

function sidesOf(flags: DiffFlags): Side[] {
  const { between = 'fusion', pass, schedule = 'plain', target = 'js' } = flags
  const side = (name: string, compiled: CompileOptions, shown: Side['shown'] = {}): Side => ({
    name,
    compiled,
    shown: { schedule, target, ...shown },
  })
  if (pass !== undefined)
    return [false, true].map((on) => side(`${on ? 'with' : 'without'} ${pass}`, { passes: { [pass]: on } }))
  if (between === 'fusion') return [false, true].map((fuse) => side(`${fuse ? 'with' : 'without'} fusion`, { fuse }))
  // What is compared may not be held fast as well.
  const fixed = between === 'schedules' ? 'schedule' : 'target'
  if (flags[fixed] !== undefined) throw new UsageError(`--${fixed} means nothing with --between ${between}`)
  return between === 'schedules'
    ? (['plain', 'fast'] as const).map((one) => side(one, {}, { schedule: one }))
    : (['js', 'wasm'] as const).map((one) => side(one, {}, { target: one }))
}
