import type { TaskKey } from '../workloads'
import type { Contender, SystemName } from './contender'
import { type Library, type Prepared, prepare } from './system'

/** Loaded on demand: a worker pays only for the library that it measures. */
export async function loadSystem(contender: Contender): Promise<(task: TaskKey) => Prepared> {
  if (contender.system === 'limit') return (await import('../limits')).limit
  const library = await loadLibrary(contender.system, contender)
  return (task) => prepare(library, task)
}

async function loadLibrary(name: Exclude<SystemName, 'limit'>, contender: Contender): Promise<Library> {
  switch (name) {
    case 'gradloom':
      return (await import('./gradloom')).gradloom(contender)
    case 'tfjs-cpu':
      return (await import('./tfjs-cpu')).tfjsCpu()
    case 'tfjs-wasm':
      return (await import('./tfjs-wasm')).tfjsWasm()
    case 'tfjs-wasm-tuned':
      return (await import('./tfjs-wasm-tuned')).tfjsWasmTuned()
    case 'jax-js':
      return (await import('./jax')).jax(false)
    case 'jax-js-relaxed':
      return (await import('./jax')).jax(true)
    case 'torch-1':
    case 'torch-2':
      throw new Error('torch has a worker of its own')
  }
}
