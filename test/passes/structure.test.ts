import { add, cast, constant, div, mul, neg } from 'gradloom'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/ir/tensor'
import { DTYPES, isFloat, sizeOf } from '../../src/ir/type'
import { constantValue, scalarConstant } from '../../src/ops/leaf'
import type { OpName } from '../../src/ops/table'
import { plain, windowProductT } from '../../src/ops/window-product'
import { foldConstants } from '../../src/passes/rules/fold'
import { EVERYWHERE, STRUCTURE } from '../../src/passes/rules/structure'
import { evaluateGraph, roundFloat32 } from '../ops/reference'
import {
  x,
  cube,
  row,
  whole,
  flags,
  ones,
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
import { SPECIAL, type Values } from './special-values'

/** xᵀ x, as convolutions are written. */
const product = windowProductT(x, x, {
  extents: [2, 3, 3],
  a: [plain(0), plain(1)],
  b: [plain(0), plain(2)],
  out: [1, 2],
  summed: [0],
  title: 'product',
})

/** Graphs to which rules of structure apply. */
const EXAMPLES: readonly Tensor[] = [
  add(constant(0.1), constant(0.2)),
  add(x, stretch(row, 2, 3)),
  op('where', [stretch(op('less', [row, row], {}), 2, 3), stretch(row, 2, 3), x], {}),
  // Parts that meet, with gaps between and around them, along either axis, and three of them.
  ...[
    add(bordered(x, [0, 0], [0, 3]), bordered(x, [0, 3], [0, 0])),
    add(bordered(row, [4], [0]), bordered(row, [0], [4])),
  ],
  add(bordered(x, [5, 0], [1, 0]), bordered(neg(x), [1, 0], [5, 0])),
  add(op('concat', [x, stretch(constant(0), 2, 3), x], { axis: 1 }), bordered(neg(x), [0, 3], [0, 3])),
  op('identity', [x], {}),
  ...[shaped(shaped(x, 3, 2), 6, 1), shaped(x, 2, 3), shaped(constant(3), 1, 1)],
  ...[permute(x, 0, 1), permute(permute(cube, 2, 0, 1), 1, 0, 2), permute(permute(cube, 2, 0, 1), 2, 0, 1)],
  ...[stretch(x, 2, 3), stretch(stretch(row, 1, 3), 4, 2, 3)],
  ...[flip(flip(x, [0, 1]), [0, 1]), flip(flip(x, [0]), [1])],
  ...[8, -0.5, 2 ** -100, 2 ** 100, 3, Infinity, 2 ** 53 - 1, -(2 ** 53 - 1)].flatMap((c) => [div(x, c), div(cube, c)]),
  op('cast', [x], { dtype: 'float32' }),
  ...[cast(constant(300.7), 'uint8'), cast(constant(-1, { dtype: 'int32' }), 'bool')],
  ...(['sum', 'max'] as const).flatMap((name) => [
    ...[reduced(name, ones, [0, 2], false), reduced(name, ones, [0], true)],
    ...[reduced(name, cube, [0, 2], true), reduced(name, x, [1], true)],
  ]),
  ...(['any', 'all', 'min', 'prod'] as const).flatMap((name) => {
    const [small, large] = name === 'min' || name === 'prod' ? [ones, whole] : [flags, flags]
    return [reduced(name, part(small, [0, 0, 0], [1, 1, 1], [1, 2, 1]), [0, 2], false), reduced(name, large, [1], true)]
  }),
  ...(['any', 'all', 'min', 'max', 'sum', 'prod'] as const).flatMap((name) => {
    const t = name === 'any' || name === 'all' ? flags : whole
    return [
      reduced(name, reduced(name, t, [1], false), [0], false),
      reduced(name, reduced(name, t, [0, 2], false), [0], false),
      reduced(name, shaped(reduced(name, t, [1], false), 2, 1, 4, 1), [1, 2], false),
      reduced(name, shaped(reduced(name, t, [2], false), 1, 2, 1, 3), [1], true),
    ]
  }),
  ...(['any', 'all', 'min', 'max', 'sum'] as const).flatMap((name) => {
    const t = name === 'any' || name === 'all' ? shaped(part(flags, [0, 0, 0], [1, 1, 1], [1, 3, 1]), 3) : row
    return [
      reduced(name, stretch(t, 4, 3), [0], false),
      reduced(name, stretch(shaped(t, 3, 1), 2, 3, 4), [0, 1, 2], false),
      reduced(name, stretch(shaped(t, 3, 1), 2, 3, 4), [1, 2], false),
      reduced(name, stretch(shaped(t, 1, 3), 2, 3), [1], false),
    ]
  }),
  ...[neg(x), mul(x, 3), mul(-2, cube), mul(cube, 0.5), mul(Infinity, x), mul(whole, 7), neg(whole)].map((t) =>
    reduced('sum', t, [1], false),
  ),
  ...[converted(converted(x, 'float64'), 'float32'), converted(converted(x, 'int32'), 'float32')],
  ...[converted(converted(whole, 'float64'), 'uint8'), converted(converted(whole, 'float32'), 'int32')],
  ...[stretch(constant(2), 2, 3), stretch(constant(-0), 2, 3)].flatMap((t) => [
    ...[shaped(t, 6), permute(t, 1, 0), flip(t, [1]), part(t, [0, 1], [1, 1], [2, 2])],
    ...[bordered(t, [1, 0], [0, 2], 2), bordered(t, [1, 0], [0, 2], 0)],
  ]),
  ...[bordered(constant(0), [], [])],
  ...[part(x, [0, 0], [1, 1], [2, 3]), part(x, [1, 0], [-1, 1], [2, 3]), part(x, [0, 0], [1, 1], [0, 2])],
  ...[
    part(cube, [1, 0, 0], [1, 1, 2], [1, 3, 2]),
    flip(cube, [0, 2]),
    permute(cube, 1, 2, 0),
    stretch(row, 2, 3),
    stretch(shaped(row, 1, 3, 1), 2, 3, 4),
  ].flatMap(slicesOf),
  ...[joined(1, x, x, x), joined(0, x, part(x, [0, 0], [1, 1], [0, 3]), x), joined(0, x, shaped(row, 1, 3))].flatMap(
    slicesOf,
  ),
  ...[bordered(x, [1, 0], [0, 2], 7), bordered(x, [1, 2], [3, 1], -0)].flatMap(slicesOf),
  part(bordered(x, [2, 3], [2, 3]), [0, 0], [1, 1], [1, 9]),
  part(bordered(x, [2, 3], [2, 3]), [2, 8], [1, -1], [2, 3]),
  ...[flip(part(x, [0, 2], [1, -1], [2, 3]), [1]), flip(part(x, [0, 0], [1, 1], [2, 0]), [0])],
  ...[bordered(x, [0, 0], [0, 0]), bordered(bordered(x, [1, 0], [0, 2]), [0, 1], [1, 0])],
  bordered(bordered(x, [1, 0], [0, 2]), [0, 1], [1, 0], 1),
  ...[joined(0, joined(0, x, x), x), joined(0, joined(1, x, x), joined(1, x, x)), joined(1, x, joined(1, x, x))],
  joined(1, part(x, [0, 0], [1, 1], [2, 0]), x, part(x, [0, 0], [1, 1], [2, 0])),
  joined(1, part(x, [0, 0], [1, 1], [2, 1]), part(x, [0, 1], [1, 1], [2, 2]), x),
  joined(1, part(x, [0, 2], [1, -1], [1, 2]), part(x, [0, 0], [1, -1], [1, 1])),
  joined(0, part(x, [0, 0], [1, 1], [1, 3]), part(x, [0, 0], [1, 1], [1, 3])),
  // What follows products that are seen in another shape, or joined.
  ...[
    mul(shaped(product, 9), scalarConstant(2, 'float32')),
    add(shaped(product, 1, 9), shaped(joined(0, x, shaped(row, 1, 3)), 9)),
  ],
  ...[add(joined(1, product, product), scalarConstant(1, 'float32')), mul(joined(0, neg(product), product), row)],
  op(
    'where',
    [
      op('less', [joined(0, x, shaped(row, 1, 3), shaped(row, 1, 3), shaped(row, 1, 3), shaped(row, 1, 3)), row], {}),
      joined(0, product, product),
      row,
    ],
    {},
  ),
]

/** Slices of the first and the last half, backwards and with gaps, along each axis and all at once. */
function slicesOf(t: Tensor): Tensor[] {
  const rank = t.shape.length
  const along = (axes: readonly number[], start: (d: number) => number, step: number, size: (d: number) => number) => {
    const pick = (i: number, here: number, else_: number): number => (axes.includes(i) ? here : else_)
    return part(
      t,
      t.shape.map((d, i) => pick(i, start(d), 0)),
      t.shape.map((_, i) => pick(i, step, 1)),
      t.shape.map((d, i) => pick(i, size(d), d)),
    )
  }
  const every = Array.from({ length: rank }, (_, i) => i)
  return [...every.map((i) => [i]), every].flatMap((axes) => [
    along(axes, () => 0, 1, (d) => Math.ceil(d / 2)), // prettier-ignore
    along(axes, (d) => d >> 1, 1, (d) => d - (d >> 1)), // prettier-ignore
    along(
      axes,
      (d) => d - 1,
      -1,
      (d) => d,
    ),
    along(axes, () => 0, 2, (d) => Math.ceil(d / 2)), // prettier-ignore
    along(axes, (d) => d - 1, 1, () => 1), // prettier-ignore
    along(axes, () => 0, 1, () => 0), // prettier-ignore
  ])
}
const NOTHING: ReadonlySet<Tensor> = new Set()
const turn = (from: Values, i: number): number => from[(7 * i + 3) % from.length]!
const special = ({ dtype, shape }: Tensor): number[] =>
  Array.from({ length: sizeOf(shape) }, (_, i) => turn(SPECIAL[dtype], i))

describe('rules of structure', () => {
  const leaves = [x, cube, row, ones, whole, flags]
  const feeds = new Map(leaves.map((t) => [t, special(t)]))
  const ordinary = new Map(
    leaves.map((t) => [t, special(t).map((_, i) => Number(isFloat(t.dtype) ? i / 7 - 1 : i % 2))]),
  )
  const rules = [['any op', EVERYWHERE] as const, ...Object.entries(STRUCTURE)].flatMap(([head, list]) =>
    list.map((rule, i) => ({ name: `${i} of ${head}`, head, rule })),
  )
  it.each(rules)('$name keeps values', ({ head, rule }) => {
    const fired = EXAMPLES.filter((t) => head === 'any op' || head === t.op.name).flatMap((t) => {
      const made = rule(t, NOTHING)
      return made ? [[t, made] as const] : []
    })
    expect(fired.length, 'an example to which it applies').toBeGreaterThan(0)
    for (const [t, made] of fired) {
      expect([made.dtype, made.shape]).toEqual([t.dtype, t.shape])
      for (const values of [feeds, ordinary]) {
        const [a, b] = evaluateGraph([t, made], values, { round: roundFloat32 })
        expect(b!.data).toHaveLength(a!.data.length)
        a!.data.forEach((v, i) => {
          const isSum = t.op.name === 'sum' && isFloat(t.dtype)
          const near = isSum && Number.isFinite(v) ? (expect.closeTo(v, 5) as number) : v + 0
          expect(b!.data[i]! + 0, showForm(t)).toEqual(near)
        })
      }
    }
  })

  it.each(DTYPES)('fold pointwise ops of %s constants', (dtype) => {
    const constants = SPECIAL[dtype].map((v) => scalarConstant(v, dtype))
    const binary: OpName[] = ['add', 'sub', 'mul', 'maximum', 'less', 'lessEqual', 'equal', 'notEqual']
    const unary: OpName[] = ['neg', 'square', 'relu', 'identity']
    if (isFloat(dtype)) unary.push('exp', 'log', 'sqrt', 'tanh', 'sigmoid')
    if (isFloat(dtype)) binary.push('div')
    const graphs = constants.flatMap((a) => [
      ...unary.map((name) => op(name, [a], {})),
      ...binary.flatMap((name) => constants.map((b) => op(name, [a, b], {}))),
    ])
    for (const t of graphs) {
      const expected = evaluateGraph([t], new Map(), { round: roundFloat32 })[0]!.data[0]!
      const actual = constantValue(foldConstants(t)!)!
      const isEqual = Object.is(actual + 0, expected + 0) || Math.abs(actual - expected) <= 1e-15 * Math.abs(expected)
      if (!isEqual) expect.fail(`${t.op.name} of ${t.inputs.map(constantValue).join()}: ${actual}, not ${expected}`)
    }
  })
})
