import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { type Body, type Inputs, randomNumbers, sample } from '../ops/cases'
import type { Program } from './check'
import type { Loop } from './unrolled'

const { add, cos, gather, grad, matmul, mul, oneHot, sin, sub, sum, tanh, transpose } = loom
const crossEntropy = loom.sparseSoftmaxCrossEntropy as unknown as (x: Tensor, y: Tensor) => Tensor
const rowsOf = gather as unknown as (table: Tensor, at: Tensor) => Tensor
type Float = 'float32' | 'float64'
type Tensors = Record<string, Tensor>
type Results = Tensors & { readonly updates?: never }

/** Inputs and a body over any kind of loop; of what it gives, floats are summed for gradients. */
interface Row {
  readonly name: string
  /** Shapes of floats. */
  readonly floats?: Readonly<Record<string, readonly number[]>>
  /** Indices with what they stay below. */
  readonly indices?: Readonly<Record<string, readonly [shape: readonly number[], below: number]>>
  readonly build: (xs: Tensors, loop: Loop) => Results
}

const none = {}
const net = { x: [5, 2, 3], W: [3, 4], U: [4, 4], b: [4], h: [2, 4] }
const cell = ({ W, U, b }: Tensors, x: Tensor, h: Tensor): Tensor => tanh(add(add(matmul(x, W!), matmul(h, U!)), b!))

