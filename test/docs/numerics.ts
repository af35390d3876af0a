import * as loom from 'gradloom'
import { randomNumbers } from '../ops/cases'
import { domainOf, MEASURED, MEASURED_NAMES, MEASURED_WIDE, roundedUp, type Target, worst } from './accuracy'
import { type Example, exampleRow } from './examples'
import { code, MADE, table } from './text'

const part = Math.fround(1 / 25)
export const ROUNDING: readonly Example[] = [
  { text: 'floor(mul(x, 25))', x: ['float32', [part]], gives: ['float32', [1]] },
  { text: 'equal(add(x, 1), x)', x: ['float32', [2 ** 24]], gives: ['bool', [1]] },
  { text: "cast(mul(x, 25), 'int32')", x: ['float32', [part]], gives: ['int32', [1]] },
  { text: 'sub(add(x, 1), x)', x: ['float32', [2 ** 24]], gives: ['float32', [1]] },
]

/** Relative to the exact result, and to the sum of absolute products. */
export interface Sums {
  readonly sum: number
  readonly columns: number
  readonly contraction: number
}
export function measuredSums(target: Target): Sums {
  const count = 1e7
  const options = { target }
  const total = loom.compile(
    loom.entry({ x: loom.tensor([count]) }, ({ x }) => ({ outputs: { y: loom.sum(x) } })),
    options,
  )
  const sum = total({ x: new Float32Array(count).fill(0.1) }).y
  const [rows, columns] = [1e6, 3]
  const down = loom.compile(
    loom.entry({ x: loom.tensor([rows, columns]) }, ({ x }) => ({ outputs: { y: loom.sum(x, { axis: 0 }) } })),
    options,
  )
  const perColumn = down({ x: new Float32Array(rows * columns).fill(0.1) }).y
  const inner = 1e6
  const random = randomNumbers(5)
  // Box and Muller 1958.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const [a, b] = [Float32Array.from({ length: inner }, normal), Float32Array.from({ length: inner }, normal)]
  const product = loom.compile(
    loom.entry({ a: loom.tensor([1, inner]), b: loom.tensor([inner, 1]) }, ({ a, b }) => ({
      outputs: { y: loom.matmul(a, b) },
    })),
    options,
  )
  const y = product({ a, b }).y[0]!
  // Products of float32 values are exact in float64; the sum keeps what each addition loses (Neumaier 1974).
  let [exact, lost, size] = [0, 0, 0]
  a.forEach((v, i) => {
    const term = v * b[i]!
    const next = exact + term
    lost += Math.abs(exact) >= Math.abs(term) ? exact - next + term : term - next + exact
    exact = next
    size += Math.abs(term)
  })
  const misses = Array.from(perColumn, (v) => Math.abs(v / 1e5 - 1))
  return {
    sum: Math.abs(sum / 1e6 - 1),
    columns: Math.max(...misses),
    contraction: Math.abs(y - (exact + lost)) / size,
  }
}

const TARGETS = ['js', 'wasm'] as const
export interface Measurement {
  readonly errors: Readonly<Record<Target, ReadonlyMap<string, number>>>
  /** Of float64 on WebAssembly. */
  readonly wide: ReadonlyMap<string, number>
  readonly sums: Readonly<Record<Target, Sums>>
}
const byTarget = <T>(of: (target: Target) => T): Readonly<Record<Target, T>> => ({ js: of('js'), wasm: of('wasm') })
export const measure = (): Measurement => ({
  errors: byTarget((target) => new Map(MEASURED_NAMES.map((name) => [name, worst(MEASURED[name], target).error]))),
  wide: new Map(MEASURED_WIDE.map(([name, of]) => [name, worst(of, 'wasm', 'float64').error])),
  sums: byTarget(measuredSums),
})

/** The power of 10 above. */
const above = (error: number): string => (error === 0 ? '0' : `1e${Math.ceil(Math.log10(error))}`)

