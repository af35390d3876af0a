import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type * as Backend from '@tensorflow/tfjs-backend-wasm'
import type { Library } from './system'
import { loadTfjs, type Tf, tfjsLibrary } from './tfjs'

/** TensorFlow.js on its WebAssembly backend with SIMD on one thread. */
export async function tfjsWasm(): Promise<Library> {
  return tfjsLibrary(await loadTfjsWasm())
}

export async function loadTfjsWasm(): Promise<Tf> {
  const require = createRequire(import.meta.url)
  const tf = await loadTfjs('wasm', () => {
    const name = '@tensorflow/tfjs-backend-wasm'
    const backend = require(name) as typeof Backend
    backend.setWasmPaths(`${dirname(require.resolve(name))}/`)
  })
  const has = (flag: string) => tf.env().getAsync(flag)
  if (!(await has('WASM_HAS_SIMD_SUPPORT')) || (await has('WASM_HAS_MULTITHREAD_SUPPORT')))
    throw new Error('the backend is not the one with SIMD on one thread')
  return tf
}
