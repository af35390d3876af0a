import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { build, VARIANTS } from '../ops/cases'

/** Functions of x and h, among them such as are batched in turns. */
const FUNCTIONS: Readonly<Record<string, (x: Tensor, h: Tensor) => Tensor>> = {
  'pointwise ops': (x, h) => loom.mul(loom.sum(loom.exp(x)), h),
  'a loop': (x, h) => loom.iterate(3, { s: loom.add(h, loom.sum(x)) }, ({ s }) => ({ s: loom.tanh(s) })).s,
  'a choice': (x, h) =>
    loom.cond(
      loom.less(loom.sum(h), 0),
      () => loom.add(h, loom.sum(x)),
      () => loom.sub(loom.sum(x), h),
    ),
}

describe.each(Object.entries(FUNCTIONS))('of %s', (_, f) => {
  it.each(Object.entries(VARIANTS))('Jacobians without elements have their shapes, as %s', (_, options) => {
    for (const [n, m] of [
      [0, 2],
      [2, 0],
      [0, 0],
    ] as const)
      // prettier-ignore
      for (const mode of ['reverse', 'forward', undefined] as const) {
        const inputs = { x: { shape: [n], dtype: 'float32' }, h: { shape: [m], dtype: 'float32' } } as const
        const { run, traced, dispose } = build(
          inputs,
          ({ x, h }) => {
            const [byX, byH] = loom.jacobian(f(x!, h!), [x!, h!], { disconnected: 'zeros', ...(mode && { mode }) })
            const H = loom.hessian(loom.sum(f(x!, h!)), x!, { disconnected: 'zeros' })
            return { outputs: { byX, byH, H } }
          },
          options,
        )
        const shapes = [...traced.roots.outputs.values()].map(({ shape }) => shape)
        expect(shapes).toEqual([[m, n], [m, m], [n, n]]) // prettier-ignore
        const results = run({ x: new Array(n).fill(1), h: new Array(m).fill(0.5) })
        expect(Object.values(results).map(({ length }) => length)).toEqual([m * n, m * m, n * n])
        dispose()
      }
  })
})
