import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compile } from '../compile/program'
import { importOptional } from '../formats/package'
import { Failure } from './failure'
import type { Io } from './io'
import { syntaxFault } from './syntax'
import { allowTypeScript } from './tsx'

/** A module of the user. */
export interface Loaded {
  /** As it was given on the command line. */
  readonly path: string
  readonly exports: Readonly<Record<string, unknown>>
  /** Compiles its entries. */
  readonly compile: typeof compile
}

const TYPESCRIPT = ['.ts', '.tsx', '.mts', '.cts']
const JAVASCRIPT = ['.js', '.mjs', '.cjs']

/** Imports a module. */
export async function loadModule(path: string, { cwd }: Io): Promise<Loaded> {
  const file = resolve(cwd, path)
  checkFile(path, file)
  if (TYPESCRIPT.includes(extname(file))) await allowTypeScript(file)
  const found = await importFile(file)
  return { path, exports: exportsOf(found), compile: compilerFor(file) }
}

async function importFile(file: string): Promise<Record<string, unknown>> {
  try {
    return (await importOptional(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (cause) {
    const fault = syntaxFault(cause, file)
    throw fault === undefined ? cause : new Failure(fault, { cause })
  }
}

function checkFile(path: string, file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats) throw new Failure(`${path}: there is no such file`)
  if (stats.isDirectory()) throw new Failure(`${path} is a folder; name the module in it that exports the model`)
  const extension = extname(file)
  if (![...TYPESCRIPT, ...JAVASCRIPT].includes(extension))
    throw new Failure(`${path} is no module: expected one of ${[...JAVASCRIPT, ...TYPESCRIPT].join(', ')}`)
}

/** Of CommonJS, all exports are the default one, and some are known by name as well. */
function exportsOf({ 'module.exports': _, ...found }: Record<string, unknown>): Record<string, unknown> {
  const { default: all, ...named } = found
  const isRecord = typeof all === 'object' && all !== null && Object.getPrototypeOf(all) === Object.prototype
  return isRecord && Object.keys(named).every((name) => name === '__esModule' || name in all)
    ? { ...(all as Record<string, unknown>) }
    : found
}

/** CommonJS has a copy of the library of its own, whose entries it alone can compile. */
function compilerFor(file: string): typeof compile {
  const require = createRequire(file)
  if (require.cache[file] === undefined) return compile
  try {
    return (require('gradloom') as { compile: typeof compile }).compile
  } catch {
    // It has none: there is nothing to compile then.
    return compile
  }
}
