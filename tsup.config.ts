import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    'fit-worker': 'src/fit-worker.ts',
    formats: 'src/formats/index.ts',
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
})
