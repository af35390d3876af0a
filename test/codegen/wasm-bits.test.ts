import { describe, expect, it } from 'vitest'
import { emitModule } from '../../src/codegen/wasm/module'
import { type Axis, axisIndex } from '../../src/ir/affine'
import { MEANING } from '../../src/ir/evaluate'
import type { BitFn } from '../../src/ir/functions'
import type { Kernel, Param, Stmt } from '../../src/ir/loop'
import { call, type Scalar } from '../../src/ir/scalar'
import { loop } from '../../src/schedule/loops'
import { vectorLoop } from '../../src/schedule/vector-nest'
import { engine } from './wasm-harness'

const i: Axis = { name: 'i', extent: 8, kind: 'space' }
const at = { index: axisIndex(i) }

/** What a function gives for 8 points, one by one and in vectors. */
function both(fn: BitFn, dtype: 'float32' | 'float64', operands: readonly (readonly number[])[]): number[][] {
  const param = (offset: number, access: Param['access'] = 'read'): Param => ({
    buffer: { name: 'b', dtype, shape: [8], size: 8, region: 'io', offset, of: undefined as never, live: [0, 0] },
    access,
  })
  const [params, out] = [operands.map((_, k) => param(64 * k)), param(256, 'update')]
  const values = params.map((from): Scalar => ({ kind: 'element', dtype, from, at, lanes: 1 }))
  const body: Stmt[] = [{ kind: 'store', to: out, at, value: call(fn, ...values), lanes: 1 }]
  const lanes = dtype === 'float32' ? 4 : 2
  const View = dtype === 'float32' ? Float32Array : Float64Array
  return [[loop(i, body)], vectorLoop(i, body, { from: 0, to: 8, step: lanes }, lanes)].map((statements) => {
    const kernel: Kernel = { name: 'test', doc: [], params: [...params, out], body: statements }
    const { bytes, imports } = emitModule({
      kernels: [kernel],
      items: [{ kind: 'run', kernel: 0 }],
      addressOf: (b) => b.offset,
      memory: { minPages: 1 },
      validate: true,
    })
    expect(imports).toEqual([])
    const memory = new engine.Memory({ initial: 1 })
    operands.forEach((xs, k) => new View(memory.buffer, 64 * k, 8).set(xs))
    new engine.Instance(new engine.Module(bytes), { env: { memory } }).exports['step']!()
    return [...new View(memory.buffer, 256, 8)]
  })
}

describe.each([
  { dtype: 'float32', least: -126, most: 127, last: 23, round: Math.fround },
  { dtype: 'float64', least: -1022, most: 1023, last: 52, round: (x: number) => x },
] as const)('$dtype', ({ dtype, least, most, last, round }) => {
  const normal = [1, 3.5, 1 - 2 ** (-last - 1), 2 ** least, 1.5 * 2 ** least, (2 - 2 ** -last) * 2 ** most, 1e30, 0.1]
  const rows: readonly (readonly [fn: BitFn, operands: readonly number[][]])[] = [
    ['exponent', [normal]],
    ['mantissa', [normal]],
    ['pow2', [[0, 1, -1, least, most, 10, -52, 100]]],
    // Up to infinity, and to subnormal numbers in one rounding.
    [
      'scale',
      [
        [1, 1.5, -1.25, 1, 1.7, 1.3, NaN, 0.7],
        [0, 5, -3, most + 1, least - 2, least - last + 2, 4, -0],
      ],
    ],
    [
      'copysign',
      [
        [1, 2, -3, -0, 0, Infinity, -5, NaN],
        [-1, 0, -0, 7, -7, -Infinity, Infinity, 1],
      ],
    ],
  ]
  it.each(rows)('%s', (fn, operands) => {
    const rounded = operands.map((xs) => xs.map(round))
    const want = rounded[0]!.map((_, k) => round(MEANING[fn](...rounded.map((xs) => xs[k]!))))
    for (const y of both(fn, dtype, rounded)) expect(y).toEqual(want)
  })
})
