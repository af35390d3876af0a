import type { Tensor } from '../../ir/tensor'
import type { RunAttrs } from '../../ops/cumulative'
import type { SortAttrs, TopAttrs } from '../../ops/sort'
import type { ExtremeAttrs } from '../../ops/cumulative-largest'
import type { Direct } from './direct'
import { computedIn } from './kernels'
import { int, ints, type Value } from './value'
import { type GraphWriter, isFloatValue } from './writer'

/** The positions of the first k along the last axis in their order; of equal values the first stands first. */
function order(to: GraphWriter, x: Value, k: number, isDescending: boolean): Value {
  const shape = x.shape.with(-1, k)
  const from = to.cast(x, computedIn('TopK', x.type))
  const results: Value[] = [{ type: from.type, shape }, { type: 'int64', shape }] // prettier-ignore
  to.add('TopK', [from, to.wholes([k])], results, { axis: int(-1), largest: int(isDescending ? 1 : 0), sorted: int(1) })
  return to.cast(results[1]!, 'int32')
}

export const sorted: Direct = {
  write: (to, t, [x]) => order(to, x!, t.shape.at(-1)!, (t.attrs as SortAttrs).descending),
}
export const topPositions: Direct = {
  write: (to, t, [x]) => order(to, x!, (t.attrs as TopAttrs).k, true),
}

export const runningSum: Direct = {
  write: (to, t, [x]) => {
    const { axis, reverse } = t.attrs as RunAttrs
    return to.compute('CumSum', [x!, to.constant('int64', [], [axis])], t.shape, { reverse: int(reverse ? 1 : 0) })
  },
}

/** A loop along an axis: what is handed on from place to place, and the results that are kept of each. */
function run(
  to: GraphWriter,
  { axis, reverse }: RunAttrs,
  over: readonly Value[],
  first: readonly Value[],
  step: (inner: GraphWriter, state: readonly Value[], slices: readonly Value[]) => readonly Value[],
): readonly Value[] {
  const inner = to.inner()
  const length = over[0]!.shape[axis]!
  const slices = over.map(({ type, shape }): Value => ({ type, shape: shape.toSpliced(axis, 1) }))
  const state = first.map(({ type, shape }): Value => ({ type, shape }))
  const next = step(inner, state, slices)
  const kept = next.map((x) => inner.node('Identity', [x], x.shape))
  const stacks = kept.map(({ type, shape }): Value => ({ type, shape: shape.toSpliced(axis, 0, length) }))
  const finals = next.map(({ type, shape }): Value => ({ type, shape }))
  const direction = int(reverse ? 1 : 0).i!
  to.add(
    'Scan',
    [...first, ...over],
    [...finals, ...stacks],
    {
      num_scan_inputs: int(over.length),
      scan_input_axes: ints(over.map(() => axis)),
      scan_input_directions: ints(over.map(() => direction)),
      scan_output_axes: ints(kept.map(() => axis)),
      scan_output_directions: ints(kept.map(() => direction)),
    },
    { body: { nodes: inner.nodes, inputs: [...state, ...slices], outputs: [...next, ...kept] } },
  )
  return stacks
}

const rest = (t: Tensor, axis: number): number[] => t.shape.toSpliced(axis, 1)

export const cumulativeProduct: Direct = {
  write: (to, t, [x]) => {
    const attrs = t.attrs as RunAttrs
    const one = to.filled(1, x!.type, rest(t, attrs.axis))
    return run(to, attrs, [x!], [one], (inner, [s], [v]) => [inner.node('Mul', [s, v], s!.shape)])[0]!
  },
}

/** s a + b. */
export const recurrence: Direct = {
  write: (to, t, [a, b]) => {
    const attrs = t.attrs as RunAttrs
    const none = to.filled(0, a!.type, rest(t, attrs.axis))
    const step = (inner: GraphWriter, s: Value, p: Value, q: Value): Value =>
      inner.node('Add', [inner.node('Mul', [s, p], s.shape), q], s.shape)
    return run(to, attrs, [a!, b!], [none], (inner, [s], [p, q]) => [step(inner, s!, p!, q!)])[0]!
  },
}

/** The place of the best value so far: a value that is better takes it over, and a NaN that takes it keeps it. */
export const runningExtreme: Direct = {
  write: (to, t, [x]) => {
    const { smallest, ...attrs } = t.attrs as ExtremeAttrs
    const { axis } = attrs
    const shape = rest(t, axis)
    const values = to.cast(x!, computedIn('Less', x!.type === 'uint8' ? 'bool' : x!.type))
    const length = t.shape[axis]!
    const along = t.shape.map((_, i) => (i === axis ? length : 1))
    const places = to.expand(
      to.constant(
        'int32',
        along,
        Array.from({ length }, (_, i) => i),
      ),
      t.shape,
    )
    const start = t.shape.map((_, i) => (i === axis && attrs.reverse ? length - 1 : 0))
    const firstOf = (v: Value): Value =>
      to.reshape(to.slice(v, start, t.shape.map(() => 1), t.shape.with(axis, 1)), shape) // prettier-ignore
    const better = (inner: GraphWriter, v: Value, best: Value): Value => {
      const isBeyond = inner.node('Less', smallest ? [v, best] : [best, v], shape, {}, 'bool')
      if (!isFloatValue(v)) return isBeyond
      const isNaN = (y: Value): Value => inner.node('IsNaN', [y], shape, {}, 'bool')
      const isFirst = inner.node('And', [isNaN(v), inner.node('Not', [isNaN(best)], shape)], shape)
      return inner.node('Or', [isBeyond, isFirst], shape)
    }
    return run(to, attrs, [values, places], [firstOf(values), firstOf(places)], (inner, [best, at], [v, place]) => {
      const takes = better(inner, v!, best!)
      const choose = (a: Value, b: Value): Value => inner.node('Where', [takes, a, b], shape, {}, a.type)
      return [choose(v!, best!), choose(place!, at!)]
    })[1]!
  },
}
