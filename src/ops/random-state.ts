import type { Tensor } from '../ir/tensor'
import { type FirstValue, isVariable, type Variable, variableAttrs } from '../ir/variable'
import { addT } from './arith'
import { scalarConstant } from './leaf'

const WORD = 2 ** 32

/** A program's seed as two words. */
export const firstSeed: FirstValue = (_, seed) => Int32Array.of(seed, Math.floor(seed / WORD))
export const firstStep: FirstValue = () => Int32Array.of(0)

/** The count of steps that random numbers depend on. */
export const isRandomStep = (t: Tensor): t is Variable => isVariable(t) && variableAttrs(t).first === firstStep

/** Its value after a step that used it. */
export const nextStep = (step: Variable): Tensor => addT(step, scalarConstant(1, 'int32'))
