import { type Command, Option } from 'commander'
import { existsSync, rmSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EmitOptions } from '../compile/emit'
import type { ProgramInternals } from '../compile/internals'
import { emitWithMap, type MappedModule } from '../inspect/emit-map'
import { chooseProgram } from './choose'
import { codeColoured } from './colour'
import { UsageError } from './failure'
import { addModelFlags, choiceOf, type ModelFlags, outputOption } from './flags'
import { formatted } from './format'
import type { Io } from './io'
import { type ModuleChoice, moduleOf, moduleRequest } from './modules'
import { deliver } from './output'
import { entryNamed } from './select'

interface EmitFlags extends Omit<ModelFlags, 'fuse' | 'pass'> {
  readonly format?: EmitOptions['format']
  readonly weights: 'inline' | 'none'
  readonly schedule?: 'plain' | 'fast'
  readonly prettier: boolean
  readonly map?: boolean
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
    .option('--map', 'write a source map to the lines of the model as well, beside the file; not with prettier')
    .option('--no-prettier', 'leave out prettier, which puts the module in shape where it is installed')
    .addOption(outputOption())
    .action(async (path: string, flags: EmitFlags) => {
      const { entry, output, weights, schedule } = flags
      const format = flags.format ?? formatOf(output)
      if (flags.map && (output === undefined || format === 'wasm' || format === 'd.ts'))
        throw new UsageError('--map stands beside a module in a file: it needs --output, and the format js or ts')
      const found = await chooseProgram(path, choiceOf({ ...flags, fuse: true }), io)
      const choice: ModuleChoice = {
        format,
        weights,
        bind: flags.bind ?? new Map(),
        ...(schedule === undefined ? {} : { schedule }),
        ...(entry === undefined ? {} : { entries: [entryNamed(path, found, entry)] }),
      }
      if (flags.map) {
        const { code, map } = await mapped(found.internals, choice, resolve(io.cwd, output!))
        const to = `${output!}.map`
        const before = existsSync(resolve(io.cwd, to))
        // Who finds the module finds its map.
        deliver(JSON.stringify(map), to, io)
        try {
          deliver(code, output, io)
        } catch (error) {
          if (!before) rmSync(resolve(io.cwd, to), { force: true })
          throw error
        }
        return
      }
      const text = moduleOf(found.internals, choice)
      const parser = format === 'ts' || format === 'd.ts' ? 'typescript' : 'babel'
      const shaped = flags.prettier ? await formatted(text, parser, resolve(io.cwd, output ?? 'module.js')) : text
      deliver(shaped, output, io, codeColoured)
    })
}

function formatOf(file: string | undefined): EmitOptions['format'] {
  if (file === undefined || /\.[cm]?js$/.test(file)) return 'js'
  if (/\.[cm]?ts$/.test(file)) return /\.d\.[cm]?ts$/.test(file) ? 'd.ts' : 'ts'
  throw new UsageError(`--output ${file}: its ending is none of .js, .ts and .d.ts; say what it shall be by --format`)
}

/** A module that names its map, whose sources are found from where it lies. */
async function mapped(program: ProgramInternals, choice: ModuleChoice, file: string): Promise<MappedModule> {
  const [part, options] = moduleRequest(program, choice)
  const { code, map } = await emitWithMap(part, { ...options, file: basename(file) })
  const near = (source: string | null): string | null => {
    if (source === null) return null
    const path = source.startsWith('file:') ? fileURLToPath(source) : source
    return relative(dirname(file), path).split(sep).join('/')
  }
  return {
    code: `${code}//# sourceMappingURL=${basename(file)}.map\n`,
    map: { ...map, sources: map.sources.map(near) },
  }
}
