import * as loom from 'gradloom'
import type { CompileOptions, DType, Tensor, Update } from 'gradloom'
import { entryInternals, type Specialised } from '../../src/compile/internals'
import type { Traced } from '../../src/compile/trace-entry'
import { type Data, newData, sizeOf } from '../../src/ir/type'

/** Which values an operand takes: where the op has singular points, or a gradient that jumps, values keep clear of them. */
export type Domain =
  | 'any'
  | 'positive'
  | 'aboveOne'
  | 'nonZero'
  | 'awayFromTies'
  | 'unit'
  | 'integer'
  | 'wide'
  | 'bool'
  | 'special'
  | number
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

/** NaN, infinities and both zeros between ordinary numbers. */
const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1.5, -2, 0.25, -0.25]

/** Values of a domain, exact in float32 but for the whole range of int32 (`wide`). Operands of one op that must not tie are told apart by their position. */
export function sample({ shape, domain }: Omit<InputSpec, 'dtype'>, random: () => number, position = 0): number[] {
  const size = sizeOf(shape)
  const order = Array.from({ length: size }, random)
  const rank = new Map([...order].sort((a, b) => a - b).map((v, i) => [v, i]))
  const draw = (v: number): number => {
    if (typeof domain === 'number') return Math.floor(v * domain)
    if (domain === 'positive') return 0.3 + 2 * v
    if (domain === 'aboveOne') return 1.3 + 2 * v
    if (domain === 'nonZero') return (v < 0.5 ? -1 : 1) * (0.3 + 2 * random())
    // Steps of 1/16, so that no finite difference crosses a tie.
    if (domain === 'awayFromTies') return (rank.get(v)! - Math.floor(size / 2)) / 16 + position / 32
    if (domain === 'unit') return 0.05 + 0.9 * v
    if (domain === 'integer') return Math.floor(11 * v) - 5
    if (domain === 'special') return SPECIAL[Math.floor(v * SPECIAL.length)]!
    if (domain === 'wide') return Math.floor(v * 2 ** 32) - 2 ** 31
    return domain === 'bool' ? Number(v < 0.5) : 4 * v - 2
  }
  return order.map((v) => (domain === 'wide' ? draw(v) : Math.fround(draw(v))))
}

/** Every way in which a graph is compiled; all give the same numbers. */
export const VARIANTS = {
  fast: { target: 'js' },
  plain: { target: 'js', schedule: 'plain' },
  unfused: { target: 'js', fuse: false },
  'plain unfused': { target: 'js', fuse: false, schedule: 'plain' },
  raw: { target: 'js', passes: { simplify: false, reuse: false } },
  wasm: { target: 'wasm', threads: 1 },
  'wasm unfused': { target: 'wasm', threads: 1, fuse: false },
} as const satisfies Readonly<Record<string, CompileOptions>>

export type Inputs = Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype: DType }>>
export type Feeds = Readonly<Record<string, readonly number[]>>
export type Body = (inputs: Record<string, Tensor>) => {
  readonly outputs: Record<string, Tensor>
  readonly updates?: Update[]
}
export interface Ran {
  /** What compile returned. */
  readonly net: object
  readonly specialised: Specialised
  readonly traced: Traced
  run(feeds: Feeds): Record<string, Data>
  state(name: string): Data
  reset(): void
  /** Jobs that were divided among threads so far. */
  splits(): number
  readonly ready: Promise<void>
  dispose(): void
}
const flat = (v: number | Data): Data => (typeof v === 'number' ? Float64Array.of(v) : v)

/** Compiles a graph over inputs of fixed shapes. Results are flat arrays, rank 0 included. */
export function build(inputs: Inputs, body: Body, options: CompileOptions = {}): Ran {
  const specs = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, loom.tensor(t.shape, t.dtype)]))
  const net = loom.compile(loom.entry(specs, body), options)
  const { probe, current, program } = entryInternals('test', net)
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
  return {
    net,
    specialised: current!,
    traced: probe,
    run,
    state: read,
    reset: () => state.reset(),
    splits: () => program.pool?.splits ?? 0,
    ready: net.ready,
    dispose: () => net.dispose(),
  }
}

export const operand = (
  shape: readonly number[],
  domain: Domain = 'any',
  dtype: DType | 'float' = typeof domain === 'number' ? 'int32' : domain === 'bool' ? 'bool' : 'float',
): InputSpec => ({ shape, domain, dtype })
/** Pairs in JSON, parted by semicolons, a blank inside each. */
export const pairs = <B = number[]>(text: string): (readonly [number[], B])[] =>
  text.split(';').map((pair) => {
    const [a, b] = pair.trim().split(' ')
    return [JSON.parse(a!) as number[], JSON.parse(b!) as B]
  })
