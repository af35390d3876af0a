import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { build, VARIANTS } from './cases'

const { cast, gather, less, scan, slice, takeAlongAxis } = loom
type Index = Tensor<readonly number[], 'int32' | 'uint8'>

/** An index [3] of an operand [3], and what it is of each value. */
interface Way {
  readonly dtype: DType
  readonly make: (x: Tensor) => Tensor
  readonly at: (v: number) => number
  /** Values with the number of rows there must be at least; NaN is never legal. */
  readonly values: readonly number[]
}
const computed = (x: Tensor): Tensor => slice(loom.concat([x, x]), [{ end: 3 }])
const WAYS: Readonly<Record<string, Way>> = {
  'int32, fed': { dtype: 'int32', make: (x) => x, at: (v) => v, values: [0, 2, 1] },
  'int32, computed': { dtype: 'int32', make: computed, at: (v) => v, values: [0, 2, 1] },
  'uint8, fed': { dtype: 'uint8', make: (x) => x, at: (v) => v, values: [0, 255, 3] },
  'uint8, computed': { dtype: 'uint8', make: computed, at: (v) => v, values: [0, 255, 3] },
  'uint8 as int32': { dtype: 'uint8', make: (x) => cast(computed(x), 'int32'), at: (v) => v, values: [0, 255, 3] },
  'int32 as uint8, which wraps': { dtype: 'int32', make: (x) => cast(x, 'uint8'), at: (v) => v & 255, values: [256, -255, 2] },
  'a condition': { dtype: 'float32', make: (x) => cast(less(x, 0), 'int32'), at: (v) => Number(v < 0), values: [-1, 1, 0] },
  'a bool as uint8': { dtype: 'bool', make: (x) => cast(x, 'uint8'), at: (v) => v, values: [1, 0, 1] },
  'floats, fed': { dtype: 'float32', make: (x) => cast(x, 'int32'), at: Math.trunc, values: [-0.5, 1.9, 0] },
  'floats, computed': { dtype: 'float64', make: (x) => cast(computed(x), 'int32'), at: Math.trunc, values: [-0.5, 1.9, 0] },
} // prettier-ignore

const READS: Readonly<Record<string, (table: Tensor, at: Index) => Tensor>> = {
  gather: (table, at) => gather(table, at),
  takeAlongAxis: (table, at) => takeAlongAxis<Tensor, Index, number>(table, at),
  'gather in a loop': (table, at) =>
    scan({ over: { at }, carry: {}, step: (_, x) => ({ carry: {}, outputs: { y: gather(table, x.at) } }) }).outputs.y,
}

describe.each(Object.entries(WAYS))('an index of %s', (_, { dtype, make, at, values }) => {
  const largest = Math.max(...values.map(at))
  /** Rows of a table of n, in every variant, by values that are fed. */
  const read = (take: (typeof READS)[string], n: number, given: readonly number[]): number[][] =>
    Object.values(VARIANTS).map((options) => {
      const inputs = { x: { shape: [3], dtype }, table: { shape: [n], dtype: 'float32' } } as const
      const body = ({ x, table }: Record<string, Tensor>) => ({ outputs: { y: take(table!, make(x!) as Index) } })
      const { run, dispose } = build(inputs, body, options)
      try {
        return Array.from(run({ x: [...given], table: Array.from({ length: n }, (_, i) => i + 10) })['y']!)
      } finally {
        dispose()
      }
    })

  it.each(Object.entries(READS))('reads what is there, by %s', (_, take) => {
    for (const n of [largest + 1, largest + 2, 300])
      for (const found of read(take, n, values)) expect(found).toEqual(values.map((v) => at(v) + 10))
  })

  it.each(Object.entries(READS))('is refused where there is nothing, by %s', (_, take) => {
    if (largest > 0) expect(() => read(take, largest, values)).toThrow(/out of range/)
    if (dtype !== 'float32' && dtype !== 'float64') return
    if (make(loom.fill([3], 1, { dtype })).inputs[0]!.dtype === 'bool') return
    for (const wrong of [NaN, -1, 2, Infinity]) expect(() => read(take, 2, [0, wrong, 0])).toThrow(/out of range/)
  })
})
