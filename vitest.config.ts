import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What needs a browser, with a configuration of its own. */
const BROWSER = 'test/browser/**'
/** Programs on several threads. */
const THREADED = ['test/threads/**/*.test.ts', 'test/cases/*.test.ts']

const OPEN = ['test/*.test.ts', 'test/{examples,golden,inspect,io}/**/*.test.ts']
const WASM_ONLY = [
  'test/{architecture,options,relaxed,no-strings,inspect/profile-no-strings,wasm-memory,hostile-names,emit-types,emit-wasm,emit-bare,wide}.test.ts',
  'test/inspect/gradients.test.ts',
  'test/io/graph-json*.test.ts',
]

export default defineConfig({
  resolve: {
    alias: [
      { find: /^gradloom$/, replacement: at('./src/index.ts') },
      { find: /^gradloom\/formats$/, replacement: at('./src/formats/index.ts') },
      { find: /^gradloom\/inspect$/, replacement: at('./src/inspect/index.ts') },
      { find: /^gradloom\/keras$/, replacement: at('./src/keras/index.ts') },
      { find: /^gradloom\/nn$/, replacement: at('./src/nn.ts') },
      { find: /^gradloom\/onnx$/, replacement: at('./src/onnx/index.ts') },
      { find: /^gradloom\/report$/, replacement: at('./src/report/index.ts') },
      { find: /^gradloom\/node$/, replacement: at('./src/node.ts') },
    ],
  },
  test: {
    pool: 'forks',
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...THREADED, BROWSER],
          typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        },
      },
      {
        extends: true,
        // Once more where the engine has no WebAssembly: tests that leave the target open.
        test: { name: 'js', include: OPEN, exclude: WASM_ONLY, setupFiles: ['test/without-wasm.ts'] },
      },
      {
        extends: true,
        // Afterwards, one file at a time: threads that wait for one another need the processors for themselves.
        test: { name: 'threads', include: THREADED, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
