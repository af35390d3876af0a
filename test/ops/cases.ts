import * as loom from 'gradloom'
import type { CompileOptions, DType, Tensor, Update } from 'gradloom'
import { entryInternals, type Specialised } from '../../src/compile/internals'
import type { Traced } from '../../src/compile/trace-entry'
import { type Data, DTYPES, isFloat, newData, sizeOf } from '../../src/ir/type'
import { contractT } from '../../src/ops/contract'
import type { OpName } from '../../src/ops/table'

/** Which values an operand takes: where the op has singular points, or a gradient that jumps, values keep clear of them. */
export type Domain = 'any' | 'positive' | 'nonZero' | 'awayFromTies' | 'unit' | 'integer' | 'wide' | 'bool' | number
export interface InputSpec {
  readonly shape: readonly number[]
  /** `float` is run as float32 and as float64. */
  readonly dtype: DType | 'float'
  /** A number stands for the indices below it. */
  readonly domain: Domain
}
export interface OpCase {
  readonly inputs: readonly InputSpec[]
  readonly build: (...inputs: Tensor[]) => Tensor
}

/** Numbers from 0 up to 1, the same in every run. Multiplier and increment: Numerical Recipes. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

/** Values of a domain, exact in float32 but for the whole range of int32 (`wide`). Operands of one op that must not tie are told apart by their position. */
export function sample({ shape, domain }: Omit<InputSpec, 'dtype'>, random: () => number, position = 0): number[] {
  const size = sizeOf(shape)
  const order = Array.from({ length: size }, random)
  const rank = new Map([...order].sort((a, b) => a - b).map((v, i) => [v, i]))
  const draw = (v: number): number => {
    if (typeof domain === 'number') return Math.floor(v * domain)
    if (domain === 'positive') return 0.3 + 2 * v
    if (domain === 'nonZero') return (v < 0.5 ? -1 : 1) * (0.3 + 2 * random())
    // Steps of 1/16, so that no finite difference crosses a tie.
    if (domain === 'awayFromTies') return (rank.get(v)! - Math.floor(size / 2)) / 16 + position / 32
    if (domain === 'unit') return 0.05 + 0.9 * v
    if (domain === 'integer') return Math.floor(11 * v) - 5
    if (domain === 'wide') return Math.floor(v * 2 ** 32) - 2 ** 31
    return domain === 'bool' ? Number(v < 0.5) : 4 * v - 2
  }
  return order.map((v) => (domain === 'wide' ? draw(v) : Math.fround(draw(v))))
}

/** Every way in which a graph is compiled; all give the same numbers. */
export const VARIANTS = {
  fast: {},
  plain: { schedule: 'plain' },
  unfused: { fuse: false },
  'plain unfused': { fuse: false, schedule: 'plain' },
  raw: { passes: { simplify: false, reuse: false } },
} as const satisfies Readonly<Record<string, CompileOptions>>

export type Inputs = Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype: DType }>>
export type Feeds = Readonly<Record<string, readonly number[]>>
export type Body = (inputs: Record<string, Tensor>) => {
  readonly outputs: Record<string, Tensor>
  readonly updates?: Update[]
}
export interface Ran {
  readonly specialised: Specialised
  readonly traced: Traced
  run(feeds: Feeds): Record<string, Data>
  state(name: string): Data
  reset(): void
}
const flat = (v: number | Data): Data => (typeof v === 'number' ? Float64Array.of(v) : v)

/** Compiles a graph over inputs of fixed shapes. Results are flat arrays, rank 0 included. */
export function build(inputs: Inputs, body: Body, options: CompileOptions = {}): Ran {
  const specs = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, loom.tensor(t.shape, t.dtype)]))
  const net = loom.compile(loom.entry(specs, body), options)
  const { probe, current } = entryInternals('test', net)
  const run = (feeds: Feeds): Record<string, Data> => {
    const arrays = Object.entries(inputs).map(([name, { shape, dtype }]) => {
      const data = newData(dtype, sizeOf(shape))
      data.set(feeds[name]!)
      return [name, shape.length === 0 ? (dtype === 'bool' ? data[0] === 1 : data[0]!) : data] as const
    })
    const results = Object.entries(net(Object.fromEntries(arrays)))
    return Object.fromEntries(results.map(([name, v]) => [name, flat(v)]))
  }
  const { state } = net
  const read = (name: string): Data => flat(state.get(name))
  return { specialised: current!, traced: probe, run, state: read, reset: () => state.reset() }
}

