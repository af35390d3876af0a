import { GraphError } from '../ir/errors'
import { describe, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { sameShape, showType } from '../ir/type'
import { condT } from '../ops/cond'
import type { Tensors } from './scan'

type Chosen<R> = R extends Tensor
  ? Tensor<R['shape'], R['dtype']>
  : { readonly [K in keyof R]: R[K] extends Tensor ? Tensor<R[K]['shape'], R[K]['dtype']> : never }

/**
 * One of two graphs, chosen by a bool of rank 0 when the program runs; the other is not computed. Each arm is a function
 * without parameters that gives a tensor, or tensors by name, of the same shapes and dtypes in both. What is built in an arm
 * is computed only where it is taken; tensors from outside may be read. Differentiable to any order, with respect to all but
 * the condition. For a choice an element at a time there is `where`.
 *
 *     const y = cond(less(norm, 1), () => x, () => div(x, norm))
 *
 * Throws a GraphError where the condition is no bool of rank 0, or where the arms do not agree.
 */
export function cond<R extends Tensor | Tensors>(condition: Tensor, whenTrue: () => R, whenFalse: () => R): Chosen<R> {
  requireTensor('cond', condition)
  if (condition.dtype !== 'bool' || condition.shape.length > 0)
    throw new GraphError(
      `cond: the condition must be one bool, it is ${describe(condition)}; for elements there is where`,
    )
  const made: (Tensor | Tensors)[] = []
  const arm = (build: () => R, name: string) => (): Tensor[] => {
    if (typeof build !== 'function') throw new GraphError(`cond: ${name} must be a function that builds its result`)
    const result = build()
    made.push(result)
    return listOf(result, name).map(([, t]) => t)
  }
  const parts = condT(condition, [arm(whenTrue, 'the first arm'), arm(whenFalse, 'the second arm')], (a, b) => {
    checkAgreement(listOf(made[0]!, 'the first arm'), listOf(made[1]!, 'the second arm'), a, b)
  })
  const [first] = made
  if (isTensor(first)) return parts[0] as never
  return Object.fromEntries(Object.keys(first!).map((name, i) => [name, parts[i]!])) as never
}

function listOf(result: Tensor | Tensors, name: string): [string, Tensor][] {
  if (isTensor(result)) return [['', result]]
  if (typeof result !== 'object' || (result as unknown) === null || Object.keys(result).length === 0)
    throw new GraphError(`cond: ${name} must give a tensor, or tensors by name`)
  for (const [key, t] of Object.entries(result))
    if (!isTensor(t)) throw new GraphError(`cond: "${key}" of ${name} is not a tensor`)
  return Object.entries(result)
}

function checkAgreement(
  a: readonly (readonly [string, Tensor])[],
  b: readonly (readonly [string, Tensor])[],
  first: readonly Tensor[],
  second: readonly Tensor[],
): void {
  const names = [a, b].map((list) => list.map(([name]) => name).join())
  if (names[0] !== names[1])
    throw new GraphError(`cond: the arms give ${names[0] || 'one tensor'} and ${names[1] || 'one tensor'}; they must be the same names in the same order`) // prettier-ignore
  first.forEach((t, i) => {
    const other = second[i]!
    if (t.dtype !== other.dtype || !sameShape(t.shape, other.shape))
      throw new GraphError(
        `cond: ${a[i]![0] === '' ? 'the result' : `"${a[i]![0]}"`} is ${showType(t)} in the first arm (${describe(t)}) and ` +
          `${showType(other)} in the second (${describe(other)}); they must be equal`,
      )
  })
}
