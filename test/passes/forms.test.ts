import fc from 'fast-check'
import { add, constant, grad, mul, neg, tanh } from 'gradloom'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/ir/tensor'
import { sizeOf } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { rewrite } from '../../src/passes/rewrite'
import { simplification } from '../../src/passes/simplify'
import { evaluateGraph } from '../ops/reference'
import {
  x,
  cube,
  row,
  whole,
  op,
  stretch,
  flip,
  permute,
  shaped,
  part,
  bordered,
  joined,
  converted,
  reduced,
  showForm,
} from './build'

describe('graphs become smaller', () => {
  const RULES = simplification()
  const c = makeInput('c', { dtype: 'bool', shape: [3] })
  const where = (...inputs: readonly Tensor[]): Tensor => op('where', inputs, {})
  const not = (t: Tensor): Tensor => op('logicalNot', [t], {})
  const rows = reduced('sum', x, [1], false)
  const wide = bordered(x, [1, 2], [1, 2])
  const table: readonly (readonly [string, Tensor])[] = [
    ['where(c, row, 2)', where(c, where(c, row, constant(1)), constant(2))],
    ['where(c, 2, row)', where(c, constant(2), where(c, constant(1), row))],
    ['where(c, row, 2)', where(not(c), constant(2), where(not(not(c)), row, constant(1)))],
    ['c', where(c, constant(1, { dtype: 'bool' }), constant(0, { dtype: 'bool' }))],
    ['broadcastTo(row)', where(where(c, c, c), stretch(row, 2, 3), stretch(row, 2, 3))],
    ['slice(x)', part(part(x, [0, 1], [1, 1], [2, 2]), [1, 0], [1, 1], [1, 2])],
    ['x', part(joined(0, shaped(row, 1, 3), x), [1, 0], [1, 1], [2, 3])],
    ['slice(row)', part(joined(0, row, shaped(x, 6)), [0], [2], [2])],
    ['slice(concat(row, row))', part(joined(0, row, row), [1], [2], [3])],
    ['x', part(wide, [1, 2], [1, 1], [2, 3])],
    ['pad(slice(x))', part(wide, [0, 3], [1, 1], [4, 4])],
    ['broadcastTo(0)', part(wide, [0, 0], [3, 1], [2, 2])],
    ['pad(x)', bordered(wide, [0, 1], [0, 0])],
    ['concat(x, x, x, reshape(row))', joined(0, joined(0, x, joined(0, x, x)), shaped(row, 1, 3))],
    ['x', joined(1, part(x, [0, 0], [1, 1], [2, 1]), part(x, [0, 1], [1, 1], [2, 1]), part(x, [0, 2], [1, 1], [2, 1]))],
    ['x', flip(part(x, [1, 2], [-1, -1], [2, 3]), [0, 1])],
    ['sum(cube)', reduced('sum', reduced('sum', cube, [0, 2], false), [0], false)],
    ['reshape(max(cube))', reduced('max', reduced('max', cube, [2], true), [0], true)],
    ['mul(sum(row), 2)', reduced('sum', stretch(row, 2, 3), [0, 1], false)],
    ['max(row)', reduced('max', stretch(row, 2, 3), [0, 1], false)],
    ['mul(sum(x), -3)', reduced('sum', neg(mul(x, 3)), [0, 1], false)],
    ['sum(neg(square(x)))', reduced('sum', neg(mul(x, x)), [0, 1], false)],
    ['sum(mul(x, 0.5))', reduced('sum', mul(x, 0.5), [0, 1], false)],
    ['prod(prod(cube))', reduced('prod', reduced('prod', cube, [2], false), [0], false)],
    ['prod(whole)', reduced('prod', reduced('prod', whole, [2], false), [0], false)],
    ['mul(x, -3)', neg(mul(neg(neg(x)), 3))],
    ['x', converted(converted(x, 'float64'), 'float32')],
  ]
  it.each(table)('to %s', (form, t) => {
    expect(showForm(rewrite([t], RULES).roots[0]!)).toBe(form)
  })

  it('but a sum that is read twice is computed once', () => {
    const total = reduced('sum', rows, [0], false)
    expect(rewrite([total], RULES).roots.map(showForm)).toEqual(['sum(x)'])
    expect(rewrite([total, rows], RULES).roots.map(showForm)).toEqual(['sum(sum(x))', 'sum(x)'])
    const kept = reduced('sum', reduced('sum', x, [1], true), [0], false)
    expect(showForm(rewrite([kept, tanh(kept.inputs[0]!)], RULES).roots[0]!)).toBe('sum(reshape(sum(x)))')
  })

  it('and long joins stay as they are', () => {
    const long = joined(0, ...Array.from({ length: 64 }, () => row))
    expect(rewrite([joined(0, long, row)], RULES).roots[0]!.inputs).toHaveLength(2)
  })
})

