import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const LIMIT_MS = 120_000

/**
 * Runs a script of `children/` in a process of its own and parses the last line it prints. 'gradloom' means there what it
 * means here: the sources, or the built package where this process was started with such a configuration.
 */
export async function child<T>(
  script: string,
  options: { readonly args?: readonly string[]; readonly flags?: readonly string[]; readonly cwd?: string } = {},
): Promise<T> {
  const { args = [], flags = [], cwd = ROOT } = options
  const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : []
  const path = join(ROOT, 'test/cases/children', script)
  const config = process.env['TSX_TSCONFIG_PATH'] ?? join(ROOT, 'tsconfig.json')
  const { stdout } = await run(process.execPath, [...flags, ...loader, path, ...args], {
    cwd,
    env: { ...process.env, TSX_TSCONFIG_PATH: config, NODE_OPTIONS: '' },
    timeout: LIMIT_MS,
    maxBuffer: 2 ** 26,
  }).catch((error: Error & { killed?: boolean; stderr?: string }) => {
    const why = error.killed ? `took more than ${LIMIT_MS / 1000} s` : (error.stderr ?? error.message).trim()
    throw new Error(`${script}: ${why}`)
  })
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  return JSON.parse(line) as T
}
