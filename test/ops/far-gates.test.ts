import { grad, mish, mul, silu, sum, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { build, VARIANTS } from './cases'

const LARGEST = { float32: 3e38, float64: 1.5e308 } as const

describe.each([
  ['silu', silu],
  ['mish', mish],
] as const)('the slope of %s far out', (_, gate) => {
  describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
    it.each(Object.entries(VARIANTS))('%s', (_, options) => {
      const x = [1e10, 2000, LARGEST[dtype], Infinity, -1e10, -2000, -LARGEST[dtype], -Infinity]
      const body = ({ x }: Record<string, Tensor>) => {
        const slope = (loss: Tensor): Tensor => grad(sum(loss), [x!])[0]
        const first = slope(mul(gate(x!), 4))
        const second = slope(mul(first, 4))
        return { outputs: { first, second, third: slope(mul(second, 4)) } }
      }
      const { first, second, third } = build({ x: { shape: [8], dtype } }, body, options).run({ x })
      const bare = (values: ArrayLike<number>): number[] => Array.from(values, (v) => v + 0)
      expect(bare(first!)).toEqual([4, 4, 4, 4, 0, 0, 0, 0])
      expect(bare(second!)).toEqual(Array(8).fill(0))
      expect(bare(third!)).toEqual(Array(8).fill(0))
    })
  })
})
