import { dirname } from 'node:path'
import { importOptional } from '../formats/package'
import { Failure } from './failure'
import { nearest } from './nearest'

interface Registers {
  register(options?: { readonly tsconfig?: string | false }): unknown
}

// Hooks stand behind one another: each that is registered once more reads all modules once more.
const registered = new Map<string | undefined, Promise<void>>()

/**
 * Lets this process import TypeScript, as the tsconfig nearest to the file says. Both kinds of modules get it, and not the
 * model alone under names of its own: so it shares the library with what shows it, and stacks have the lines of the files.
 */
export function allowTypeScript(path: string): Promise<void> {
  const tsconfig = nearest('tsconfig.json', dirname(path))
  const known = registered.get(tsconfig)
  if (known) return known
  const made = register(path, tsconfig)
  registered.set(tsconfig, made)
  return made
}

async function register(path: string, tsconfig: string | undefined): Promise<void> {
  const before = process.env['TSX_TSCONFIG_PATH']
  // The half for CommonJS reads it there, when it is imported.
  if (tsconfig !== undefined) process.env['TSX_TSCONFIG_PATH'] = tsconfig
  try {
    const [cjs, esm] = await registers(path)
    cjs.register()
    esm.register({ tsconfig: tsconfig ?? false })
  } finally {
    if (before === undefined) delete process.env['TSX_TSCONFIG_PATH']
    else process.env['TSX_TSCONFIG_PATH'] = before
  }
}

/** Both halves of the package. */
async function registers(path: string): Promise<[cjs: Registers, esm: Registers]> {
  try {
    return [(await importOptional('tsx/cjs/api')) as Registers, (await importOptional('tsx/esm/api')) as Registers]
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new Failure(`${path} is TypeScript, which needs the package tsx; install it by npm install tsx`, { cause })
  }
}
