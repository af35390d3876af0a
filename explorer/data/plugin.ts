import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Plugin } from 'vite'
import { packedDigits } from './digits'
import { weatherSeries } from './series'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The data that models are trained on, and how fast Node trains here, as files that the page fetches when they are asked for. */
export const trainingData = (): Plugin => ({
  name: 'explorer-training-data',
  async generateBundle() {
    const emit = (name: string, source: string | Uint8Array): void =>
      void this.emitFile({ type: 'asset', fileName: `data/${name}`, source })
    emit('digits.bin', packedDigits())
    emit('series.json', JSON.stringify(weatherSeries()))
    emit('node-rate.json', await nodeRate())
  },
})

/** In a process of its own, so that nothing that the build has loaded is part of it. */
async function nodeRate(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', at('./node-rate.ts')], {
    cwd: at('../..'),
    // Paths of this file lead 'gradloom' to the sources that the page is built from.
    env: { ...process.env, TSX_TSCONFIG_PATH: at('../../tsconfig.json') },
  })
  return stdout
}
