import { describe, expect, it } from 'vitest'
import { CASES, titleOf } from './cases'
import { run, type Target } from './made'

describe.each<Target>(['js', 'wasm'])('a node, on %s', (target) => {
  it.each(CASES.map((made) => [titleOf(made), made] as const))('%s', (_, made) => {
    const found = run(made, target)
    expect(found.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual(
      made.expected.map(({ dtype, shape }) => ({ dtype, shape })),
    )
    for (const [i, { data }] of made.expected.entries())
      for (const [at, value] of data.entries()) expect(found[i]!.data[at]).toBeCloseTo(value, 5)
  })
})
