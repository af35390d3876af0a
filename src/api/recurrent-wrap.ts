import { GraphError } from '../ir/errors'
import { checkKeys, requireFunction, requireList } from '../ir/names-of'
import { describe, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { sameShape } from '../ir/type'
import { addT, mulT } from '../ops/arith'
import { concatT } from '../ops/pieces'
import { like } from '../ops/unary'
import type { Sequence } from './recurrent-options'
import type { RecurrentState } from './recurrent-state'
import type { SameRank } from './signatures'

/** How `bidirectional` makes one of both directions. */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave'
type Merged<O extends Tensor, M extends MergeMode> = M extends 'concat'
  ? Tensor<SameRank<O['shape']>, O['dtype']>
  : Tensor<O['shape'], O['dtype']>

/** What `bidirectional` gives. */
export interface Bidirectional<Q extends Sequence, M extends MergeMode = MergeMode> extends Sequence<
  Merged<Q['outputs'], M>,
  Merged<Q['last'], M>,
  { readonly forward: Q['state']; readonly backward: Q['state'] }
> {
  /** Both directions by themselves. */
  readonly forward: Q
  readonly backward: Q
}

/**
 * A recurrent layer in both directions, each with weights of its own: `layer` is called with `reverse` false and then true
 * and hands that on. Outputs of both stay at the place of their step, `last` is that of the end for one and of the beginning
 * for the other; each pair is put side by side along the last axis (`concat`, the default), added, multiplied or averaged.
 * With a mask or lengths both directions carry their state over what is masked, so the way back begins at the last step that
 * counts.
 *
 *     bidirectional((reverse) => lstm(x, reverse ? backward : forward, { reverse, lengths }), { mergeMode: 'sum' })
 *
 * Throws a GraphError where the outputs of both do not go together.
 * Source: Schuster and Paliwal 1997, IEEE Transactions on Signal Processing 45(11).
 */
export function bidirectional<Q extends Sequence, const M extends MergeMode = 'concat'>(
  layer: (reverse: boolean) => Q,
  options: { readonly mergeMode?: M } = {},
): Bidirectional<Q, M> {
  checkKeys('bidirectional', options, ['mergeMode'])
  const mode: MergeMode = options.mergeMode ?? 'concat'
  if (!Object.hasOwn(MERGE, mode))
    throw new GraphError(
      `bidirectional: mergeMode must be one of ${Object.keys(MERGE).join(', ')}, it is ${String(mode)}`,
    )
  requireFunction('bidirectional: layer', layer)
  const [forward, backward] = [checked('bidirectional', layer(false)), checked('bidirectional', layer(true))]
  const state = { forward: forward.state, backward: backward.state }
  const merged = (a: Tensor, b: Tensor): Tensor => {
    const fits =
      a.dtype === b.dtype && sameShape(mode === 'concat' ? a.shape.slice(0, -1) : a.shape, mode === 'concat' ? b.shape.slice(0, -1) : b.shape) // prettier-ignore
    if (!fits)
      throw new GraphError(
        `bidirectional: the directions give ${describe(a)} and ${describe(b)}, which '${mode}' does not join`,
      )
    return MERGE[mode](a, b)
  }
  const [outputs, last] = [merged(forward.outputs, backward.outputs), merged(forward.last, backward.last)]
  return { outputs, last, state, forward, backward } as never
}

const MERGE: Readonly<Record<MergeMode, (a: Tensor, b: Tensor) => Tensor>> = {
  concat: (a, b) => concatT([a, b], a.shape.length - 1),
  sum: addT,
  mul: mulT,
  ave: (a, b) => mulT(addT(a, b), like(0.5, a)),
}

function checked(op: string, made: unknown): Sequence {
  const { outputs, last } = (typeof made === 'object' && made !== null ? made : {}) as Partial<Sequence>
  if (isTensor(outputs) && isTensor(last)) return made as Sequence
  throw new GraphError(`${op}: layer must return what a recurrent layer returns, { outputs, last, state }`)
}

type Layers = readonly ((x: Tensor) => Sequence)[]
type LastOf<L extends readonly unknown[]> = L extends readonly [...unknown[], infer T] ? T : L[number]
type Result<F> = F extends (x: Tensor) => infer Q ? (Q extends Sequence ? Q : never) : never

/**
 * Recurrent layers on top of one another: each sees the outputs of the one below. Gives the `outputs` and the `last` of the
 * top, and as `state` those of all, from the bottom.
 *
 *     stacked(x, [(x) => lstm(x, first), (x) => lstm(dropout(x, 0.2), second)])
 *
 * Throws a GraphError where there are none.
 */
export function stacked<const L extends Layers>(
  x: Tensor,
  layers: L,
): Sequence<
  Result<LastOf<L>>['outputs'],
  Result<LastOf<L>>['last'],
  { readonly [K in keyof L]: Result<L[K]>['state'] }
> {
  requireTensor('stacked', x)
  requireList('stacked', 'layers', layers)
  const made: Sequence[] = []
  for (const layer of layers) {
    requireFunction('stacked: a layer', layer)
    made.push(checked('stacked', layer(made.at(-1)?.outputs ?? x)))
  }
  const top = made.at(-1)
  if (!top) throw new GraphError('stacked: there are no layers')
  return { outputs: top.outputs, last: top.last, state: made.map(({ state }) => state) } as never
}

/** One step of a recurrent layer. */
export type RecurrentCell<S, O extends Tensor = Tensor> = (
  x: Tensor,
  state: S,
) => { readonly output: O; readonly state: S }

/**
 * One cell of several: each sees the output of the one below, the output is that of the top, and the state a list of
 * theirs, from the bottom. All run in one loop where `rnn` runs it. Throws a GraphError where there are none, or for as many
 * states as there are no cells.
 *
 *     const cell = stackedCells([
 *       (x, state: LstmState) => lstmCell(x, state, first),
 *       (x, state: LstmState) => lstmCell(x, state, second),
 *     ])
 *     const { outputs, state } = rnn(x, cell, { initialState: [memory1, memory2] })
 */
export function stackedCells<const S extends readonly object[]>(cells: {
  readonly [K in keyof S]: RecurrentCell<S[K]>
}): RecurrentCell<S> {
  const list = cells as readonly RecurrentCell<RecurrentState>[]
  requireList('stackedCells', 'cells', cells)
  for (const cell of list) requireFunction('stackedCells: a cell', cell)
  if (list.length === 0) throw new GraphError('stackedCells: there are no cells')
  return (x, states) => {
    if (!Array.isArray(states) || states.length !== list.length)
      throw new GraphError(`stackedCells: the state must be a list of ${list.length}, one for each cell`)
    let output = x
    const next = list.map((cell, i) => {
      const made = cell(output, states[i] as RecurrentState)
      output = made.output
      return made.state
    })
    return { output, state: next as never }
  }
}
