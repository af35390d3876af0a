import { type Command, Option } from 'commander'
import { derivation } from '../inspect/derivation'
import { formula, formulas } from '../inspect/formulas'
import { tableColoured } from './colour'
import { addModelFlags, choiceOf, type ModelFlags, outputOption } from './flags'
import type { Io } from './io'
import { deliver } from './output'
import { type Selected, selectEntry } from './select'

interface FormulaFlags extends Omit<ModelFlags, 'fuse' | 'pass'> {
  readonly of?: string
  readonly format: 'text' | 'latex'
  readonly output?: string
}

export const addFormulas = (program: Command, io: Io): void => {
  const formulaCommand = program
    .command('formula')
    .description('Print the formulas of an entry as the model was written, gradients and updates included.')
  addModelFlags(formulaCommand)
    .option('--of <tensor>', 'only this one, such as d_W1; a variable for its next value')
    .addOption(formatOption())
    .addOption(outputOption())
    .action(async (path: string, flags: FormulaFlags) => {
      const { of, format, output } = flags
      const selected = await selectEntry(path, choiceOf({ ...flags, fuse: true }), io)
      const { run, bindings } = selected
      if (of !== undefined) deliver(formula(run, { bindings, of, format }), output, io)
      else if (format === 'text') deliver(headed(selected, String(formulas(run, { bindings }))), output, io, tableColoured)
      else deliver(formulas(run, { bindings }).map(({ latex }) => latex).join('\n'), output, io) // prettier-ignore
    })

  const derivationCommand = program
    .command('derivation')
    .description('Print how the chain rule leads from the loss to a gradient, with the rule of each op on the way.')
  addModelFlags(derivationCommand)
    .requiredOption('--of <gradient>', 'which one, such as d_W1')
    .addOption(formatOption())
    .addOption(outputOption())
    .action(async (path: string, flags: FormulaFlags) => {
      const selected = await selectEntry(path, choiceOf({ ...flags, fuse: true }), io)
      const made = derivation(selected.run, { bindings: selected.bindings, of: flags.of! })
      if (flags.format === 'latex') deliver(made.steps.map(({ latex }) => latex).join('\n'), flags.output, io)
      else deliver(headed(selected, String(made)), flags.output, io, tableColoured)
    })
}

const formatOption = (): Option =>
  new Option('--format <format>', 'as text, or as LaTeX for math mode').choices(['text', 'latex']).default('text')

const headed = ({ heading }: Selected, text: string): string => `${heading}\n\n${text}`
