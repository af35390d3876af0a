import { constIndex } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF } from '../ir/formula'
import type { Local, Param, Stmt } from '../ir/loop'
import type { Op } from '../ir/op'
import { call, castTo, int, literal, type Scalar } from '../ir/scalar'
import { changing, countUp, elementAt, loopOverRows, name, type Named, storeAt, when, whilst } from '../ir/statement'
import { apply, type Tensor } from '../ir/tensor'
import { isFloat, showShape, sizeOf, type TensorType } from '../ir/type'

export interface SortAttrs {
  /** From the largest to the smallest. */
  readonly descending: boolean
}

const START = constIndex(0)

/** One line of a buffer, whose positions are counted from its beginning. */
interface Line {
  at(position: Named): Scalar
  put(position: Named, value: Scalar): Stmt
}
const lineOf = (of: Param, start?: Local): Line => ({
  at: (position) => elementAt(of, START, position, start),
  put: (position, value) => storeAt(of, START, value, position, start),
})

type Order = (a: Scalar, b: Scalar) => Scalar

/** Whether one value comes before another; NaN is larger than any number, and equals NaN. */
export function orderOf({ dtype }: TensorType, { descending }: SortAttrs): Order {
  const rising: Order = isFloat(dtype)
    ? (a, b) => call('and', call('not', call('le', b, a)), call('eq', a, a))
    : (a, b) => call('lt', a, b)
  return descending ? (a, b) => rising(b, a) : rising
}

/** Values of a line as they are compared. */
const keysOf = (values: Param, start: Local): ((position: Named) => Scalar) => {
  const line = lineOf(values, start)
  const isWhole = !isFloat(values.buffer.dtype)
  return (position) => (isWhole ? castTo('int32', line.at(position)) : line.at(position))
}

const next = (n: Named): Scalar => call('add', n.value, int(1))

/** Puts a position into its place among those between `first` and `from` in a line, which are in order; later ones give way. */
function insert(
  into: Line,
  keys: (p: Named) => Scalar,
  isBefore: Order,
  i: Named,
  key: Named,
  first: Named,
  from: Scalar,
) {
  const place = changing('place', from)
  const open = changing('open', call('lt', first.value, place.value))
  const before = name('before', call('sub', place.value, int(1)))
  const other = name('other', into.at(before))
  const moveUp = [into.put(place, other.value), place.to(before.value), open.to(call('lt', first.value, place.value))]
  return [
    place.set,
    open.set,
    whilst(open.value, [before.set, other.set, open.to(isBefore(key.value, keys(other))), when(open.value, moveUp)]),
    into.put(place, i.value),
  ]
}

/** Runs that are sorted by insertion, and how often they are then merged two and two. */
function runsOf(n: number): { readonly size: number; readonly passes: number } {
  const passes = (size: number): number => (n <= size ? 0 : Math.ceil(Math.log2(n / size)))
  // An even number of passes ends where it began.
  const size = passes(8) % 2 === 0 ? 8 : 16
  return { size, passes: passes(size) }
}

/**
 * The positions along the last axis in the order of their values, int32: of x[..., n] at [..., i] where the i-th smallest
 * stands. Equal values keep their order, NaN is the largest. Merge sort from below, after runs by insertion.
 */
export const argsortOp: Op<'argsort', SortAttrs> = {
  name: 'argsort',
  kind: 'loops',
  infer: ([x]) => {
    if (x!.shape.length === 0) throw new GraphError('a scalar has no axis to sort along')
    return { dtype: 'int32', shape: x!.shape }
  },
  vjp: null,
  bound: ([x]) => x!.shape.at(-1)!,
  workspace: ([x]) => {
    const n = x!.shape.at(-1)!
    return runsOf(n).passes > 0 ? { dtype: 'int32', shape: [n] } : undefined
  },
  loops: ({ inputs: [x], attrs, operands: [values], result, workspace }) => {
    const n = x!.shape.at(-1)!
    const isBefore = orderOf(x!, attrs)
    const rows = [{ of: values!, step: n }, { of: result, step: n }] as const // prettier-ignore
    return loopOverRows('i', sizeOf(x!.shape.slice(0, -1)), rows, ([from, to]) => {
      const keys = keysOf(values!, from)
      const places = lineOf(result, to)
      const { size, passes } = runsOf(n)
      const start = changing('start', int(0))
      const end = name('end', call('min', call('add', start.value, int(size)), int(n)))
      const runs = [
        start.set,
        whilst(call('lt', start.value, int(n)), [
          end.set,
          ...countUp('j', start.value, end.value, (j) => {
            const key = name('key', keys(j))
            return [key.set, ...insert(places, keys, isBefore, j, key, start, j.value)]
          }),
          start.to(end.value),
        ]),
      ]
      if (passes === 0) return runs
      const width = changing('width', int(size))
      const double = width.to(call('add', width.value, width.value))
      const other = lineOf(workspace!)
      const twice = [...merged(places, other, width, n, keys, isBefore), double, ...merged(other, places, width, n, keys, isBefore), double] // prettier-ignore
      return [...runs, width.set, whilst(call('lt', width.value, int(n)), twice)]
    })
  },
  formula: ([x], { descending }) => callF('argsort', [x!], ...(descending ? ['descending'] : [])),
}

