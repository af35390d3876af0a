import { mkdir, rm, symlink } from 'node:fs/promises'
import { defineConfig } from 'tsup'

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

/**
 * `npx gradloom` in this folder is the command line as it was built. npm links the commands of what a package depends on and not
 * its own; without a link it would build the package once more to find it.
 */
async function linkCommand(): Promise<void> {
  const link = 'node_modules/.bin/gradloom'
  await mkdir('node_modules/.bin', { recursive: true })
  await rm(link, { force: true })
  await symlink('../../dist/cli.js', link).catch((error: NodeJS.ErrnoException) => {
    // Windows lets not everybody make links.
    if (error.code !== 'EPERM') throw error
  })
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
    // Nobody imports the command line: it needs no second form.
    await rm('dist/cli.cjs')
    await linkCommand()
  },
  esbuildOptions(options) {
    // In CommonJS `__filename` is asked first.
    options.logOverride = { 'empty-import-meta': 'silent' }
    // Without blanks an engine reads the package in three quarters of the time; names stay, for stacks.
    options.minifyWhitespace = true
    options.minifySyntax = true
  },
})
