import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './folder'

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const OWN = new Set(['start', 'test'])
const KNOWN = new Set(['ci', 'install'])

/** Commands of a block that name a script or a file which is not there; what is no command at all, too. */
export function commandsMissing(block: string): string[] {
  const commands = block
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .flatMap((line) => line.split('&&').map((c) => c.trim()))
  return commands.filter((command) => !isThere(command.split(/\s+/)))
}

function isThere([program, first, second]: readonly string[]): boolean {
  if (program === 'npm' && first === 'run') return second !== undefined && Object.hasOwn(scripts, second)
  if (program === 'npm') return KNOWN.has(first ?? '') || (OWN.has(first ?? '') && Object.hasOwn(scripts, first!))
  if (program === 'npx' && first === 'tsx') return second !== undefined && existsSync(join(root, second))
  return false
}
