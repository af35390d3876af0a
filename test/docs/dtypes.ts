import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import { DTYPES } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { promotedDtype } from '../../src/ops/promote'
import { type Example, exampleRow } from './examples'
import { code, MADE, table } from './text'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const of = (dtype: DType): Tensor => makeInput('x', { shape: [2], dtype })
const orError = (make: () => Tensor): string => {
  try {
    return make().dtype
  } catch (error) {
    if (!(error instanceof loom.GraphError)) throw error
    return 'error'
  }
}

/** The dtype of a sum of two dtypes, by the table and by building it. */
export const promotions = DTYPES.map((a) =>
  DTYPES.map((b) => ({
    a,
    b,
    printed: promotedDtype(a, b) ?? 'error: cast',
    built: orError(() => loom.add(of(a), of(b))),
  })),
)

const NUMBERS = [2, -1, 300, 0.5, 3e9]
const FUNCTIONS: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
  ['add', (x) => loom.add(x, x)],
  ['sub', (x) => loom.sub(x, x)],
  ['mul', (x) => loom.mul(x, x)],
  ['div', (x) => loom.div(x, x)],
  ['floorDiv', (x) => loom.floorDiv(x, x)],
  ['mod', (x) => loom.mod(x, x)],
  ['neg', (x) => loom.neg(x)],
  ['pow', (x) => loom.pow(x, 2)],
  ['exp', (x) => loom.exp(x)],
  ['maximum', (x) => loom.maximum(x, x)],
  ['less', (x) => loom.less(x, x)],
  ['logicalAnd', (x) => loom.logicalAnd(x, x)],
  ['bitwiseAnd', (x) => loom.bitwiseAnd(x, x)],
  ['matmul', (x) => loom.matmul(x as Tensor<[2]>, x as Tensor<[2]>)],
  ['sum', (x) => loom.sum(x)],
  ['prod', (x) => loom.prod(x)],
  ['max', (x) => loom.max(x)],
  ['mean', (x) => loom.mean(x)],
  ['variance', (x) => loom.variance(x)],
  ['argMax', (x) => loom.argMax(x)],
]

const DIVISIONS: readonly Example[] = [
  { text: 'div(x, y)', x: ['int32', [7, -7, 1]], y: ['int32', [2, 2, 0]], gives: ['float32', [3.5, -3.5, inf]] },
  { text: 'floorDiv(x, y)', x: ['int32', [7, -7, 1]], y: ['int32', [2, 2, 0]], gives: ['int32', [3, -4, 0]] },
  { text: 'mod(x, y)', x: ['int32', [7, -7, 7, 1]], y: ['int32', [3, 3, -3, 0]], gives: ['int32', [1, 2, -2, 0]] },
  { text: 'fmod(x, y)', x: ['int32', [7, -7, 7, 1]], y: ['int32', [3, 3, -3, 0]], gives: ['int32', [1, -1, 1, 0]] },
  {
    text: 'floorDiv(x, y)',
    x: ['float32', [7, -7, 1]],
    y: ['float32', [2, 2, 0]],
    gives: ['float32', [3, -4, Infinity]],
  },
  { text: 'mod(x, y)', x: ['float32', [7, -7, 1]], y: ['float32', [3, 3, 0]], gives: ['float32', [1, 2, nan]] },
  { text: 'sum(x)', x: ['uint8', [200, 100]], gives: ['int32', [300]] },
  { text: 'sum(x)', x: ['bool', [1, 1, 0]], gives: ['int32', [2]] },
  { text: 'mean(x)', x: ['int32', [1, 2]], gives: ['float32', [1.5]] },
  { text: 'mean(x)', x: ['bool', [1, 0]], gives: ['float32', [0.5]] },
]

const CASTS: readonly Example[] = [
  { text: "cast(x, 'int32')", x: ['float32', [1.9, -1.9, nan, inf]], gives: ['int32', [1, -1, 0, 0]] },
  { text: "cast(x, 'int32')", x: ['float64', [3e9, 2 ** 32 + 5]], gives: ['int32', [3e9 - 2 ** 32, 5]] },
  {
    text: "cast(x, 'uint8')",
    x: ['float32', [1.9, -1.9, 255.9, 300, nan, -inf]],
    gives: ['uint8', [1, 255, 255, 44, 0, 0]],
  },
  { text: "cast(x, 'uint8')", x: ['int32', [-1, 256, 300]], gives: ['uint8', [255, 0, 44]] },
  { text: "cast(x, 'bool')", x: ['float32', [0, -0, nan, 0.1]], gives: ['bool', [0, 0, 1, 1]] },
  { text: "cast(x, 'bool')", x: ['int32', [0, 2, -1]], gives: ['bool', [0, 1, 1]] },
  { text: "cast(x, 'float32')", x: ['bool', [0, 1]], gives: ['float32', [0, 1]] },
  { text: "cast(x, 'float32')", x: ['int32', [2 ** 24 + 1]], gives: ['float32', [2 ** 24]] },
  { text: "cast(x, 'float32')", x: ['float64', [0.1, 1e39]], gives: ['float32', [Math.fround(0.1), inf]] },
]