const ROWS: readonly Row[] = [
  {
    name: 'a recurrent net',
    floats: net,
    build: (xs, loop) => {
      const { carry, outputs } = loop({
        over: { x: xs['x']! },
        carry: { h: xs['h']! },
        step: ({ h }, { x }) => {
          const next = cell(xs, x!, h!)
          return { carry: { h: next }, outputs: { h: next, before: h! } }
        },
      })
      return { h: carry['h']!, hs: outputs['h']!, before: outputs['before']! }
    },
  },
  {
    name: 'sums that are results, or handed on, before they are added to',
    floats: { x: [5, 2, 3], s: [3, 3] },
    build: (xs, loop) => {
      const { carry, outputs } = loop({
        over: { x: xs['x']! },
        carry: { total: sum(xs['s']!), products: xs['s']!, last: xs['s']!, alone: xs['s']! },
        step: ({ total, products, alone }, { x }) => {
          const square = matmul(transpose(x!), x!)
          const next = { total: add(total!, sum(x!)), products: add(products!, square), last: products! }
          return { carry: { ...next, alone: add(alone!, square) }, outputs: { before: total! } }
        },
      })
      return { ...carry, before: outputs['before']! }
    },
  },
  {
    name: 'a recurrent net, batch first and from the last',
    floats: { ...net, x: [2, 5, 3] },
    build: (xs, loop) => {
      const { carry, outputs } = loop({
        over: { x: xs['x']! },
        axis: 1,
        reverse: true,
        carry: { h: xs['h']! },
        step: ({ h }, { x }) => {
          const next = cell(xs, x!, h!)
          return { carry: { h: next }, outputs: { h: next } }
        },
      })
      return { h: carry['h']!, hs: outputs['h']! }
    },
  },
  {
    name: 'two nets, the second of which reads the first from the last',
    floats: { ...net, V: [4, 4] },
    build: (xs, loop) => {
      const first = loop({
        over: { x: xs['x']! },
        carry: { h: xs['h']! },
        step: ({ h }, { x }) => {
          const next = cell(xs, x!, h!)
          return { carry: { h: next }, outputs: { h: next } }
        },
      })
      return loop({
        over: { x: first.outputs['h']! },
        reverse: true,
        carry: { h: first.carry['h']! },
        step: ({ h }, { x }) => ({ carry: { h: cell({ W: xs['V']!, U: xs['U']!, b: xs['b']! }, x!, h!) } }),
      }).carry
    },
  },
  {
    name: 'two nets turn by turn',
    floats: { ...net, V: [4, 4] },
    build: (xs, loop) =>
      loop({
        over: { x: xs['x']! },
        carry: { a: xs['h']!, b: mul(xs['h']!, 0.5) },
        step: ({ a, b }, { x }) => {
          const next = cell(xs, x!, a!)
          return { carry: { a: next, b: cell({ W: xs['V']!, U: xs['U']!, b: xs['b']! }, next, b!) } }
        },
      }).carry,
  },
  {
    name: 'carries that change places',
    floats: { a: [2, 3], b: [2, 3], c: [2, 3] },
    build: ({ a, b, c }, loop) =>
      loop({
        length: 4,
        carry: { a: a!, b: b!, c: c! },
        step: ({ a, b, c }) => ({ carry: { a: b!, b: c!, c: sin(a!) }, outputs: { a: a!, c: c! } }),
      }).carry,
  },
  {
    name: 'Fibonacci',
    floats: { a: [], b: [] },
    build: ({ a, b }, loop) =>
      loop({ length: 7, carry: { a: a!, b: b! }, step: ({ a, b }) => ({ carry: { a: b!, b: add(a!, b!) } }) }).carry,
  },
  {
    name: 'one turn',
    floats: { ...net, x: [1, 2, 3] },
    build: (xs, loop) =>
      loop({
        over: { x: xs['x']! },
        carry: { h: xs['h']! },
        step: ({ h }, { x }) => ({ carry: { h: cell(xs, x!, h!) } }),
      }).carry,
  },
  {
    name: 'outputs alone',
    floats: { x: [4, 3], w: [3] },
    build: ({ x, w }, loop) =>
      loop({ over: { x: x! }, carry: none, step: (_, { x }) => ({ carry: none, outputs: { y: mul(x!, w!) } }) })
        .outputs,
  },
  {
    name: 'outputs that are carries, slices, constants, captured, and one twice',
    floats: { x: [4, 3], w: [3], h: [3] },
    build: ({ x, w, h }, loop) => {
      const { carry, outputs } = loop({
        over: { x: x! },
        carry: { h: h! },
        step: ({ h }, { x }, t) => {
          const next = add(mul(h!, w!), x!)
          const zeros = loop0(w!)
          return {
            carry: { h: next },
            outputs: {
              h: h!,
              x: x!,
              w: w!,
              again: w!,
              next,
              twice: next,
              zeros,
              half: loom.constant(0.5),
              t,
              sum: sum(w!),
            },
          }
        },
      })
      return { ...outputs, last: carry['h']! }
    },
  },
  {
    name: 'zeros that two loops keep',
    floats: { x: [4, 3] },
    build: ({ x }, loop) => {
      const zeros = loop0(x!)
      const [a, b] = [2, 4].map((length) =>
        loop({ length, carry: { h: x! }, step: ({ h }) => ({ carry: { h: sin(h!) }, outputs: { zeros } }) }),
      )
      return { a: a!.outputs['zeros']!, b: b!.outputs['zeros']!, c: a!.carry['h']!, d: b!.carry['h']! }
    },
  },
  {
    name: 'captured plain, transposed, broadcast, sliced and reshaped',
    floats: { x: [3, 4], w: [4, 4], r: [4], c: [4, 1], v: [16] },
    build: ({ x, w, r, c, v }, loop) =>
      loop({
        over: { x: x! },
        carry: { h: w! },
        step: ({ h }, { x }) => {
          const sliced = loom.slice(w!, [{ start: 3, step: -1 }, null])
          const wide = add(loom.broadcastTo(r!, [4, 4]), mul(c!, x!))
          const read = add(add(transpose(w!), matmul(transpose(w!), h!)), sub(sliced, loom.reshape(v!, [4, 4])))
          return { carry: { h: tanh(add(mul(read, 0.3), wide)) } }
        },
      }).carry,
  },
  {
    name: 'integers beside floats',
    floats: { h: [3] },
    indices: { n: [[], 9], k: [[3], 9] },
    build: ({ h, n, k }, loop) => {
      const { carry, outputs } = loop({
        length: 5,
        carry: { h: h!, n: n!, k: k!, odd: loom.greater(k!, 4) },
        step: ({ h, n, k, odd }, _, t) => ({
          carry: {
            h: loom.where(odd!, sin(h!), mul(h!, 1.5)),
            n: add(n!, 1),
            k: add(mul(k!, 3), add(n!, t)),
            odd: loom.equal(loom.mod(k!, 2 as never), 1),
          },
          outputs: { n: n!, k: k!, odd: odd! },
        }),
      })
      return { ...outputs, last: carry['h']!, k5: carry['k']! }
    },
  },
  {
    name: 'the place in the axis',
    floats: { x: [4, 3] },
    build: ({ x }, loop) =>
      loop({
        over: { x: x! },
        reverse: true,
        carry: { h: sum(x!) },
        step: ({ h }, { x }, t) => ({ carry: { h: add(h!, mul(sum(sin(x!)), loom.cast(t, x!.dtype))) }, outputs: { t } }), // prettier-ignore
      }).carry,
  },
  {
    name: 'a loop in a loop',
    floats: { x: [3, 4, 2], w: [2, 2], h: [2] },
    build: ({ x, w, h }, loop) => {
      const { carry, outputs } = loop({
        over: { x: x! },
        carry: { h: h! },
        step: ({ h }, { x }) => {
          const inner = loop({
            over: { x: x! },
            carry: { h: h! },
            reverse: true,
            step: ({ h: g }, { x }) => ({
              carry: { h: tanh(add(matmul(g!, w!), mul(x!, h!))) },
              outputs: { y: mul(g!, x!) },
            }),
          })
          return { carry: { h: inner.carry['h']! }, outputs: { y: inner.outputs['y']! } }
        },
      })
      return { h: carry['h']!, y: outputs['y']! }
    },
  },
  {
    name: 'a loop in a loop in a loop',
    floats: { x: [2, 2, 2, 3], h: [3] },
    build: ({ x, h }, loop) => {
      const over = (x: Tensor, h: Tensor, depth: number): Tensor =>
        loop({
          over: { x },
          carry: { h },
          step: ({ h }, { x }) => ({ carry: { h: depth === 0 ? sin(add(mul(h!, x!), 1)) : over(x!, mul(h!, 2), depth - 1) } }), // prettier-ignore
        }).carry['h']!
      return { h: over(x!, h!, 2) }
    },
  },
  {
    name: 'axis 2, slices that are matrices',
    floats: { x: [2, 3, 4, 2], h: [2, 3, 2] },
    build: ({ x, h }, loop) => {
      const { carry, outputs } = loop({
        over: { x: x! },
        axis: 2,
        carry: { h: h! },
        step: ({ h }, { x }) => ({ carry: { h: sin(add(h!, x!)) }, outputs: { y: mul(h!, x!) } }),
      })
      return { h: carry['h']!, y: outputs['y']! }
    },
  },
  {
    name: 'a contraction of two carries',
    floats: { a: [3, 3], b: [3, 3] },
    build: ({ a, b }, loop) =>
      loop({
        length: 3,
        carry: { a: a!, b: b! },
        step: ({ a, b }) => ({
          carry: { a: tanh(matmul(a!, transpose(b!))), b: tanh(matmul(b!, a!)) },
          outputs: { s: sum(mul(a!, b!)) },
        }),
      }).carry,
  },
  {
    name: 'a carry times itself',
    floats: { a: [3, 3] },
    build: ({ a }, loop) =>
      loop({ length: 3, carry: { a: a! }, step: ({ a }) => ({ carry: { a: tanh(matmul(a!, a!)) } }) }).carry,
  },
  {
    name: 'dropout',
    floats: net,
    build: (xs, loop) => {
      const { carry, outputs } = loop({
        over: { x: xs['x']! },
        carry: { h: xs['h']! },
        step: ({ h }, { x }) => {
          const next = cell(xs, loom.dropout(x!, 0.3), loom.dropout(h!, 0.4))
          return { carry: { h: next }, outputs: { h: next } }
        },
      })
      return { h: carry['h']!, hs: outputs['h']! }
    },
  },
  {
    name: 'random numbers in a loop in a loop',
    floats: { h: [6] },
    build: ({ h }, loop) =>
      loop({
        length: 2,
        carry: { h: h! },
        step: ({ h }) => ({
          carry: loop({
            length: 3,
            carry: { h: h! },
            step: ({ h }) => ({ carry: { h: add(sin(h!), loom.uniform([6], { dtype: h!.dtype as Float })) } }),
          }).carry,
        }),
      }).carry,
  },
  {
    name: 'rows in a random order',
    floats: { x: [3, 5, 2], h: [5, 2] },
    build: ({ x, h }, loop) => {
      const { carry, outputs } = loop({
        over: { x: x! },
        carry: { h: h! },
        step: ({ h }, { x }) => ({
          carry: { h: loom.shuffle(sin(add(h!, x!))) },
          outputs: { order: loom.permutation(5), y: loom.shuffle(h!), z: loom.shuffle(x!) },
        }),
      })
      return { ...outputs, h: carry['h']! }
    },
  },
  {
    name: 'labels',
    floats: { x: [4, 2, 3], h: [2, 3] },
    indices: { y: [[4, 2], 3] },
    build: ({ x, y, h }, loop) => {
      const { carry, outputs } = loop({
        over: { x: x!, y: y! },
        carry: { h: h! },
        step: ({ h }, { x, y }) => ({
          carry: { h: sin(add(mul(h!, x!), oneHot(y! as never, 3, h!.dtype as Float))) },
          outputs: { loss: crossEntropy(add(h!, x!), y!) },
        }),
      })
      return { h: carry['h']!, loss: outputs['loss']! }
    },
  },
  {
    name: 'rows of a table',
    floats: { table: [5, 3], h: [3] },
    indices: { at: [[4, 2], 5] },
    build: ({ table, at, h }, loop) =>
      loop({
        over: { at: at! },
        carry: { h: h! },
        step: ({ h }, { at }) => ({ carry: { h: sin(add(h!, sum(rowsOf(table!, at!), { axis: 0 }))) } }),
      }).carry,
  },
  {
    name: 'rows of what is reshaped, in a loop in a loop',
    floats: { v: [2, 12], h: [3] },
    indices: { at: [[3, 2], 4] },
    build: ({ v, at, h }, loop) => {
      const table = loom.reshape(v!, [8, 3])
      return loop({
        over: { v: v! },
        carry: { h: h! },
        step: ({ h }, { v }) => {
          const own = loom.reshape(v!, [4, 3])
          return {
            carry: loop({
              over: { at: at! },
              carry: { h: h! },
              step: ({ h }, { at }) => ({
                carry: {
                  h: sin(add(h!, sum(add(rowsOf(table, at!), rowsOf(own, at!)), { axis: 0 }))),
                },
              }),
            }).carry,
          }
        },
      }).carry
    },
  },
  {
    name: 'rows of slices, whose gradients are kept',
    floats: { x: [3, 4, 2], c: [2, 2] },
    indices: { at: [[3, 2], 4] },
    build: ({ x, at, c }, loop) =>
      loop({
        over: { x: x!, at: at! },
        carry: {},
        step: (_, { x, at }) => ({ carry: {}, outputs: { y: sin(mul(rowsOf(x!, at!), c!)) } }),
      }).outputs,
  },
  {
    name: 'gradients of rows that are handed on',
    floats: { h: [3] },
    indices: { at: [[3], 3] },
    build: ({ h, at }, loop) => {
      const add0 = (h: Tensor): Tensor => {
        const z = loop0(h)
        return grad(sum(mul(rowsOf(z, at!), h)), [z])[0]
      }
      const { carry, outputs } = loop({
        length: 3,
        carry: { h: add0(h!) },
        step: ({ h }) => ({ carry: { h: add0(sin(h!)) }, outputs: { h: h! } }),
      })
      return { ...outputs, last: carry['h']! }
    },
  },
  {
    name: 'an index that is computed of a carry',
    floats: { table: [5, 3] },
    indices: { n: [[], 4] },
    build: ({ table, n }, loop) => {
      const { carry, outputs } = loop({
        length: 4,
        carry: { n: n!, h: sum(table!) },
        step: ({ n, h }) => {
          const row = rowsOf(table!, n!)
          return {
            carry: { n: loom.mod(add(mul(n!, 2), 1), 5 as never), h: sin(add(h!, sum(row))) },
            outputs: { row },
          }
        },
      })
      return { ...outputs, h: carry['h']! }
    },
  },
  {
    name: 'a choice in a loop',
    floats: { x: [4, 3], w: [3] },
    build: ({ x, w }, loop) =>
      loop({
        over: { x: x! },
        carry: { h: w! },
        step: ({ h }, { x }, t) => ({
          carry: {
            h: loom.cond(
              loom.equal(loom.mod(t, 2 as never), 0),
              () => sin(add(h!, mul(x!, w!))),
              () => mul(h!, cos(w!)),
            ),
          },
        }),
      }).carry,
  },
  {
    name: 'the gradient of a loop in a loop',
    floats: { x: [3, 2], h: [2] },
    build: ({ x, h }, loop) =>
      loop({
        over: { x: x! },
        carry: { h: h! },
        step: ({ h }, { x }) => {
          const inner = loop({ length: 2, carry: { z: h! }, step: ({ z }) => ({ carry: { z: sin(mul(z!, x!)) } }) })
          const [d] = grad(sum(inner.carry['z']!), [h!])
          return { carry: { h: sub(h!, mul(d, 0.1)) } }
        },
      }).carry,
  },
]

