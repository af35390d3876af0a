import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Pages of a browser import the built package, so the tests do too; `npm test` needs neither, and leaves these out.
export default defineConfig({
  root: at('../..'),
  resolve: { alias: [{ find: /^gradloom$/, replacement: at('../../dist/index.js') }] },
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A page on a busy machine is slower than the second that polls wait: what it shows is tested, not when.
    expect: { poll: { timeout: 15_000 } },
    // The rates stand on lines of their own.
    disableConsoleIntercept: true,
  },
})
