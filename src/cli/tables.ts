import type { Command } from 'commander'
import { explain } from '../inspect/explain'
import { memory } from '../inspect/memory'
import { passes } from '../inspect/passes'
import { tableColoured } from './colour'
import { addModelFlags, addPassFlags, choiceOf, type ModelFlags, outputOption } from './flags'
import type { Io } from './io'
import { deliver } from './output'
import { type Selected, selectEntry } from './select'

/** Commands whose answer is a table. */
const TABLES: readonly (readonly [name: string, description: string, print: (selected: Selected) => unknown])[] = [
  [
    'explain',
    'Print what each kernel computes, reads and writes, what it costs, where it comes from, and what was not fused and why.',
    ({ run, bindings }) => explain(run, { bindings }),
  ],
  [
    'passes',
    'Print the passes that an entry went through, with their times and the size of the graph after each.',
    ({ run, bindings }) => passes(run, { bindings }),
  ],
  [
    'memory',
    'Print where each buffer lies, how large it is and how long it lives.',
    ({ run, bindings }) => memory(run, { bindings }),
  ],
]

export const addTables = (program: Command, io: Io): void => {
  for (const [name, description, print] of TABLES)
    addPassFlags(addModelFlags(program.command(name).description(description)))
      .addOption(outputOption())
      .action(async (path: string, flags: ModelFlags & { readonly output?: string }) => {
        const selected = await selectEntry(path, choiceOf(flags), io)
        deliver(`${selected.heading}\n\n${String(print(selected))}`, flags.output, io, tableColoured)
      })
}
