import { add, cast, compile, constant, entry, grad, mul, neg, pow, sum, tanh, tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { toposort } from '../../src/ir/graph'
import type { AnyOp } from '../../src/ir/op'
import { apply, type Tensor } from '../../src/ir/tensor'
import { DTYPES } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { OPS } from '../../src/ops/table'
import { reshapeT } from '../../src/ops/view'
import { rewrite, type Rule } from '../../src/passes/rewrite'
import { simplification } from '../../src/passes/simplify'
import { evaluateGraph } from '../ops/reference'
import { SPECIAL } from './special-values'

const x = makeInput('x', { dtype: 'float32', shape: [2, 3] })
const row = makeInput('row', { dtype: 'float32', shape: [3] })

describe('the rewriter', () => {
  const RULES = simplification()
  const chain = (depth: number, link: (t: Tensor, i: number) => Tensor, from: Tensor = x): Tensor =>
    Array.from({ length: depth }).reduce<Tensor>((t, _, i) => link(t, i), from)

  it('makes equal tensors one and keeps unequal ones apart', () => {
    const [a, b] = rewrite([tanh(add(x, row)), tanh(add(x, row))], () => []).roots
    expect(a).toBe(b)
    const sums = [add(x, 0), add(x, constant(-0)), add(row, x), sum(x, { axis: 0 }), sum(x, { axis: 1 })]
    const leaves = [constant(1), constant(1, { dtype: 'float64' }), makeInput('x', x), x]
    const apart = [...sums, ...leaves, pow(x, 2.5), pow(x, 3.5), cast(x, 'int32'), cast(x, 'uint8')]
    expect(new Set(rewrite(apart, () => []).roots).size).toBe(apart.length)
  })

  const commutative = Object.values<AnyOp>(OPS).filter((op) => op.commutative)
  it.each(commutative)('makes $name of swapped operands one, which it is', (op) => {
    for (const dtype of DTYPES) {
      const size = SPECIAL[dtype].length
      const a = makeInput('a', { dtype, shape: [size, 1] })
      const b = makeInput('b', { dtype, shape: [size] })
      let both: Tensor[]
      try {
        both = [apply<unknown>(op, [a, b], {}), apply<unknown>(op, [b, a], {})]
      } catch {
        continue
      }
      const feeds = new Map([a, b].map((t) => [t, SPECIAL[dtype]]))
      const [left, right] = evaluateGraph(both, feeds, {}).map(({ data }) => Array.from(data, (v) => v + 0))
      expect(left).toEqual(right)
      expect(new Set(rewrite(both, () => []).roots).size).toBe(1)
    }
  })

  it('says of operands that several read that they are shared', () => {
    const inner = sum(row)
    const seen = (roots: readonly Tensor[]): boolean[] => {
      const found: boolean[] = []
      const rule: Rule = (t, shared) => void found.push(shared.has(t.inputs[0]!))
      rewrite(roots, (op) => (op === 'tanh' ? [rule] : []))
      return found
    }
    expect(seen([tanh(inner)])).toEqual([false])
    expect(seen([tanh(inner), inner])).toEqual([true])
    expect(seen([add(tanh(inner), inner)])).toEqual([true])
  })

  it('walks chains of any depth', () => {
    const depth = 2000
    const done = (t: Tensor): Tensor => rewrite([t], RULES).roots[0]!
    expect(toposort([done(chain(10 * depth, tanh))])).toHaveLength(10 * depth + 1)
    expect(done(chain(depth, neg))).toBe(x)
    expect(done(chain(depth, (t, i) => (i % 2 ? reshapeT(t, [2, 3]) : reshapeT(t, [6]))))).toBe(x)
    expect(done(chain(depth, (t, i) => mul(t, i % 2 ? 0.5 : 2)))).toBe(x)
  })

  it('serves a chain of 2,000 layers with its gradient', () => {
    const body = ({ x }: { x: Tensor }) => {
      const y = chain(2000, tanh, x)
      return { outputs: { y, g: grad(sum(y), [x])[0] } }
    }
    const net = compile(entry({ x: tensor([2], 'float64') }, body))
    let [y, slope] = [1, 1]
    for (let i = 0; i < 2000; i++) slope *= 1 - (y = Math.tanh(y)) ** 2
    const results = net({ x: [1, 0] })
    expect(Array.from(results.y as Float64Array)).toEqual([expect.closeTo(y, 12), 0])
    expect(Array.from(results.g as Float64Array)).toEqual([expect.closeTo(slope, 12), 1])
  })
})
