import { programInternals } from '../compile/internals'
import { FeedError, GraphError } from '../ir/errors'
import { requireList } from '../ir/names-of'
import { isFloat, showType, sizeOf } from '../ir/type'
import type { Variable } from '../ir/variable'

/** Variables of a program as one vector of numbers, in the order in which they were given, each row-major. */
export interface FlatState {
  readonly size: number
  /** A copy of the values. */
  get(): Float64Array
  /** Sets all of them; float32 variables round. */
  set(values: ArrayLike<number>): void
}

/**
 * A flat view of float variables of a compiled program, given by themselves or by name, for methods that move all parameters at
 * once. Gradients in the same order are made by `flatView`. Throws a GraphError for a variable that is no float, and a
 * FeedError for one that the program does not have.
 */
export function flatState(program: object, variables: readonly (Variable | string)[]): FlatState {
  const { store } = programInternals('flatState', program)
  requireList('flatState', 'variables', variables)
  const parts = variables.map((key) => {
    const variable = store.find(key)
    if (!isFloat(variable.dtype))
      throw new GraphError(`flatState: "${variable.name}" is ${showType(variable)}; only floats can be moved`)
    return { variable, size: sizeOf(variable.shape) }
  })
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  return {
    size,
    get: () => {
      const values = new Float64Array(size)
      let from = 0
      for (const part of parts) {
        values.set(store.view(part.variable), from)
        from += part.size
      }
      return values
    },
    set: (values) => {
      if (values.length !== size)
        throw new FeedError(`flatState: the variables have ${size} elements, ${values.length} values were given`)
      let from = 0
      for (const part of parts) {
        const view = store.view(part.variable)
        for (let i = 0; i < part.size; i++) view[i] = values[from + i]!
        from += part.size
      }
    },
  }
}
