import { GraphError } from '../ir/errors'
import { checkKeys, requireRecord } from '../ir/names-of'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { sameShape, type DType } from '../ir/type'
import { isVariable, type Update, type Variable } from '../ir/variable'
import { stopT } from '../ops/stop'
import { update, variable } from './leaf'

/** What a cell hands from step to step: a tensor, or tensors by name or place, of any depth. */
export type RecurrentState = Tensor | readonly RecurrentState[] | { readonly [name: string]: RecurrentState }

/** The same tensors, variables being no more than tensors. */
export type StateOf<S> = S extends Tensor ? Tensor<S['shape'], S['dtype']> : { readonly [K in keyof S]: StateOf<S[K]> }
/** The same names, of tensors of any shape. */
export type NextState<S> = S extends Tensor ? Tensor : { readonly [K in keyof S]: NextState<S[K]> }

/** The tensors of a state by their paths, in order. */
export function flatState(op: string, state: unknown, path = ''): [path: string, tensor: Tensor][] {
  if (isTensor(state)) return [[path === '' ? 'state' : path, state]]
  if (typeof state !== 'object' || state === null)
    throw new GraphError(
      `${op}: ${path || 'the state'} must be a tensor or a record of tensors, it is ${String(state)}`,
    )
  return Object.entries(state).flatMap(([name, part]) => flatState(op, part, path === '' ? name : `${path}/${name}`))
}

/** Other tensors in the place of those of a state. */
export function mapState(
  state: RecurrentState,
  f: (tensor: Tensor, path: string) => Tensor,
  path = '',
): RecurrentState {
  if (isTensor(state)) return f(state, path === '' ? 'state' : path)
  const deeper = (name: string): string => (path === '' ? name : `${path}/${name}`)
  if (Array.isArray(state)) return state.map((part: RecurrentState, i) => mapState(part, f, deeper(String(i))))
  return Object.fromEntries(
    Object.entries(state as Readonly<Record<string, RecurrentState>>).map(([name, part]) => [
      name,
      mapState(part, f, deeper(name)),
    ]),
  )
}

/** The tensors of a state in the order of another's, which must have the same paths. */
export function alignedState(op: string, state: unknown, like: readonly (readonly [string, Tensor])[]): Tensor[] {
  const found = new Map(flatState(op, state))
  const names = like.map(([path]) => path)
  for (const path of found.keys())
    if (!names.includes(path))
      throw new GraphError(`${op}: there is no state "${path}"; the state has ${names.join(', ') || 'nothing'}`)
  return names.map((path) => {
    const t = found.get(path)
    if (!t) throw new GraphError(`${op}: the state "${path}" is missing`)
    return t
  })
}

type Shapes = Readonly<Record<string, readonly number[]>>
export type StateVariables<N extends string, P extends Shapes, D extends DType> = {
  readonly [K in keyof P & string]: Variable<`${N}/${K}`, P[K], D>
}

/**
 * Variables that keep the state of a recurrent layer from call to call, zeros at first and not trainable: shapes by name,
 * such as `{ h: [batch, units], c: [batch, units] }`. Give them as `initialState` and what the layer hands on to `keepState`.
 * As they are variables, gradients end at them: back-propagation is truncated at the call. Throws for a shape that is no
 * list of whole numbers.
 *
 *     const memory = stateVariables('memory', { h: [32, 128], c: [32, 128] })
 *     const net = compile({
 *       train: entry({ x: tensor([32, 64, 10]) }, ({ x }) => {
 *         const { outputs, state } = lstm(x, weights, { initialState: memory })
 *         const loss = ...
 *         return { outputs: { loss }, updates: [...adam(loss, parameters), ...keepState(memory, state)] }
 *       }),
 *       reset: entry({}, () => ({ outputs: {}, updates: resetState(memory) })),
 *     })
 */
export function stateVariables<const N extends string, const P extends Shapes, const D extends DType = 'float32'>(
  name: N,
  shapes: P,
  options: { readonly dtype?: D } = {},
): StateVariables<N, P, D> {
  checkKeys('stateVariables', options, ['dtype'])
  const { dtype } = options
  requireRecord('stateVariables', 'shapes', shapes)
  const made = Object.entries(shapes).map(([key, shape]) => [
    key,
    variable(`${name}/${key}`, shape as never, 0, { dtype: dtype ?? 'float32', trainable: false }),
  ])
  return Object.fromEntries(made) as never
}

type Below<S> = S extends Variable ? S : S extends readonly (infer T)[] ? T : S[keyof S]
/** The variables of a state of three levels at most. */
type Kept<S> = Update<Extract<Below<Below<Below<S>>>, Variable>>

/**
 * Updates of state variables by the state that a layer hands on, without gradient. Throws where names, shapes or dtypes
 * differ, or where what is to be kept in is no variable.
 */
export function keepState<const S extends object>(variables: S, state: NextState<S>): Kept<S>[] {
  const into = variablesOf('keepState', variables)
  const next = alignedState('keepState', state, into)
  return into.map(([path, v], i) => {
    const t = next[i]!
    if (t.dtype !== v.dtype || !sameShape(t.shape, v.shape))
      throw new GraphError(
        `keepState: "${path}" is kept in ${describe(v)} and must have its shape and dtype, it is ${describe(t)}`,
      )
    return update(v, stopT(t))
  }) as never
}

/** Updates of state variables to zeros: an entry of these forgets what was before. */
export const resetState = <const S extends object>(variables: S): Kept<S>[] =>
  variablesOf('resetState', variables).map(([, v]) => update(v, 0)) as never

function variablesOf(op: string, state: object): [string, Variable][] {
  return flatState(op, state).map(([path, t]) => {
    if (!isVariable(t)) throw new GraphError(`${op}: "${path}" must be a variable, it is ${describe(t)}`)
    return [path, t]
  })
}