const OVERFLOWS: readonly Example[] = [
  { text: 'add(x, 1)', x: ['int32', [2 ** 31 - 1]], gives: ['int32', [-(2 ** 31)]] },
  { text: 'mul(x, x)', x: ['int32', [65536, 46341, 123456789]], gives: ['int32', [0, -2147479015, -1757895751]] },
  { text: 'neg(x)', x: ['int32', [-(2 ** 31)]], gives: ['int32', [-(2 ** 31)]] },
  { text: 'abs(x)', x: ['int32', [-(2 ** 31)]], gives: ['int32', [-(2 ** 31)]] },
  { text: 'sum(x)', x: ['int32', [2 ** 31 - 1, 1]], gives: ['int32', [-(2 ** 31)]] },
  { text: 'add(x, 10)', x: ['uint8', [250]], gives: ['uint8', [4]] },
  { text: 'sub(x, 1)', x: ['uint8', [0]], gives: ['uint8', [255]] },
  { text: 'mul(x, x)', x: ['uint8', [16, 20]], gives: ['uint8', [0, 144]] },
  { text: 'neg(x)', x: ['uint8', [1]], gives: ['uint8', [255]] },
  { text: 'leftShift(x, 1)', x: ['uint8', [200]], gives: ['uint8', [144]] },
  { text: 'add(x, -1)', x: ['uint8', [0]], gives: ['int32', [-1]] },
]

const VALUES: readonly Example[] = [
  { text: "constant(0.5, { dtype: 'int32' })", gives: 'error: constant: 0.5 is no int32; int32 holds whole numbers from -2147483648 to 2147483647' },
  { text: "constant(256, { dtype: 'uint8' })", gives: 'error: constant: 256 is no uint8; uint8 holds whole numbers from 0 to 255' },
  { text: 'clip(x, -1, 2)', x: ['uint8', [1]], gives: 'error: clip: a bound: -1 at position 0 is no uint8; uint8 holds whole numbers from 0 to 255' },
] // prettier-ignore

export const DTYPE_EXAMPLES = [...DIVISIONS, ...CASTS, ...OVERFLOWS, ...VALUES]

const examples = (rows: readonly Example[]): string => {
  const cells = rows.map(exampleRow)
  const used = [0, 1, 2, 3].filter((i) => cells.some((row) => row[i] !== ''))
  return table(
    used.map((i) => ['expression', 'x', 'y', 'gives'][i]!),
    cells.map((row) => used.map((i) => row[i]!)),
  )
}

export function dtypesDocument(): string[] {
  return [
    '# Dtypes',
    `float32, float64, int32, uint8 and bool; bool is stored as bytes 0 and 1. ${MADE} Every result below was found by ` +
      'building or running what stands beside it.',
    '## Two tensors',
    'Operands meet in the dtype that stands later in bool, uint8, int32, float. The two floats do not mix: ' +
      '`error: cast` is a GraphError that asks for a cast.',
    table(
      ['', ...DTYPES],
      promotions.map((row) => [row[0]!.a, ...row.map(({ printed }) => printed)]),
    ),
    '## A number beside a tensor',
    'Numbers are weak: beside a float they take its dtype. Beside an integer or bool, a fraction gives float32, and a ' +
      'whole number int32, or uint8 beside uint8 where it fits. A whole number that does not fit int32 is an error. The ' +
      'dtype of `add(x, number)`:',
    table(
      ['number', ...DTYPES],
      NUMBERS.map((n) => [String(n), ...DTYPES.map((dtype) => orError(() => loom.add(of(dtype), n)))]),
    ),
    'A number that is given for a dtype must be of it:',
    examples(VALUES),
    '## What functions give',
    'Functions that leave the integers (`div`, `mean`, `exp` and their kind) give float32 of integers and bools. Sums and ' +
      'products over axes are int32 for uint8 and bool. Comparisons give bool, positions int32.',
    table(
      ['', ...DTYPES],
      FUNCTIONS.map(([name, f]) => [code(name), ...DTYPES.map((dtype) => orError(() => f(of(dtype))))]),
    ),
    'Division is true division; `floorDiv` rounds down and `mod` has the sign of the divisor, as in Python; `fmod` has the ' +
      'sign of the dividend, as in C. An integer by 0 gives 0.',
    examples(DIVISIONS),
    '## Casts',
    'From float to int32 a value is truncated and wraps modulo 2^32, to uint8 modulo 256; NaN and infinities give 0. ' +
      'Anything to bool is compared with 0 (NaN differs from it). To float32 a value is rounded to the nearest.',
    examples(CASTS),
    '## Overflow',
    'int32 wraps modulo 2^32 and uint8 modulo 256, op by op.',
    examples(OVERFLOWS),
  ]
}
