import { GraphError } from '../ir/errors'
import type { Initializer } from '../init/initializers'
import { randomStream } from '../init/random'
import { checkFlags, checkKeys, valueText } from '../ir/names-of'
import type { AnyOp } from '../ir/op'
import { currentOrigin, currentScope } from '../ir/origin'
import { partFrom } from '../ir/part'
import type { Checked, NamedAll, NoNames, Shape } from '../ir/shapes'
import { describe, makeTensor, relabel, requireTensor, type Tensor } from '../ir/tensor'
import { isWellFormed } from '../ir/text'
import { checkShape, currentTrace, resolveDims } from '../ir/trace'
import {
  broadcastShapes,
  checkDType,
  type Data,
  type DType,
  dtypeOf,
  newData,
  sameShape,
  showShape,
  showType,
  sizeOf,
} from '../ir/type'
import { type FirstValue, isVariable, type Role, type Update, type Variable } from '../ir/variable'
import { broadcastT } from '../ops/broadcast'
import { checkValues, dataConstant, flattenNested, scalarConstant, variableOp } from '../ops/leaf'
import { identityT } from '../ops/unary'

/** The dtype of a typed array. */
type DTypeOf<T extends Data> = T extends Float32Array
  ? 'float32'
  : T extends Float64Array
    ? 'float64'
    : T extends Int32Array
      ? 'int32'
      : 'uint8'

/** Nested arrays of numbers, of any depth. */
export type Nested = number | readonly Nested[]

/**
 * State that a program keeps between steps. Two variables are the same only if they are the same object; the name serves
 * messages, files and `state`, and must be unique in a program. `init` is an initializer, a number, nested arrays or a
 * typed array; an initializer's stream depends on the program's seed and the name. What is not `trainable`, such as running
 * statistics, lies apart from the parameters and is refused by optimisers. Throws for a shape that is no list of whole
 * numbers.
 */
export function variable<const N extends string, const S extends readonly number[], const D extends DType = 'float32'>(
  name: N,
  shape: readonly [...S] & Checked<NoNames<S>, unknown>,
  init: Initializer | Nested | Data,
  options: { readonly dtype?: D; readonly trainable?: boolean } = {},
): Variable<N, S, D> {
  checkKeys(`variable "${name}"`, options, ['dtype', 'trainable'])
  checkFlags(`variable "${name}"`, options, ['trainable'])
  const full = currentScope() === '' ? name : `${currentScope()}/${name}`
  return makeVariable(full, shape, options.dtype ?? 'float32', init, {
    kind: (options.trainable ?? true) ? 'parameter' : 'untrained',
  }) as never
}

export function makeVariable(
  name: string,
  shape: readonly number[],
  dtype: DType,
  init: Initializer | Nested | Data,
  role: Role,
): Variable {
  return declareVariable(name, shape, dtype, role, () => firstValue(name, shape, dtype, init))
}

/** The variable of a name in the trace that is under way, made if this is the first trace to do so. */
export function declareVariable(
  name: string,
  shape: readonly number[],
  dtype: DType,
  role: Role,
  first: () => FirstValue,
): Variable {
  if (typeof name !== 'string' || name === '') throw new GraphError('variable: the name must be a non-empty string')
  if (name === '__metadata__' || !isWellFormed(name))
    throw new GraphError(`variable: no file can hold the name ${JSON.stringify(name)}; choose another`)
  checkShape(`variable "${name}"`, shape)
  checkDType(`variable "${name}"`, dtype)
  const trace = currentTrace()
  if (trace?.made.has(name))
    throw new GraphError(
      `variable: the name "${name}" is used twice in entry "${trace.entry}"; ` +
        (role.kind === 'parameter' || role.kind === 'untrained'
          ? 'names must be unique in a program'
          : 'give one of the two optimisers another name, { name: ... }'),
    )
  trace?.made.add(name)
  const known = trace?.variables.get(name)
  if (known) {
    if (!sameShape(known.shape, shape) || known.dtype !== dtype) {
      throw new GraphError(
        `variable: "${name}" is ${showType(known)} in one trace and ${dtype}${showShape(shape)} in another; ` +
          (trace!.bindings.size > 0
            ? 'the shape of a variable may not depend on a named dimension'
            : 'names must be unique in a program'),
      )
    }
    return known
  }
  const attrs = { name, role, first: first() }
  const leaf = makeTensor(variableOp as AnyOp, [], attrs, { dtype, shape: [...shape] }, { ...currentOrigin(), name })
  const made: Variable = Object.freeze({ ...leaf, name })
  trace?.variables.set(name, made)
  return made
}

