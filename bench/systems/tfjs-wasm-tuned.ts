import type { Tensor } from '@tensorflow/tfjs'
import type { Library } from './system'
import { tfjsLibrary } from './tfjs'
import { loadTfjsWasm } from './tfjs-wasm'

/**
 * The same with the gradient of the matrix product written anew: the backend's kernel is slow on operands that it is asked
 * to read transposed, so they are transposed beforehand. What someone who knows the library's insides can get out of it.
 */
export async function tfjsWasmTuned(): Promise<Library> {
  const tf = await loadTfjsWasm()
  const kernelName = 'BatchMatMul'
  tf.unregisterGradient(kernelName)
  tf.registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (given, [a, b]) => {
      const dy = given as Tensor
      return { a: () => tf.matMul(dy, tf.transpose(b!)), b: () => tf.matMul(tf.transpose(a!), dy) }
    },
  })
  return tfjsLibrary(tf)
}
