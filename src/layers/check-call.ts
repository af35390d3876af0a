import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { isTensor } from '../ir/tensor'
import type { CallOptions } from './call-options'
import { shown } from './option'
import { isSymbolic } from './symbolic'

const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const listOf =
  (fits: (x: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(fits)

type Rule = readonly [what: string, fits: (value: unknown, isOne: (x: unknown) => boolean, count: number) => boolean]
const FLAG: Rule = ['true or false', isFlag]
/** What an option may be, where it is given; a row that is missing or too many fails to type-check. */
const RULES: { readonly [K in keyof Required<CallOptions>]: Rule } = {
  training: FLAG,
  mask: [
    'bool, a tensor or null for each input',
    (value, isOne, count) => {
      const fits = (x: unknown): boolean => x === null || (isOne(x) && (x as { dtype: string }).dtype === 'bool')
      return fits(value) || (listOf(fits)(value) && (value as unknown[]).length <= count)
    },
  ],
  initialState: ['a list of tensors', (value, isOne) => listOf(isOne)(value)],
  useCausalMask: FLAG,
  attentionMask: ['a tensor', (value, isOne) => isOne(value)],
  returnAttentionScores: FLAG,
}
/** The options of a call. */
export const CALL_OPTIONS = Object.keys(RULES) as (keyof CallOptions)[]

/**
 * Throws a GraphError for a second argument of a call that is no record of options, or has one that there is none of. What
 * stands in it for tensors must be what the inputs are: tensors of an entry or of a model.
 */
export function checkCall(where: string, inputs: readonly unknown[], options: unknown): void {
  if (isTensor(options) || isSymbolic(options) || Array.isArray(options))
    throw new GraphError(`${where}: several inputs are given as one list, layer([a, b]); behind them stand options`)
  checkKeys(where, options as object, CALL_OPTIONS)
  const isOne = inputs.every(isSymbolic) ? isSymbolic : isTensor
  for (const key of CALL_OPTIONS) {
    const value = (options as CallOptions)[key]
    const [what, fits] = RULES[key]
    if (value === undefined || fits(value, isOne, inputs.length)) continue
    const kind = isOne === isSymbolic ? 'symbolic tensors, as its inputs are' : 'tensors of an entry, as its inputs are'
    const is =
      isTensor(value) || isSymbolic(value)
        ? `a ${isTensor(value) ? '' : 'symbolic '}tensor (${value.dtype})`
        : shown(value)
    throw new GraphError(`${where}: ${key} must be ${what}${RULES[key] === FLAG ? '' : ` (${kind})`}; it is ${is}`)
  }
}
