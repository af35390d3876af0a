import { add, atan2, clip, constant, maximum, minimum, reciprocal, relu, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { build, VARIANTS } from './cases'

const most = (a: number, b: number): number => Math.max(a, b)
const least = (a: number, b: number): number => Math.min(a, b)
/** A bound that is a number, and one that is a tensor. */
const BOUNDED: Readonly<Record<string, readonly [graph: (x: Tensor) => Tensor, value: (x: number) => number]>> = {
  relu: [(x) => relu(x), (x) => most(x, 0)],
  'relu of a sum': [(x) => relu(add(x, x)), (x) => most(x + x, 0)],
  'relu with a largest value': [(x) => relu(x, { maxValue: 6 }), (x) => least(most(x, 0), 6)],
  'clip from 0': [(x) => clip(x, 0, 5), (x) => least(most(x, 0), 5)],
  'clip from -0': [(x) => clip(x, -0, 5), (x) => least(most(x, -0), 5)],
  'clip to 0': [(x) => clip(x, -5, 0), (x) => least(most(x, -5), 0)],
  'clip to -0': [(x) => clip(x, -5, -0), (x) => least(most(x, -5), -0)],
  ...Object.fromEntries(
    [0, -0].flatMap((zero) => {
      const sign = Object.is(zero, 0) ? '0' : '-0'
      const tensor = (x: Tensor): Tensor => constant([zero], { dtype: x.dtype as 'float32' | 'float64' })
      return [
        [`maximum(x, ${sign})`, [(x: Tensor) => maximum(x, zero), (x: number) => most(x, zero)]],
        [`maximum(${sign}, x)`, [(x: Tensor) => maximum(tensor(x), x), (x: number) => most(zero, x)]],
        [`minimum(x, ${sign})`, [(x: Tensor) => minimum(x, zero), (x: number) => least(x, zero)]],
        [`minimum(${sign}, x)`, [(x: Tensor) => minimum(tensor(x), x), (x: number) => least(zero, x)]],
      ] as const
    }),
  ),
}
const VALUES = [0, -0, NaN, 2, -2, Infinity, -Infinity, -0, 0]
const READERS: Readonly<Record<string, readonly [graph: (y: Tensor) => Tensor, value: (y: number) => number]>> = {
  reciprocal: [reciprocal, (y) => 1 / y],
  'atan2 of -1': [(y) => atan2(y, -1), (y) => Math.atan2(y, -1)],
}

describe.each(Object.entries(BOUNDED))(
  '%s has the zero of the larger or smaller at every extent',
  (_, [graph, value]) => {
    it.each(Object.entries(VARIANTS))('%s', (_, options) => {
      for (const dtype of ['float32', 'float64'] as const)
        for (const extent of [1, 2, 3, 4, 5, 33])
          for (const [reader, [read, meant]] of Object.entries(READERS))
            for (const shift of extent === 1 ? VALUES.keys() : [0]) {
              const x = Array.from({ length: extent }, (_, i) => VALUES[(i + shift) % VALUES.length]!)
              const body = ({ x }: Record<string, Tensor>) => ({ outputs: { y: read(graph(x!)) } })
              const { y } = build({ x: { shape: [extent], dtype } }, body, options).run({ x })
              Array.from(y!).forEach((v, i) => {
                const expected = meant(value(x[i]!))
                const what = `${reader} of ${Object.is(x[i], -0) ? '-0' : x[i]} at ${i} of ${extent} in ${dtype}`
                if (Number.isFinite(expected)) expect(v, what).toBeCloseTo(expected, 6)
                else expect(v, what).toBe(expected)
              })
            }
    })
  },
)