export function numericsDocument({ errors, wide, sums }: Measurement): string[] {
  return [
    '# Numerics',
    `How numbers are computed on both targets, and how far off they are. ${MADE}`,
    '## Rounding',
    'WebAssembly computes float32 in float32, op by op as NumPy does. JavaScript computes in float64. A float32 value is rounded when it is stored; what kernels that were fused hand on ' +
      'inside an expression stays in float64, so a result may be closer to the exact one than op-by-op float32 is, and ' +
      'may differ in its last digits with what is fused. A float32 value is rounded first where that could be seen as a ' +
      'jump: before a comparison, `floor` and its kind, a cast to an integer, and where it becomes an index.',
    table(
      ['expression', 'x', 'y', 'gives'].filter((h) => h !== 'y'),
      ROUNDING.map(exampleRow).map((row) => row.filter((_, i) => i !== 2)),
    ),
    'In float64 the product above is just below 1 and `x + 1` differs from x: the first three rows show the rounding, the ' +
      'last that a sum which is not stored keeps its digits. Integers wrap op by op, see [dtypes](dtypes.md).',
    '## Scalar functions',
    'Worst errors in units in the last place (ulp) of float32, rounded up to a tenth, of the fast schedule. Half an ulp is ' +
      'the least there can be. Sample: 20,000 uniform points in the intervals, magnitudes spaced by logarithm from 1 ' +
      'down to the least subnormal with both signs, ±0 and the ends, as far as they lie in the first interval. References ' +
      'are computed in float64: `Math` of the engine, for erf and erfc a series and a continued fraction, and for erfinv ' +
      'the method of Newton on them. Where a ' +
      'kernel on JavaScript calls the same function of `Math` (all but exp, tanh, sigmoid, softplus, logSigmoid, erf and ' +
      'erfc), the error is that of the rounding and of the steps around it, and the function itself is taken to be right. ' +
      'On WebAssembly all of them are arithmetic in float32, four points at a time; only sin, cos and tan beyond 12,800 ' +
      'are called from the host. A constant power is a product, a quotient or a ' +
      'root for 2, 3, 4, -1, -2, 1/2 and -1/2.',
    table(
      ['function', 'on', 'JavaScript', 'WebAssembly'],
      MEASURED_NAMES.map((name) => [
        code(name),
        domainOf(MEASURED[name]),
        ...TARGETS.map((target) => roundedUp(errors[target].get(name)!)),
      ]),
    ),
    'At ±0, ±1, ±Infinity and NaN (for two operands at all pairs of them) results are those of the reference with the ' +
      'signs of zeros, on JavaScript bit for bit, on WebAssembly within the errors above. Rules that rewrite every graph may change the sign of a zero: ' +
      '`sub(0, x)` becomes `neg(x)`, which is -0 where x is 0. The plain schedule calls `Math` for exp, tanh and sigmoid too.',
    'In float64 JavaScript calls `Math`. WebAssembly computes the following functions two points at a time, and calls ' +
      'the host for the others: sin, cos, tan, asin, acos, atan, atan2, sinh, erf, erfc, and pow unless its exponent is one ' +
      'of the constants above or its base is 2. The table has the greatest difference from `Math` in ulp of float64, on a ' +
      'sample like the one above; `Math` itself may be off by one.',
    table(
      ['function', 'on', 'difference'],
      MEASURED_WIDE.map(([name, of]) => [code(name), domainOf(of), roundedUp(wide.get(name)!)]),
    ),
    '## Sums',
    'JavaScript accumulates sums, products over axes and contractions in float64 and rounds once. WebAssembly adds at most 64 ' +
      'numbers one after the other in float32 before a stretch goes to a total in float64, or to a pair of float32 that ' +
      'keeps what each addition loses; a contraction adds 1,024 products before a second sum takes them. Bounds that are tested in float32, and ' +
      'what was measured, rounded up to a power of 10:',
    table(
      ['sum', 'error relative to', 'bound', 'JavaScript', 'WebAssembly'],
      (
        [
          ['1e7 times 0.1', '1e6', 'sum'],
          ['1e6 rows of 0.1 by column', '1e5', 'columns'],
          ['`[1, K]` by `[K, 1]` for K = 1e6, normal', 'sum of `|a| |b|`', 'contraction'],
        ] as const
      ).map(([what, scale, key]) => [what, scale, '1e-6', ...TARGETS.map((target) => above(sums[target][key]))]),
    ),
  ]
}
