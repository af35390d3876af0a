import type { AnyModel } from 'gradloom/nn'
import type { ModelProgram } from '../../../src/training/program'

/** Whether something is a model of gradloom/nn. */
export const isLayersModel = (value: unknown): value is AnyModel =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  'trainOnBatch' in value &&
  'program' in value

const ROWS = 2

/**
 * The program that trains a compiled model of layers. It is made when the first data come, so the model is shown zeros: with
 * targets of each form in turn, until its loss takes one. Undefined for a model of several inputs or outputs, or whose
 * samples have extents that only data settle, and for one that was never compiled.
 */
export function programOfLayers(model: AnyModel): ModelProgram | undefined {
  const known = trainingProgram(model)
  if (known) return known
  const [sample, result] = [shapeOf(model, 'inputs'), shapeOf(model, 'outputs')]
  if (!sample || !result) return undefined
  const row = (shape: readonly number[], Kind: typeof Float32Array | typeof Int32Array) =>
    Object.defineProperty(new Kind(ROWS * shape.reduce((a, b) => a * b, 1)), 'shape', { value: [ROWS, ...shape] })
  const labels = row([], Int32Array)
  const values = row(result, Float32Array)
  // One number is a value, or the probability of one class: written as it is predicted.
  for (const target of result.join() === '1' ? [values, labels] : [labels, values])
    try {
      model.trainOnBatch(row(sample, Float32Array), target)
      return trainingProgram(model)
    } catch {
      continue
    }
  return undefined
}

function trainingProgram(model: AnyModel): ModelProgram | undefined {
  try {
    const { program } = model
    return program.train ? program : undefined
  } catch {
    return undefined
  }
}

/** What a row of the only input or output looks like. */
function shapeOf(model: AnyModel, side: 'inputs' | 'outputs'): readonly number[] | undefined {
  try {
    const list = model[side]
    const shape = list[0]?.shape.slice(1)
    return list.length === 1 && shape?.every((d) => d !== null) ? shape : undefined
  } catch {
    return undefined
  }
}