function firstValue(
  name: string,
  shape: readonly number[],
  dtype: DType,
  init: Initializer | Nested | Data,
): FirstValue {
  const fail = (why: string): GraphError => new GraphError(`variable "${name}" ${showShape(shape)}: ${why}`)
  if (typeof init === 'function') {
    const first: FirstValue = (full, seed, path) => {
      const values = init(full, randomStream(seed, path))
      if (values?.length === undefined || typeof values === 'function')
        throw fail(`the initializer gave ${valueText(values)} instead of values; call what makes one, such as zeros()`)
      if (values.length !== sizeOf(full))
        throw fail(`the initializer gave ${values.length} values, ${sizeOf(full)} are needed`)
      return values
    }
    return init.className === undefined ? first : partFrom(init.className, init.config ?? {}, first)
  }
  if (typeof init === 'number') {
    checkValues(`variable "${name}"`, [init], dtype)
    return partFrom('Constant', { value: init }, () => new Float64Array(sizeOf(shape)).fill(init))
  }
  if (isData(init)) {
    if (init.length !== sizeOf(shape))
      throw fail(`the initial array has ${init.length} values, ${sizeOf(shape)} are needed`)
    checkValues(`variable "${name}"`, init, dtype)
    const copy = init.slice()
    return () => copy
  }
  const nested = flattenNested(`variable "${name}"`, init)
  if (!sameShape(nested.shape, shape)) throw fail(`the initial value has shape ${showShape(nested.shape)}`)
  checkValues(`variable "${name}"`, nested.values, dtype)
  return () => nested.values
}

/**
 * A constant of the graph. A number is rank 0 and is printed into the generated code; nested arrays, or a typed array
 * with a shape, are kept in memory. The dtype is float32 unless given (a typed array brings its own).
 */
export function constant<const D extends DType = 'float32'>(
  value: number,
  options?: { readonly dtype?: D },
): Tensor<[], D>
export function constant<const S extends readonly number[] = Shape, const D extends DType = 'float32'>(
  value: readonly Nested[],
  options?: { readonly shape?: readonly [...S]; readonly dtype?: D },
): Tensor<S, D>
export function constant<const S extends readonly number[], T extends Data, const D extends DType = DTypeOf<T>>(
  value: T,
  options: { readonly shape: readonly [...S]; readonly dtype?: D },
): Tensor<S, D>
export function constant(
  value: number | readonly Nested[] | Data,
  options: { readonly shape?: readonly number[]; readonly dtype?: DType } = {},
): Tensor {
  checkKeys('constant', options, typeof value === 'number' ? ['dtype'] : ['shape', 'dtype'])
  if (typeof value === 'number') return checkedScalar('constant', value, options.dtype)
  const fromData = isData(value)
  const nested = fromData ? { shape: [value.length], values: value } : flattenNested('constant', value)
  const dtype = options.dtype ?? (fromData ? dtypeOf(value) : 'float32')
  const { shape = nested.shape } = options
  checkShape('constant', shape)
  const flat = fromData || nested.shape.length === 1
  if (flat ? sizeOf(shape) !== nested.values.length : !sameShape(shape, nested.shape))
    throw new GraphError(`constant: values of shape ${showShape(nested.shape)} do not fill shape ${showShape(shape)}`)
  checkValues('constant', nested.values, dtype)
  const data = newData(dtype, sizeOf(shape))
  data.set(nested.values)
  return shape.length === 0 ? scalarConstant(data[0]!, dtype) : dataConstant(data, { dtype, shape: [...shape] })
}

function checkedScalar(what: string, value: number, dtype: DType = 'float32'): Tensor {
  checkValues(what, [value], dtype)
  return scalarConstant(value, dtype)
}

const isData = (x: unknown): x is Data => ArrayBuffer.isView(x)

/** A tensor of one number, float32 unless given otherwise; dimensions of the entry may be given by name. */
export function fill<const S extends readonly (number | string)[], const D extends DType = 'float32'>(
  shape: readonly [...S],
  value: number,
  options: { readonly dtype?: D } = {},
): Tensor<NamedAll<S>, D> {
  checkKeys('fill', options, ['dtype'])
  const extents = resolveDims('fill', shape)
  checkShape('fill', extents)
  return broadcastT(checkedScalar('fill', value, options.dtype), extents) as never
}

/** The same tensor under a name for generated code, messages and inspection. */
export function named<X extends Tensor>(name: string, x: X): Tensor<X['shape'], X['dtype']> {
  if (typeof name !== 'string') throw new GraphError(`named: the name must be a string, it is ${valueText(name)}`)
  requireTensor('named', x)
  const target = x.op.kind === 'leaf' ? identityT(x) : x
  const full = currentScope() === '' ? name : `${currentScope()}/${name}`
  return relabel(target, { name: full })
}

/**
 * What an entry does to a variable: its value after the step. All updates of a step read old values. The next value may
 * broadcast to the variable's shape and must have its dtype (a number takes it). Throws a GraphError where it does not fit.
 */
export function update<V extends Variable, T extends Tensor | number>(v: V, next: T): Update<V> {
  requireTensor('update', v)
  if (!isVariable(v)) throw new GraphError(`update: ${describe(v)} is not a variable`)
  if (typeof next !== 'number') requireTensor(`update of "${v.name}"`, next)
  const value: Tensor = typeof next === 'number' ? checkedScalar(`update of "${v.name}"`, next, v.dtype) : next
  if (value.dtype !== v.dtype)
    throw new GraphError(`update: "${v.name}" is ${showType(v)}, the next value ${showType(value)}; cast it`)
  if (!sameShape(broadcastShapes(value.shape, v.shape) ?? [], v.shape))
    throw new GraphError(`update: "${v.name}" is ${showType(v)}, the next value is ${describe(value)} and does not fit`)
  return [v, broadcastT(value, v.shape)]
}