/** Neighbouring runs of a width merged, two and two, into another line. */
function merged(from: Line, to: Line, width: Named, n: number, keys: (p: Named) => Scalar, isBefore: Order): Stmt[] {
  const start = changing('start', int(0))
  const reach = (p: Scalar): Scalar => call('min', call('add', p, width.value), int(n))
  const middle = name('middle', reach(start.value))
  const end = name('end', reach(middle.value))
  const [i, j, place] = [changing('l', start.value), changing('r', middle.value), changing('place', start.value)]
  const [left, right] = [changing('left', from.at(i)), changing('right', from.at(j))]
  const [a, b] = [changing('a', keys(left)), changing('b', keys(right))]
  const more = changing('more', literal(1, 'bool'))
  const isRight = name('isRight', isBefore(b.value, a.value))
  const take = (head: typeof i, bound: Scalar, taken: typeof left, key: typeof a): Stmt[] => [
    to.put(place, taken.value),
    head.to(next(head)),
    more.to(call('lt', head.value, bound)),
    when(more.value, [taken.to(from.at(head)), key.to(keys(taken))]),
  ]
  const rest = (head: typeof i, bound: Scalar): Stmt =>
    whilst(call('lt', head.value, bound), [to.put(place, from.at(head)), head.to(next(head)), place.to(next(place))])
  return [
    start.set,
    whilst(call('lt', start.value, int(n)), [
      ...[middle, end, i, j, place].map((l) => l.set),
      when(call('lt', j.value, end.value), [
        ...[left, right, a, b, more].map((l) => l.set),
        whilst(more.value, [
          isRight.set,
          when(isRight.value, take(j, end.value, right, b)),
          when(call('not', isRight.value), take(i, middle.value, left, a)),
          place.to(next(place)),
        ]),
      ]),
      rest(i, middle.value),
      rest(j, end.value),
      start.to(end.value),
    ]),
  ]
}

export interface TopAttrs {
  readonly k: number
}

/**
 * The positions of the k largest along the last axis, int32: x[..., n] gives [..., k], the largest first, of equal ones the
 * first; NaN is the largest. Each element is compared with the smallest of those kept and goes to its place by insertion.
 */
export const argTopKOp: Op<'argTopK', TopAttrs> = {
  name: 'argTopK',
  kind: 'loops',
  infer: ([x], { k }) => {
    if (!(k >= 1 && k <= (x!.shape.at(-1) ?? 0)))
      throw new GraphError(`there are no ${k} largest along the last axis of ${showShape(x!.shape)}`)
    return { dtype: 'int32', shape: [...x!.shape.slice(0, -1), k] }
  },
  vjp: null,
  bound: ([x]) => x!.shape.at(-1)!,
  loops: ({ inputs: [x], attrs: { k }, operands: [values], result }) => {
    const n = x!.shape.at(-1)!
    const isBefore = orderOf(x!, { descending: true })
    const rows = [{ of: values!, step: n }, { of: result, step: k }] as const // prettier-ignore
    return loopOverRows('i', sizeOf(x!.shape.slice(0, -1)), rows, ([from, to]) => {
      const keys = keysOf(values!, from)
      const places = lineOf(result, to)
      const first = name('first', int(0))
      const last = name('last', int(k - 1))
      const smallest = name('smallest', places.at(last))
      const least = changing('least', keys(smallest))
      const again = name('smallest', places.at(last))
      return [
        first.set,
        last.set,
        ...countUp('j', int(0), int(k), (j) => {
          const key = name('key', keys(j))
          return [key.set, ...insert(places, keys, isBefore, j, key, first, j.value)]
        }),
        smallest.set,
        least.set,
        ...countUp('j', int(k), int(n), (j) => {
          const key = name('key', keys(j))
          return [
            key.set,
            when(isBefore(key.value, least.value), [
              ...insert(places, keys, isBefore, j, key, first, last.value),
              again.set,
              least.to(keys(again)),
            ]),
          ]
        }),
      ]
    })
  },
  formula: ([x], { k }) => callF('argTopK', [x!], k),
}

export const argsortT = (x: Tensor, descending: boolean): Tensor => apply(argsortOp, [x], { descending })
export const argTopKT = (x: Tensor, k: number): Tensor => apply(argTopKOp, [x], { k })
