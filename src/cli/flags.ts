import { type Command, InvalidArgumentError, Option } from 'commander'
import { type CompileOptions, type PassName, PASSES } from '../compile/options'
import type { EntryChoice } from './select'

/** What all commands about a model share. */
export interface ModelFlags {
  readonly export?: string
  readonly args?: readonly unknown[]
  readonly entry?: string
  readonly bind?: ReadonlyMap<string, readonly number[]>
  readonly fuse: boolean
  readonly pass?: ReadonlyMap<PassName, boolean>
}

/** `about` says what an option means where it is not what it mostly means. */
export function addModelFlags(
  command: Command,
  about: { readonly entry?: string; readonly bind?: string } = {},
): Command {
  return command
    .argument('<module>', 'the JavaScript or TypeScript module that exports the model')
    .option('--export <name>', 'which export, where a module has several programs or functions that make one')
    .option('--args <json>', 'arguments for an exported function, as a JSON array', parseArgs)
    .option('--entry <name>', about.entry ?? 'which entry of the program (default: train, or the only one)')
    .option(
      '--bind <name=extent...>',
      about.bind ?? 'extents of named dimensions; a single one is 32 where nothing is said',
      parseBinding,
    )
}

/** For commands that show code as it would be compiled otherwise. */
export const addPassFlags = (command: Command): Command =>
  command
    .option('--no-fuse', 'as it would be compiled without fusion')
    .option('--pass <name=on|off...>', `as it would be compiled with a pass on or off: ${PASSES.join(', ')}`, parsePass)

export const outputOption = (): Option =>
  new Option('-o, --output <file>', 'write to a file, whole or not at all, in the place of printing')

export const ofOption = (): Option =>
  new Option('--of <tensor>', 'only the kernel that computes this tensor, such as d_W1')

/** Which entry of which program is meant, compiled in which way. */
export function choiceOf(
  { export: name, args, entry, bind, fuse, pass }: ModelFlags,
  more: CompileOptions = {},
): EntryChoice {
  const options: CompileOptions = {
    ...(fuse ? {} : { fuse }),
    ...(pass ? { passes: Object.fromEntries(pass) } : {}),
    ...more,
  }
  return {
    ...(name === undefined ? {} : { export: name }),
    ...(args === undefined ? {} : { args }),
    ...(entry === undefined ? {} : { entry }),
    ...(bind === undefined ? {} : { bind }),
    ...(Object.keys(options).length > 0 ? { options } : {}),
  }
}

function parseArgs(text: string): unknown[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // What it would be is said below.
  }
  if (!Array.isArray(value)) throw new InvalidArgumentError(`It must be a JSON array, such as '[28, 64]'.`)
  return value
}

function parseBinding(text: string, known: Map<string, readonly number[]> = new Map()): Map<string, readonly number[]> {
  const [, name, extents] = /^([^=]+)=(\d+(?:,\d+)*)$/.exec(text) ?? []
  if (name === undefined)
    throw new InvalidArgumentError('It must be name=extent, such as B=32, and stand behind the module.')
  return known.set(name, [...(known.get(name) ?? []), ...extents!.split(',').map(Number)])
}

function parsePass(text: string, known: Map<PassName, boolean> = new Map()): Map<PassName, boolean> {
  const [, name, state] = /^(\w+)=(on|off)$/.exec(text) ?? []
  if (name === undefined) throw new InvalidArgumentError('It must be name=on or name=off, such as inline=off.')
  return known.set(parsePassName(name), state === 'on')
}

export function parsePassName(name: string): PassName {
  const found = PASSES.find((pass) => pass === name)
  if (found === undefined) throw new InvalidArgumentError(`There is no such pass; there are ${PASSES.join(', ')}.`)
  return found
}

/** A number above 0. */
export function parsePositive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

/** A whole number from 0. */
export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 to 999999999.')
  return Number(text)
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 999999999.')
  return Number(text)
}
