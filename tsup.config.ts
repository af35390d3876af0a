import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    'fit-worker': 'src/fit-worker.ts',
    formats: 'src/formats/index.ts',
    'h5-worker': 'src/h5-worker.ts',
    index: 'src/index.ts',
    inspect: 'src/inspect/index.ts',
    keras: 'src/keras/index.ts',
    nn: 'src/nn.ts',
    node: 'src/node.ts',
    onnx: 'src/onnx/index.ts',
  },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  external: ['graphlib', /^node:/],
  removeNodeProtocol: false,
  dts: true,
  splitting: true,
  treeshake: true,
  sourcemap: false,
  clean: true,
  esbuildOptions(options) {
    // In CommonJS `__filename` is asked first.
    options.logOverride = { 'empty-import-meta': 'silent' }
    // Without blanks an engine reads the package in three quarters of the time; names stay, for stacks.
    options.minifyWhitespace = true
    options.minifySyntax = true
  },
})
