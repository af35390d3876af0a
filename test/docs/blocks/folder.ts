import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { moduleOf, type Page, pageOf, type Program } from './programs'

export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** README.md and everything in docs/, as paths from the root. */
export const pagePaths = (): string[] => [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !path.startsWith('docs/api/'))
    .sort(),
]
export const readPages = (): Page[] => pagePaths().map((path) => pageOf(path, readFileSync(join(root, path), 'utf8')))

/** The programs of all pages as files, below this folder so that imports find what they name. */
export class Folder {
  readonly path: string

  constructor() {
    const out = fileURLToPath(new URL('../out', import.meta.url))
    mkdirSync(out, { recursive: true })
    this.path = mkdtempSync(join(out, 'blocks-'))
  }

  fileOf({ page, name }: Pick<Program, 'page' | 'name'>): string {
    return join(this.folderOf(page), `${name}.ts`)
  }

  /** Where the programs of a page are. */
  folderOf(page: string): string {
    return join(this.path, page.replace(/\.md$/, ''))
  }

  async write(pages: readonly Page[]): Promise<void> {
    for (const page of pages) {
      const folder = this.folderOf(page.path)
      mkdirSync(folder, { recursive: true })
      for (const program of page.programs) writeFileSync(this.fileOf(program), moduleOf(program))
      for (const [name, body] of page.files) await bundle(folder, name, body)
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

const WORKERS = ['fit-worker', 'h5-worker']
/** A file for a worker, as a bundler makes it: a worker of Node resolves no names of this package's sources. */
async function bundle(folder: string, name: string, body: string): Promise<void> {
  writeFileSync(join(folder, `source-${name}`), body)
  await build({
    entry: { [name.replace(/\.js$/, '')]: join(folder, `source-${name}`) },
    outDir: folder,
    config: false,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    silent: true,
    clean: false,
    outExtension: () => ({ js: '.js' }),
    esbuildOptions(options) {
      // package.json knows which files of dist have effects, not which of src.
      options.ignoreAnnotations = true
      options.alias = Object.fromEntries(WORKERS.map((entry) => [`gradloom/${entry}`, join(root, `src/${entry}.ts`)]))
    },
  })
}
