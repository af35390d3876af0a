import type { Library } from './system'
import { loadTfjs, tfjsLibrary } from './tfjs'

/** TensorFlow.js on its backend in plain JavaScript. */
export async function tfjsCpu(): Promise<Library> {
  return tfjsLibrary(await loadTfjs('cpu'))
}
