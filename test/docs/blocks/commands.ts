import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine, main } from '../../../src/cli/main'
import { root } from './folder'

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const silent = { out: { write: () => {} }, err: { write: () => {} }, env: {}, cwd: root }
const GRADLOOM = commandLine(silent, '0.0.0').commands.map((command) => command.name())
const OWN = new Set(['start', 'test'])
const KNOWN = new Set(['ci', 'install'])

/** Commands of a block that name a script or a file which is not there; what is no command at all, too. */
export const commandsMissing = (block: string): string[] =>
  commandsOf(block).filter((command) => !isThere(command.split(/\s+/)))

const commandsOf = (block: string): string[] =>
  block
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .flatMap((line) => line.split('&&').map((c) => c.trim()))

/** What commands of this package print in a folder; what goes wrong is an error. */
export async function printedByCommands(block: string, cwd: string): Promise<string> {
  let out = ''
  for (const command of commandsOf(block)) {
    let err = ''
    const [npx, name, ...args] = (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'))
    if (npx !== 'npx' || name !== 'gradloom') throw new Error(`only npx gradloom is run, not: ${command}`)
    const io = { out: { write: (t: string) => (out += t) }, err: { write: (t: string) => (err += t) }, env: {}, cwd }
    if ((await main(args, io, '0.0.0')) !== 0) throw new Error(`${command}: ${err}`)
  }
  return out
}

function isThere([program, first, second]: readonly string[]): boolean {
  if (program === 'npm' && first === 'run') return second !== undefined && Object.hasOwn(scripts, second)
  if (program === 'npm') return KNOWN.has(first ?? '') || (OWN.has(first ?? '') && Object.hasOwn(scripts, first!))
  if (program === 'npx' && first === 'gradloom') return GRADLOOM.includes(second ?? '')
  if (program === 'npx' && first === 'tsx') return second !== undefined && existsSync(join(root, second))
  return false
}
