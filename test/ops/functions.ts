import type * as loom from 'gradloom'
import type { OpName } from '../../src/ops/table'
import type { FunctionRow } from './function-case'
import { ACTIVATION_FUNCTIONS } from './functions-activations'
import { ARRAY_FUNCTIONS } from './functions-arrays'
import { ELEMENTWISE_FUNCTIONS } from './functions-elementwise'
import type { Elsewhere } from './functions-elsewhere'
import { LINEAR_FUNCTIONS } from './functions-linear'
import { SAMPLING_FUNCTIONS } from './functions-sampling'
import { SCATTER_FUNCTIONS } from './functions-scatter'
import { SORTING_FUNCTIONS } from './functions-sorting'
import { PATCH_FUNCTIONS } from './functions-patches'
import { PRODUCT_FUNCTIONS } from './functions-products'
import { REDUCTION_FUNCTIONS } from './functions-reductions'

/** A row for each public function that is made of ops: a new one fails to type-check until it has one. */
export const FUNCTIONS: { readonly [N in Exclude<keyof typeof loom, OpName | Elsewhere>]: FunctionRow } = {
  ...ELEMENTWISE_FUNCTIONS,
  ...LINEAR_FUNCTIONS,
  ...SCATTER_FUNCTIONS,
  ...SORTING_FUNCTIONS,
  ...ACTIVATION_FUNCTIONS,
  ...REDUCTION_FUNCTIONS,
  ...PRODUCT_FUNCTIONS,
  ...ARRAY_FUNCTIONS,
  ...PATCH_FUNCTIONS,
  ...SAMPLING_FUNCTIONS,
}
