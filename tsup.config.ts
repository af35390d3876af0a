import { readdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type GetManualChunk, rollup } from 'rollup'
import { defineConfig } from 'tsup'
import { compileEagerly } from './scripts/eager-functions'

/** What the package offers to import. */
const modules = {
  'fit-worker': 'src/fit-worker.ts',
  formats: 'src/formats/index.ts',
  'h5-worker': 'src/h5-worker.ts',
  index: 'src/index.ts',
  inspect: 'src/inspect/index.ts',
  keras: 'src/keras/index.ts',
  nn: 'src/nn.ts',
  node: 'src/node.ts',
  onnx: 'src/onnx/index.ts',
  report: 'src/report/index.ts',
}

/** The core is all that the main entry reaches, and apart from it the little of that which entries without graphs need. */
const chunkOf: GetManualChunk = (id, { getModuleInfo }) => {
  const isReachedFrom = (name: string): boolean => {
    const reached = new Set([resolve(`dist/${name}.js`)])
    for (const from of reached) getModuleInfo(from)?.importedIds.forEach((to) => reached.add(to))
    return reached.has(id)
  }
  if (!isReachedFrom('index')) return undefined
  return ['formats', 'h5-worker'].some(isReachedFrom) ? 'base' : 'core'
}

/**
 * The chunks that esbuild makes are one for each set of entries that share modules, a dozen of which are the library itself.
 * Joined they are two files and the list of what they export, which engines and browsers open in less time.
 */
async function joinChunks(): Promise<void> {
  const names = [...Object.keys(modules), 'cli']
  const bundle = await rollup({
    input: Object.fromEntries(names.map((name) => [name, `dist/${name}.js`])),
    external: (id) => !/^[./]/.test(id),
    treeshake: false,
  })
  const parts = (await readdir('dist')).filter((file) => /^chunk-.*\.js$/.test(file))
  await Promise.all(parts.map((file) => rm(`dist/${file}`)))
  await bundle.write({
    dir: 'dist',
    format: 'es',
    compact: true,
    chunkFileNames: 'chunk-[hash].js',
    manualChunks: chunkOf,
  })
  await bundle.close()
}

export default defineConfig({
  // The command line shares its chunks with them.
  entry: { ...modules, cli: 'src/cli.ts' },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  external: ['graphlib', /^node:/],
  removeNodeProtocol: false,
  dts: { entry: modules },
  splitting: true,
  treeshake: true,
  sourcemap: false,
  clean: true,
  onSuccess: async () => {
    await joinChunks()
    await compileEagerly('dist', 'scripts/first-step.mjs')
    // Nobody imports the command line: it needs no second form.
    await rm('dist/cli.cjs')
  },
  esbuildOptions(options) {
    // In CommonJS `__filename` is asked first.
    options.logOverride = { 'empty-import-meta': 'silent' }
    // Without blanks an engine reads the package in three quarters of the time; names stay, for stacks.
    options.minifyWhitespace = true
    options.minifySyntax = true
    // The line from which an error was thrown is printed with it.
    options.lineLimit = 160
  },
})
