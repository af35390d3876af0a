import { callExport, isCallable, isMaker } from './call'
import { Failure } from './failure'
import { type Found, programsIn, programsOf } from './found'
import type { Io } from './io'
import { type Loaded, loadModule } from './load'

export interface ProgramChoice {
  /** Which export, `models.encoder` for a part of what it holds; the only program if absent. */
  readonly export?: string
  /** For an export that is a function. */
  readonly args?: readonly unknown[]
}

/**
 * The program that a module exports. Functions that make one are called where none stands ready; any other function only by
 * name. Throws a Failure that lists what there is where there are none, or several.
 */
export async function chooseProgram(path: string, choice: ProgramChoice, io: Io): Promise<Found> {
  return programFrom(await loadModule(path, io), choice)
}

async function programFrom(module: Loaded, { export: wanted, args }: ProgramChoice): Promise<Found> {
  const { path, exports, compile } = module
  const functions = Object.entries(exports).filter(([, value]) => isCallable(value))
  const call = async (name: string): Promise<Found[]> => {
    const { value, label } = await callExport(name, exports[name] as (...all: readonly unknown[]) => unknown, args)
    const found = programsOf(value, compile, { path: name, label })
    if (found.length === 0) throw new Failure(`${path}: ${label} makes no program; it gives ${kindOf(value)}`)
    return found
  }
  if (wanted !== undefined) {
    const name = wanted.split('.')[0]!
    if (!Object.hasOwn(exports, name)) throw new Failure(`${path} has no export "${name}"; ${contents(exports)}`)
    const ready = programsIn(exports, compile).filter((f) => covers(f.path, wanted))
    const found =
      ready.length > 0 || !isCallable(exports[name]) ? ready : (await call(name)).filter((f) => covers(f.path, wanted))
    if (found.length === 0) throw new Failure(`${path}: "${wanted}" is no program; it is ${kindOf(exports[name])}`)
    return only(path, found)
  }
  const ready = args ? [] : programsIn(exports, compile)
  if (ready.length > 0) return only(path, ready)
  const makers = functions.filter(([name, value]) => (args ? true : isMaker(name, value))).map(([name]) => name)
  if (makers.length > 1)
    throw new Failure(`${path} exports several functions that may make a program; choose one by ${choices(makers)}`)
  if (makers.length === 1) return only(path, await call(makers[0]!))
  if (args && programsIn(exports, compile).length > 0)
    throw new Failure(`${path} exports a program, and no function that takes --args; leave --args out`)
  throw new Failure(
    `${path} exports no program; ${contents(exports)}. Export what compile returns, a model of gradloom/nn, entries, or a ` +
      `function named program that makes one${functions.length > 0 ? '; others are called if --export names them, with what --args has' : ''}`,
  )
}

const covers = (path: string, wanted: string): boolean => path === wanted || path.startsWith(`${wanted}.`)

function only(path: string, found: readonly Found[]): Found {
  if (found.length === 1) return found[0]!
  throw new Failure(`${path} has several programs; choose one by ${choices(found.map((f) => f.path))}`)
}

const choices = (names: readonly string[]): string => names.map((name) => `--export ${name}`).join(', ')

function contents(exports: Readonly<Record<string, unknown>>): string {
  const list = Object.entries(exports).map(([name, value]) => `${name} (${kindOf(value)})`)
  return list.length === 0 ? 'it exports nothing' : `it exports ${list.join(', ')}`
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (isCallable(value)) return 'a function'
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