const loop0 = (like: Tensor): Tensor => loom.broadcastTo(loom.constant(0, { dtype: like.dtype }), like.shape)

/** Values, gradients of a weighted sum of them, and gradients of a weighted sum of these. */
const bodyOf =
  ({ build, floats = {} }: Row, loop: Loop): Body =>
  (xs) => {
    const found: Tensors = { ...build(xs, loop) }
    const random = randomNumbers(7)
    const { dtype } = Object.values(xs).find((x) => x.dtype.startsWith('float'))!
    const total = (all: readonly Tensor[]): Tensor =>
      all
        .filter((t) => t.dtype === dtype)
        .map((t) => {
          const weights = sample({ shape: t.shape, domain: 'any' }, random)
          return sum(mul(t, loom.constant(Float64Array.from(weights), { shape: t.shape, dtype } as never)))
        })
        .reduce((a, b) => add(a, b))
    const names = Object.keys(floats)
    const by = names.map((name) => xs[name]!)
    let level: readonly Tensor[] = Object.values(found)
    for (const letter of ['d', 'dd']) {
      level = grad(total(level), by, { disconnected: 'zeros' })
      names.forEach((name, i) => (found[`${letter}_${name}`] = level[i]!))
    }
    return { outputs: found }
  }

const programOf = (row: Row, dtype: Float): Program => {
  const { floats = {}, indices = {} } = row
  const inputs: Inputs = {
    ...Object.fromEntries(Object.entries(floats).map(([name, shape]) => [name, { shape, dtype }])),
    ...Object.fromEntries(Object.entries(indices).map(([name, [shape]]) => [name, { shape, dtype: 'int32' }])),
  }
  return {
    inputs,
    body: (loop) => bodyOf(row, loop),
    feeds: (random) =>
      Object.fromEntries(
        Object.entries(inputs).map(([name, { shape }]) => [
          name,
          sample({ shape, domain: indices[name]?.[1] ?? 'any' }, random),
        ]),
      ),
    tolerance: dtype === 'float64' ? 1e-9 : 2e-4,
  }
}

export const PROGRAMS: readonly (readonly [name: string, of: (dtype: Float) => Program])[] = ROWS.map((row) => [
  row.name,
  (dtype) => programOf(row, dtype),
])