describe('arrangements of any kind, one upon the other', () => {
  /** An arrangement of x that depends on two numbers. */
  const arrange: readonly ((x: Tensor, p: number, q: number) => Tensor)[] = [
    (x, p, q) => {
      const start = x.shape.map((d, i) => (p + i * q) % d)
      const step = x.shape.map((_, i) => [1, 1, -1, 2, -2][(p + q + i) % 5]!)
      const room = (d: number, i: number): number => (step[i]! > 0 ? d - 1 - start[i]! : start[i]!)
      return part(x, start, step, x.shape.map((d, i) => 1 + Math.floor(room(d, i) / Math.abs(step[i]!)))) // prettier-ignore
    },
    (x, p, q) => part(x, x.shape.map((d, i) => (i === 0 && d > 1 ? p % 2 : 0)), x.shape.map(() => 1), x.shape.map((d, i) => (i === 0 && d > 1 ? d - 1 : Math.max(1, d - (i === 1 ? q % 2 : 0))))), // prettier-ignore
    (x, p, q) => bordered(x, x.shape.map((_, i) => (p + i) % 3), x.shape.map((_, i) => (q + i) % 2), p % 2), // prettier-ignore
    (x, p, q) => joined(p % 2, ...(q % 2 ? [x, flip(x, [1])] : [x, x, x])),
    (x, p) => joined(p % 2, x, part(x, [0, 0], [1, 1], x.shape.map((d, i) => (i === p % 2 ? Math.ceil(d / 2) : d)))), // prettier-ignore
    (x, p) => flip(x, [[0], [1], [0, 1]][p % 3]!),
    (x) => permute(x, 1, 0),
    (x, p) => (x.shape[p % 2] === 1 ? stretch(x, ...x.shape.with(p % 2, 3)) : x),
    (x, p, q) => mul(x, q % 2 ? add(x, p % 3) : p % 3),
    (x, p) => reduced((['sum', 'max'] as const)[p % 2]!, x, [(p >> 1) % 2], true),
  ]
  const step = fc.tuple(fc.nat(arrange.length - 1), fc.nat(11), fc.nat(11))
  it('keep values and gradients, and are settled', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 7 }), (steps) => {
        const from = makeInput('from', { dtype: 'float64', shape: [2, 3] })
        const y = steps.reduce((t, [k, p, q]) => (sizeOf(t.shape) > 400 ? t : arrange[k]!(t, p, q)), from)
        const weights = y.shape.length === 0 ? 1 : stretch(constant(3, { dtype: 'float64' }), ...y.shape)
        const [g] = grad(reduced('sum', mul(y, mul(y, weights)), y.shape.map((_, i) => i), false) , [from]) // prettier-ignore
        const before = [y, g]
        const after = rewrite(before, simplification()).roots
        const values = new Map([[from, [0.5, -1, 2, 0.25, 3, -1.5]]])
        const [a, b] = [before, after].map((roots) => evaluateGraph(roots, values))
        a!.forEach(({ shape, data }, k) => {
          expect(b![k]!.shape).toEqual(shape)
          data.forEach((v, i) => expect(Math.abs(b![k]!.data[i]! - v)).toBeLessThanOrEqual(1e-9 * Math.abs(v)))
        })
        expect(rewrite(after, simplification()).roots.map(showForm)).toEqual(after.map(showForm))
      }),
      { numRuns: 400, seed: 7 },
    )
  })
})
