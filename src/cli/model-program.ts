import { findInternals, type ProgramInternals } from '../compile/internals'
import { type DType, newData, sizeOf } from '../ir/type'
import type { AnyModel } from '../models/model'
import { Failure } from './failure'

/** By what it has and not by where it was made: the module may have a copy of the library of its own. */
export const isModelLike = (x: unknown): x is AnyModel =>
  typeof x === 'function' && 'outputNames' in x && 'getCompileConfig' in x && 'program' in x

// Extents that data would settle: samples as few as will do, the rest long enough for windows and strides.
const SAMPLES = 2
const LENGTH = 16

/**
 * The program of a model. One that was compiled has its entries to train and evaluate, too: they depend on what targets look
 * like, so a batch of zeros says it. That computes losses, and changes neither weights nor what the optimiser keeps.
 */
export function modelProgram(model: AnyModel, label: string): ProgramInternals {
  if (isTrainable(model)) showTargets(model, label)
  const internals = findInternals(model.program)!
  return 'entry' in internals ? internals.program : internals
}

function isTrainable(model: AnyModel): boolean {
  try {
    return model.getCompileConfig() !== undefined
  } catch {
    // A function of one's own among its losses has no configuration.
    return true
  }
}

function showTargets(model: AnyModel, label: string): void {
  const first = model.inputs[0]?.shape[0] ?? SAMPLES
  const zeros = (dtype: DType, shape: readonly (number | null)[]) => {
    const extents = [first, ...shape.slice(1).map((d) => d ?? LENGTH)]
    return Object.assign(newData(dtype, sizeOf(extents)), { shape: extents })
  }
  const inputs = model.inputs.map(({ dtype, shape }) => zeros(dtype, shape))
  let fault: unknown
  for (const targets of likelyTargets(model)) {
    try {
      model.testOnBatch(
        inputs,
        targets.map(({ dtype, shape }) => zeros(dtype, shape)),
      )
      return
    } catch (error) {
      fault ??= error
    }
  }
  const why = fault instanceof Error ? fault.message : String(fault)
  throw new Failure(`the model "${label}" takes targets of no usual shape, or no data of zeros: ${why}`, {
    cause: fault,
  })
}

interface Targets {
  readonly dtype: DType
  readonly shape: readonly (number | null)[]
}

/** As its outputs, or labels in the place of their last axis; of several outputs each may be either. */
function likelyTargets(model: AnyModel): Targets[][] {
  const choices = model.outputs.map(({ dtype, shape }): Targets[] => [
    { dtype, shape },
    { dtype: 'int32', shape: [...shape.slice(0, -1)] },
  ])
  return choices.reduce<Targets[][]>((all, own) => own.flatMap((one) => all.map((some) => [...some, one])), [[]])
}
