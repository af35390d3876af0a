import { type Command, Option } from 'commander'
import { resolve } from 'node:path'
import type { EmitOptions } from '../compile/emit'
import { chooseProgram } from './choose'
import { codeColoured } from './colour'
import { addModelFlags, choiceOf, type ModelFlags, outputOption } from './flags'
import { formatted } from './format'
import type { Io } from './io'
import { moduleOf } from './modules'
import { deliver } from './output'
import { entryNamed } from './select'

interface EmitFlags extends Omit<ModelFlags, 'fuse' | 'pass'> {
  readonly format?: EmitOptions['format']
  readonly weights: 'inline' | 'none'
  readonly schedule?: 'plain' | 'fast'
  readonly prettier: boolean
  readonly output?: string
}

export const addEmit = (program: Command, io: Io): void => {
  const command = program
    .command('emit')
    .description('Write a program as a standalone module, which needs neither this package nor code from strings.')
  addModelFlags(command, { entry: 'only this entry', bind: 'the sizes that it shall take, such as B=1,32' })
    .addOption(
      new Option(
        '--format <format>',
        'JavaScript, TypeScript, JavaScript with WebAssembly inside, or declarations (default: by the name of the file, or js)',
      ).choices(['js', 'ts', 'wasm', 'd.ts']),
    )
    .addOption(
      new Option('--weights <where>', 'all variables as they are now, inside the text, or zeros')
        .choices(['inline', 'none'])
        .default('inline'),
    )
    .addOption(
      new Option('--schedule <schedule>', 'loops for reading or for running (default: as the program runs)').choices([
        'plain',
        'fast',
      ]),
    )
    .option('--no-prettier', 'leave out prettier, which puts the module in shape where it is installed')
    .addOption(outputOption())
    .action(async (path: string, flags: EmitFlags) => {
      const { entry, output, weights, schedule } = flags
      const format = flags.format ?? formatOf(output)
      const found = await chooseProgram(path, choiceOf({ ...flags, fuse: true }), io)
      const text = moduleOf(found.internals, {
        format,
        weights,
        bind: flags.bind ?? new Map(),
        ...(schedule === undefined ? {} : { schedule }),
        ...(entry === undefined ? {} : { entries: [entryNamed(path, found, entry)] }),
      })
      const parser = format === 'ts' || format === 'd.ts' ? 'typescript' : 'babel'
      const shaped = flags.prettier ? await formatted(text, parser, resolve(io.cwd, output ?? 'module.js')) : text
      deliver(shaped, output, io, codeColoured)
    })
}

const formatOf = (file = ''): EmitOptions['format'] =>
  /\.d\.[cm]?ts$/.test(file) ? 'd.ts' : /\.[cm]?ts$/.test(file) ? 'ts' : 'js'
