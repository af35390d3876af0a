import { readFileSync } from 'node:fs'
import { aboutFile } from '../io/about-file'
import { writeFileAtomic } from '../io/atomic'

/** Writes the weights of a model to a safetensors file, atomically, without what the optimiser keeps. */
export function saveModelWeights(model: { saveWeights(): Uint8Array }, path: string): void {
  writeFileAtomic(path, model.saveWeights())
}

/** Sets the weights of a model from such a file, or from a checkpoint. Throws, and sets nothing, where they do not fit. */
export function loadModelWeights(model: { loadWeights(bytes: Uint8Array): void }, path: string): void {
  const bytes = readFileSync(path)
  aboutFile(path, () => model.loadWeights(bytes))
}
