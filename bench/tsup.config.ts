import { defineConfig } from 'tsup'

/** The benchmark as plain modules: a loader in the worker processes would take part in what they measure. */
export default defineConfig({
  entry: ['bench/run.ts', 'bench/worker.ts', 'bench/bare.ts'],
  outDir: 'bench/dist',
  format: 'esm',
  target: 'es2022',
  platform: 'node',
  clean: true,
  silent: true,
  external: ['@jax-js/jax'],
  esbuildPlugins: [
    {
      // bench/ has its own package.json, where a package cannot name itself.
      name: 'built-package',
      setup: (build) =>
        build.onResolve({ filter: /^gradloom(\/|$)/ }, ({ path }) => ({
          path: `../../dist/${path.split('/')[1] ?? 'index'}.js`,
          external: true,
        })),
    },
  ],
})
