import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type InlineConfig, type Plugin } from 'vite'
import { trainingData } from './data/plugin'
import { toScript } from './src/worker/script'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Where the page is built if nothing else is said. */
export const OUT = at('./dist')

/** The library from its sources, by the names that models import it by. */
const LIBRARY = {
  gradloom: '../src/index.ts',
  'gradloom/formats': '../src/formats/index.ts',
  'gradloom/inspect': '../src/inspect/index.ts',
  'gradloom/nn': '../src/nn.ts',
} as const

/**
 * The built-in models as modules of their own. A policy may forbid the page to run text, never its own files; they are not
 * minified, because their lines are those of the text that is shown.
 */
const models = (): Plugin => ({
  name: 'explorer-models',
  generateBundle() {
    const folder = at('./src/models')
    for (const file of readdirSync(folder))
      if (file !== 'index.ts')
        this.emitFile({
          type: 'asset',
          fileName: `models/${file.replace(/\.ts$/, '.js')}`,
          source: `export const run = async (require, exports) => {${toScript(readFileSync(`${folder}/${file}`, 'utf8'))}\n}\n`,
        })
  },
})

const config = (outDir: string): InlineConfig => ({
  configFile: false,
  root: at('.'),
  // The page works at any path.
  base: './',
  logLevel: 'warn',
  resolve: {
    alias: Object.entries(LIBRARY).map(([name, path]) => ({ find: new RegExp(`^${name}$`), replacement: at(path) })),
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  plugins: [models(), trainingData()],
  build: { outDir, emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
})

/** Builds the page as files that any static server can serve. */
export async function buildExplorer(outDir: string = OUT): Promise<void> {
  await build(config(outDir))
}
