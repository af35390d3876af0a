import { type Command, Option } from 'commander'
import { resolve } from 'node:path'
import { dot } from '../inspect/graph'
import { inspect } from '../inspect/inspect'
import { source } from '../inspect/source'
import { svg } from '../inspect/svg'
import { report } from '../report/report'
import { codeColoured, type Colours } from './colour'
import { UsageError } from './failure'
import { addModelFlags, addPassFlags, choiceOf, type ModelFlags, ofOption, outputOption } from './flags'
import { formatted } from './format'
import type { Io } from './io'
import { moduleOf } from './modules'
import { deliver } from './output'
import { type Selected, selectEntry } from './select'

interface InspectFlags extends ModelFlags {
  readonly emit: keyof typeof FORMS
  readonly of?: string
  readonly open?: readonly string[]
  readonly stage?: 'traced' | 'expanded' | 'simplified' | 'kernels'
  readonly schedule?: 'plain' | 'fast'
  readonly prettier: boolean
  readonly output?: string
}

/** Options that mean something for some forms only. */
const SPECIAL = ['of', 'stage', 'open', 'schedule'] as const

interface Form {
  /** The options that mean something for it. */
  readonly takes: readonly (typeof SPECIAL)[number][]
  readonly print: (selected: Selected, flags: InspectFlags, io: Io) => string | Promise<string>
  readonly colour?: (text: string, colours: Colours) => string
}

const headed = (comment: string, { heading }: Selected, text: string): string => `${comment} ${heading}\n\n${text}`

const code = (comment: '//' | ';;', print: Form['print'], takes: Form['takes']): Form => ({
  takes,
  print: async (selected, flags, io) => headed(comment, selected, await print(selected, flags, io)),
  colour: codeColoured,
})

const wantedOf = ({ of }: InspectFlags): { readonly of?: string } => (of === undefined ? {} : { of })

/** What `--emit` names. */
const FORMS = {
  plain: code('//', ({ run, bindings }, flags) => source(run, { bindings, schedule: 'plain', ...wantedOf(flags) }), [
    'of',
  ]),
  fast: code('//', ({ run, bindings }, flags) => source(run, { bindings, schedule: 'fast', ...wantedOf(flags) }), [
    'of',
  ]),
  wat: code(
    ';;',
    ({ run, bindings }, flags) =>
      source(run, { bindings, schedule: flags.schedule ?? 'fast', target: 'wasm', ...wantedOf(flags) }),
    ['of', 'schedule'],
  ),
  ts: code(
    '//',
    async ({ internals, bindings }, { schedule, prettier, output = 'module.ts' }, { cwd }) => {
      const bind = new Map(Object.entries(bindings).map(([dim, extent]) => [dim, [extent]]))
      const { program, name } = internals
      const text = moduleOf(program, {
        format: 'ts',
        weights: 'none',
        schedule: schedule ?? 'plain',
        entries: [name],
        bind,
      })
      return prettier ? formatted(text, 'typescript', resolve(cwd, output)) : text
    },
    ['schedule'],
  ),
  json: {
    takes: ['schedule'],
    print: ({ run, bindings }, { schedule = 'plain' }) => JSON.stringify(inspect(run, { bindings, schedule }), null, 2),
  },
  html: { takes: [], print: ({ run, bindings }) => report(inspect(run, { bindings })) },
  dot: {
    takes: ['stage'],
    print: ({ run, bindings }, { stage }) => dot(run, { bindings, ...(stage === undefined ? {} : { stage }) }),
  },
  svg: {
    takes: ['stage', 'open'],
    print: ({ run, bindings }, { stage, open }) =>
      svg(run, {
        bindings,
        ...(stage === undefined ? {} : { stage }),
        ...(open === undefined ? {} : { open: open.includes('all') ? 'all' : open }),
      }),
  },
} satisfies Record<string, Form>

export const addInspect = (program: Command, io: Io): void => {
  const command = program
    .command('inspect')
    .description('Print what is generated for an entry: its code, its graph, or all that is known of it.')
  addPassFlags(addModelFlags(command))
    .addOption(new Option('--emit <form>', 'what to print').choices(Object.keys(FORMS)).default('plain'))
    .addOption(ofOption())
    .addOption(
      new Option('--stage <stage>', 'which graph (default: simplified)').choices([
        'traced',
        'expanded',
        'simplified',
        'kernels',
      ]),
    )
    .option('--open <scope...>', 'scopes whose inside a picture shows, or all (default: as many as can be read)')
    .addOption(
      new Option(
        '--schedule <schedule>',
        'loops for reading or for running (default: fast for wat, else plain)',
      ).choices(['plain', 'fast']),
    )
    .option('--no-prettier', 'leave out prettier, which puts modules in shape where it is installed')
    .addOption(outputOption())
    .action(async (path: string, flags: InspectFlags) => {
      const form: Form = FORMS[flags.emit]
      for (const name of SPECIAL)
        if (flags[name] !== undefined && !form.takes.includes(name))
          throw new UsageError(`--${name} means nothing with --emit ${flags.emit}; it goes with ${takersOf(name)}`)
      const selected = await selectEntry(path, choiceOf(flags), io)
      deliver(await form.print(selected, flags, io), flags.output, io, form.colour)
    })
}

const takersOf = (name: Form['takes'][number]): string =>
  Object.entries(FORMS)
    .filter(([, form]: [string, Form]) => form.takes.includes(name))
    .map(([form]) => `--emit ${form}`)
    .join(', ')
