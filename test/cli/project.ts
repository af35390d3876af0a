import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main } from '../../src/cli/main'

const src = fileURLToPath(new URL('../../src', import.meta.url))
const at = (file: string): string[] => [join(src, file)]

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A folder as a user has it, in which the sources stand for the built package. */
export interface Project {
  readonly folder: string
  /** Runs the command line there, into pipes unless terminals are asked for. */
  run(args: readonly string[], more?: { readonly isTTY?: boolean; readonly env?: Record<string, string> }): Promise<Ran>
  read(file: string): string
  files(): string[]
  remove(): void
}

export function project(files: Readonly<Record<string, string>>): Project {
  const folder = mkdtempSync(join(tmpdir(), 'gradloom-cli-'))
  const paths = {
    gradloom: at('index.ts'),
    'gradloom/inspect': at('inspect/index.ts'),
    'gradloom/nn': at('nn.ts'),
  }
  const settings = { 'package.json': { type: 'module' }, 'tsconfig.json': { compilerOptions: { paths, strict: true } } }
  for (const [name, value] of Object.entries(settings)) writeFileSync(join(folder, name), JSON.stringify(value))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return {
    folder,
    run: async (args, { isTTY = false, env = {} } = {}) => {
      const texts = { out: '', err: '' }
      const sink = (name: 'out' | 'err') => ({ isTTY, write: (text: string) => void (texts[name] += text) })
      const code = await main(args, { out: sink('out'), err: sink('err'), env, cwd: folder }, '1.2.3')
      return { code, ...texts }
    },
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    files: () => readdirSync(folder).sort(),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
