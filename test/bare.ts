import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a bare process must not have; put at the head of `main.mjs`, and its answer into what is printed. */
export const BARE = `
const codeOf = (error) => error.code ?? error.name
const bare = {
  missing: await import('gradloom').then(() => 'found', codeOf),
  strings: (() => { try { return new Function('return 1')() } catch (error) { return codeOf(error) } })(),
}
`
export const NOTHING = { missing: 'ERR_MODULE_NOT_FOUND', strings: 'EvalError' }

/**
 * Runs `main.mjs` of a folder that holds these files and nothing else, where code from strings is not allowed, and
 * gives what it prints as JSON.
 */
export function runBare(files: Readonly<Record<string, string | Uint8Array>>): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'gradloom-bare-'))
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    const flags = ['--disallow-code-generation-from-strings', 'main.mjs']
    const options = { cwd: folder, encoding: 'utf8', env: {}, timeout: 60_000 } as const
    return JSON.parse(execFileSync(process.execPath, flags, options))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