export const SHAPES = [[], [1], [7], [3, 5], [1, 4], [2, 1, 3], [0, 3], [17, 19]]
export const PAIRS = pairs(
  '[] []; [3] []; [2,3] [3]; [3] [2,3]; [2,1,3] [4,1]; [0,3] [3]; [17,19] [17,1]; [17,19] [17,19]',
)
export const PRODUCTS = pairs(
  '[3,4] [4,5]; [17,19] [19,18]; [1,4] [4,1]; [4] [4]; [4] [4,3]; [3,4] [4]; [2,3,4] [2,4,5]; [2,3,4] [4,5]; ' +
    '[3,4] [2,4,5]; [2,1,3,4] [3,4,2]; [2,1,3,4] [1,5,4,2]; [4] [2,4,3]; [2,3,4] [4]; [0,3] [3,2]; [3,0] [0,2]; [5,1] [1,6]',
)
export const RESHAPES = pairs(
  '[12] [3,4]; [3,4] [4,3]; [2,3,4] [6,-1]; [17,19] [19,17]; [3,5] [1,3,1,5,1]; [1,1] []; [] [1,1]; [0,3] [2,0]',
)
export const STRETCHES = pairs('[] [2,3]; [3] [2,3]; [3,1] [3,4]; [2,1,3] [5,2,4,3]; [1,3] [0,3]; [17,1] [17,19]')
export interface ReduceOptions {
  readonly axis?: number | readonly number[]
  readonly keepDims?: boolean
}
export const REDUCTIONS = pairs<ReduceOptions>(
  '[7] {}; [3,5] {"axis":0}; [3,5] {"axis":[-1],"keepDims":true}; [2,3,4] {"axis":[0,2]}; [1,4] {"axis":0}; [17,19] {}; ' +
    '[17,19] {"axis":0}; [17,19] {"axis":1,"keepDims":true}; [0,3] {"axis":1}; [2,1,1,3] {"axis":[1,2]}; [4,1] {"axis":[0,1]}',
)
export type Build = OpCase['build']
export const fixed = (build: Build): OpCase => ({ inputs: [], build })
export const one = (shape: readonly number[], build: Build, domain: Domain = 'any', dtype?: DType): OpCase => ({
  inputs: [operand(shape, domain, dtype)],
  build,
})
export const two = (a: readonly number[], b: readonly number[], build: Build, domain?: Domain): OpCase => ({
  inputs: [operand(a), operand(b, domain)],
  build,
})
export const whole = (build: Build, count: number, dtype: DType, domain: Domain = 'integer'): OpCase => ({
  inputs: Array.from({ length: count }, () => operand([5, 7], domain, dtype)),
  build,
})
export const unary = (op: Build, domain: Domain = 'any'): OpCase[] => SHAPES.map((shape) => one(shape, op, domain))
export const binary = (op: Build, domain: Domain = 'any', second = domain): OpCase[] =>
  PAIRS.map(([a, b]) => ({ inputs: [operand(a, domain), operand(b, second)], build: op }))
export const integers = (op: Build, count: number): OpCase[] => [
  whole(op, count, 'int32'),
  whole(op, count, 'int32', 'wide'),
  whole(op, count, 'uint8', 256),
]
export const comparison = (op: Build): OpCase[] => [
  ...binary(op, 'integer'),
  ...integers(op, 2),
  whole(op, 2, 'uint8', 3),
  whole(op, 2, 'bool', 'bool'),
]
export const reduction = (op: (x: Tensor, options?: ReduceOptions) => Tensor, domain: Domain): OpCase[] => [
  ...REDUCTIONS.map(([shape, options]) => one(shape, (x) => op(x, options), domain)),
  one([17, 19], (x) => op(x, { axis: 0 }), 'integer', 'int32'),
  one([17, 19], (x) => op(x), 'wide', 'int32'),
]
export const ORDERS = [
  [2, 0, 1],
  [1, 2, 0],
]
export const LOGITS = [[5], [3, 5], [2, 3, 4], [0, 3], [17, 19]]
export const smoothed = (of: (shape: number[], options: { readonly labelSmoothing: number }) => OpCase): OpCase[] =>
  LOGITS.flatMap((shape) => [of(shape, { labelSmoothing: 0 }), of(shape, { labelSmoothing: 0.1 })])