const operand = (
  shape: readonly number[],
  domain: Domain = 'any',
  dtype: DType | 'float' = typeof domain === 'number' ? 'int32' : domain === 'bool' ? 'bool' : 'float',
): InputSpec => ({ shape, domain, dtype })
/** Pairs in JSON, parted by semicolons, a blank inside each. */
const pairs = <B = number[]>(text: string): (readonly [number[], B])[] =>
  text.split(';').map((pair) => {
    const [a, b] = pair.trim().split(' ')
    return [JSON.parse(a!) as number[], JSON.parse(b!) as B]
  })
const SHAPES = [[], [1], [7], [3, 5], [1, 4], [2, 1, 3], [0, 3], [17, 19]]
const PAIRS = pairs('[] []; [3] []; [2,3] [3]; [3] [2,3]; [2,1,3] [4,1]; [0,3] [3]; [17,19] [17,1]; [17,19] [17,19]')
const PRODUCTS = pairs(
  '[3,4] [4,5]; [17,19] [19,18]; [1,4] [4,1]; [4] [4]; [4] [4,3]; [3,4] [4]; [2,3,4] [2,4,5]; [2,3,4] [4,5]; ' +
    '[3,4] [2,4,5]; [2,1,3,4] [3,4,2]; [2,1,3,4] [1,5,4,2]; [4] [2,4,3]; [2,3,4] [4]; [0,3] [3,2]; [3,0] [0,2]; [5,1] [1,6]',
)
const RESHAPES = pairs(
  '[12] [3,4]; [3,4] [4,3]; [2,3,4] [6,-1]; [17,19] [19,17]; [3,5] [1,3,1,5,1]; [1,1] []; [] [1,1]; [0,3] [2,0]',
)
const STRETCHES = pairs('[] [2,3]; [3] [2,3]; [3,1] [3,4]; [2,1,3] [5,2,4,3]; [1,3] [0,3]; [17,1] [17,19]')
interface ReduceOptions {
  readonly axis?: number | readonly number[]
  readonly keepDims?: boolean
}
const REDUCTIONS = pairs<ReduceOptions>(
  '[7] {}; [3,5] {"axis":0}; [3,5] {"axis":[-1],"keepDims":true}; [2,3,4] {"axis":[0,2]}; [1,4] {"axis":0}; [17,19] {}; ' +
    '[17,19] {"axis":0}; [17,19] {"axis":1,"keepDims":true}; [0,3] {"axis":1}; [2,1,1,3] {"axis":[1,2]}; [4,1] {"axis":[0,1]}',
)
type Build = OpCase['build']
const fixed = (build: Build): OpCase => ({ inputs: [], build })
const one = (shape: readonly number[], build: Build, domain: Domain = 'any', dtype?: DType): OpCase => ({
  inputs: [operand(shape, domain, dtype)],
  build,
})
const two = (a: readonly number[], b: readonly number[], build: Build, domain?: Domain): OpCase => ({
  inputs: [operand(a), operand(b, domain)],
  build,
})
const whole = (build: Build, count: number, dtype: DType, domain: Domain = 'integer'): OpCase => ({
  inputs: Array.from({ length: count }, () => operand([5, 7], domain, dtype)),
  build,
})
const unary = (op: Build, domain: Domain = 'any'): OpCase[] => SHAPES.map((shape) => one(shape, op, domain))
const binary = (op: Build, domain: Domain = 'any', second = domain): OpCase[] =>
  PAIRS.map(([a, b]) => ({ inputs: [operand(a, domain), operand(b, second)], build: op }))
