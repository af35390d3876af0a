import * as loom from 'gradloom'
import { describe, expect, it } from 'vitest'
import { isFloat } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { build } from '../ops/cases'
import { COMPOSED } from './composed'
import { OP_NAMES, opsDocument } from './ops'
import { kept } from './text'
import { TIES } from './ties'

it('docs/ops.md is what the code says', async () => {
  const { found, wanted } = await kept('ops.md', opsDocument())
  expect(found, 'run: npm run docs').toBe(wanted)
})

it('every op and every public function has a line', () => {
  expect([...OP_NAMES].sort()).toEqual(Object.keys(OPS).sort())
  const others = Object.keys(loom).filter((name) => !Object.hasOwn(OPS, name))
  expect(Object.keys(COMPOSED).sort()).toEqual(others.sort())
})

describe('ties and kinks', () => {
  const rows = Object.entries(TIES).flatMap(([name, ties]) => ties.map((tie) => ({ name: name as OpName, tie })))
  it.each(rows)('$name: $tie.rule', ({ tie }) => {
    const inputs = Object.fromEntries(tie.at.map((v, i) => [`x${i}`, { shape: [v.length], dtype: 'float64' as const }]))
    const ran = build(inputs, (xs) => {
      const operands = Object.values(xs)
      const y = tie.of(...operands)
      if (tie.values) return { outputs: { y } }
      expect(isFloat(y.dtype)).toBe(true)
      const slopes = loom.grad(loom.sum(y), operands, { disconnected: 'zeros' })
      // A sum makes an output of each, and a zero of every -0.
      return { outputs: Object.fromEntries(slopes.map((g, i) => [`d${i}`, loom.add(g, 0)])) }
    })
    const results = ran.run(Object.fromEntries(tie.at.map((v, i) => [`x${i}`, v])))
    const plain = (v: ArrayLike<number>): number[] => Array.from(v, (x) => x + 0)
    if (tie.values) expect(plain(results['y']!)).toEqual(tie.values)
    tie.slopes?.forEach((slope, i) => {
      plain(results[`d${i}`]!).forEach((v, k) =>
        Number.isFinite(slope[k]!) ? expect(v).toBeCloseTo(slope[k]!, 12) : expect(v).toBe(slope[k]),
      )
    })
  })
})