const integers = (op: Build, count: number): OpCase[] => [
  whole(op, count, 'int32'),
  whole(op, count, 'int32', 'wide'),
  whole(op, count, 'uint8', 256),
]
const comparison = (op: Build): OpCase[] => [
  ...binary(op, 'integer'),
  ...integers(op, 2),
  whole(op, 2, 'uint8', 3),
  whole(op, 2, 'bool', 'bool'),
]
const reduction = (op: (x: Tensor, options?: ReduceOptions) => Tensor, domain: Domain): OpCase[] => [
  ...REDUCTIONS.map(([shape, options]) => one(shape, (x) => op(x, options), domain)),
  one([17, 19], (x) => op(x, { axis: 0 }), 'integer', 'int32'),
  one([17, 19], (x) => op(x), 'wide', 'int32'),
]
const { flip, matmul, reshape, transpose } = loom
const ORDERS = [
  [2, 0, 1],
  [1, 2, 0],
]
const LOGITS = [[5], [3, 5], [2, 3, 4], [0, 3], [17, 19]]
const smoothed = (of: (shape: number[], options: { readonly labelSmoothing: number }) => OpCase): OpCase[] =>
  LOGITS.flatMap((shape) => [of(shape, { labelSmoothing: 0 }), of(shape, { labelSmoothing: 0.1 })])

/** A row for each op; the root that `build` makes is that op. */
export const CASES: { readonly [N in OpName]: readonly OpCase[] } = {
  input: [...unary((x) => x), whole((x) => x, 1, 'int32'), whole((x) => x, 1, 'bool', 'bool')],
  variable: [fixed(() => loom.variable('w', [2, 3], Float32Array.of(1, 2, -3, 0.5, 0, 1e-3)))],
  constant: [
    fixed(() => loom.constant(0.1)),
    fixed(() => loom.constant([[1], [-2], [1e30]])),
    fixed(() => loom.constant(Int32Array.of(1, -2, 3), { shape: [3, 1] })),
  ],
  add: [...binary(loom.add), ...integers(loom.add, 2), whole(loom.add, 2, 'bool', 'bool')],
  sub: [...binary(loom.sub), ...integers(loom.sub, 2)],
  mul: [...binary(loom.mul), ...integers(loom.mul, 2), whole(loom.mul, 2, 'bool', 'bool')],
  div: binary(loom.div, 'any', 'nonZero'),
  neg: [...unary(loom.neg), ...integers(loom.neg, 1)],
  square: [...unary(loom.square), ...integers(loom.square, 1)],
  pow: [-2, -1, -0.5, 0, 0.5, 2.5, 3].flatMap((p) => unary((x) => loom.pow(x, p), 'positive').slice(2, 5)),
  exp: unary(loom.exp),
  log: unary(loom.log, 'positive'),
  sqrt: unary(loom.sqrt, 'positive'),
  tanh: unary(loom.tanh),
  sigmoid: unary(loom.sigmoid),
  identity: unary((x) => loom.named('copy', x)),
  relu: [...unary(loom.relu, 'nonZero'), ...integers(loom.relu, 1)],
  maximum: [...binary(loom.maximum, 'awayFromTies'), ...comparison(loom.maximum).slice(PAIRS.length)],
  less: comparison(loom.less),
  lessEqual: comparison(loom.lessEqual),
  equal: comparison(loom.equal),
  notEqual: comparison(loom.notEqual),
  where: [
    ...PAIRS.map(([a, b]) => ({ inputs: [operand(a, 'bool'), operand(b), operand(b)], build: loom.where })),
    ...PAIRS.map(([a, b]) => ({ inputs: [operand(b, 'bool'), operand(a), operand([])], build: loom.where })),
    whole((a, b) => loom.where(a, b, a), 2, 'bool', 'bool'),
    ...(['int32', 'uint8', 'bool'] as const).map((dtype) => ({
      inputs: [operand([5, 7], 'bool'), operand([7], 2, dtype), operand([5, 1], 2, dtype)],
      build: loom.where,
    })),
  ],
  cast: DTYPES.flatMap((from) => {
    const domain = from === 'bool' ? 'bool' : isFloat(from) ? 'any' : 200
    const others = DTYPES.filter((to) => to !== from)
    return others.map((to) => one(to === 'float32' ? [] : [5, 7], (x) => loom.cast(x, to), domain, from))
  }),
  stopGradient: [...unary(loom.stopGradient), whole(loom.stopGradient, 1, 'bool', 'bool')],
  reshape: [
    ...RESHAPES.map(([from, to]) => one(from, (x) => reshape(x, to))),
    one([4, 6], (x) => reshape(transpose(x), [3, 8])),
  ],
  transpose: [...unary(transpose), ...ORDERS.map((order) => one([2, 3, 4], (x) => transpose(x, order)))],
  flip: [...unary((x) => flip(x)), one([2, 3, 4], (x) => flip(x, [0, 2])), one([17, 19], (x) => flip(x, -1))],
  broadcastTo: STRETCHES.map(([from, to]) => one(from, (x) => loom.broadcastTo(x, to))),
  sum: [...reduction(loom.sum, 'any'), one([0, 3], (x) => loom.sum(x, { axis: 0 }))],
  mean: [...reduction(loom.mean, 'any'), ...unary((x) => loom.mean(x)), one([5, 7], (x) => loom.mean(x), 200, 'uint8')],
  max: [
    ...reduction(loom.max, 'awayFromTies'),
    one([17, 19], (x) => loom.max(x, { axis: 1 }), 200, 'uint8'),
    one([17, 19], (x) => loom.max(x), 'bool', 'bool'),
  ],
  argMax: [
    ...SHAPES.slice(1).map((shape) => one(shape, (x) => loom.argMax(x), 'awayFromTies')),
    one([17, 19], (x) => loom.argMax(x, { axis: 0 }), 'integer'),
    one([17, 19], (x) => loom.argMax(x, { axis: 1 }), 'integer', 'int32'),
    one([5, 7], (x) => loom.argMax(x), 'bool', 'bool'),
  ],
  oneHot: [
    one([7], (x) => loom.oneHot(x, 5), 5),
    one([], (x) => loom.oneHot(x, 3, 'float64'), 3),
    one([2, 3], (x) => loom.oneHot(x, 4, 'bool'), 6, 'uint8'),
    one([17], (x) => loom.oneHot(x, 19, 'int32'), 'integer', 'int32'),
  ],
  contract: [
    ...PRODUCTS.map(([a, b]) => two(a, b, (x, y) => matmul(x, y))),
    whole((x, y) => matmul(transpose(x), y), 2, 'int32', 'wide'),
    two([3, 4], [2], (x, y) => contractT(x, y, { a: [0, 1], b: [2], out: [1, 2, 0] })),
    two([3, 4], [4, 3], (x, y) => contractT(x, y, { a: [0, 1], b: [1, 0], out: [] })),
    two([2, 3, 4], [4, 2], (x, y) => contractT(x, y, { a: [0, 1, 2], b: [2, 0], out: [1, 0] })),
  ],
  softmax: [...unary((x) => loom.softmax(x)).slice(1), one([3, 5], (x) => loom.softmax(x, { axis: 0 }))],
  logSoftmax: [...unary((x) => loom.logSoftmax(x)).slice(1), one([3, 5], (x) => loom.logSoftmax(x, { axis: 0 }))],
  sparseSoftmaxCrossEntropy: smoothed((shape, options) =>
    two(shape, shape.slice(0, -1), (x, y) => loom.sparseSoftmaxCrossEntropy(x, y as never, options), 3),
  ),
  softmaxCrossEntropy: smoothed((shape, options) =>
    two(shape, shape, (x, y) => loom.softmaxCrossEntropy(x, y, options), 'unit'),
  ),
  meanSquaredError: SHAPES.map((shape) => two(shape, shape, loom.meanSquaredError)),
}
