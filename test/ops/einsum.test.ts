import * as loom from 'gradloom'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'
import { checkComposed, meaning } from './function-case'
import { two } from './operands'
import { at, pointsOf, stretched, tabulate, total, type Values } from './values'

/** Products of matrices whose leading axes broadcast. */
const products = (a: Values, b: Values): Values => {
  const [p, q] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
  const inner = pointsOf([a.shape.at(-1)!])
  return tabulate([...stretched([p, q]), a.shape.at(-2)!, b.shape.at(-1)!], a.dtype, (point) => {
    const [batch, row, column] = [point.slice(0, -2), point.at(-2)!, point.at(-1)!]
    const near = (x: Values): readonly number[] => batch.slice(batch.length - (x.shape.length - 2))
    return total(inner.map(([k]) => at(a, [...near(a), row, k!]) * at(b, [...near(b), k!, column])))
  })
}
/** The sum of all products of elements, operands broadcast. */
const sumOf = (a: Values, b: Values): Values => {
  const all = pointsOf(stretched([a.shape, b.shape]))
  return tabulate([], a.dtype, () => total(all.map((p) => at(a, p) * at(b, p))))
}
const pointwise = (a: Values, b: Values): Values =>
  tabulate(stretched([a.shape, b.shape]), a.dtype, (p) => at(a, p) * at(b, p))

const SHAPES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[2, 1, 3, 4], [1, 1, 4, 6]], // prettier-ignore
  [[2, 1, 3, 4], [5, 4, 6]], // prettier-ignore
  [[1, 3, 4], [2, 4, 2]], // prettier-ignore
  [[3, 4], [1, 2, 4, 2]], // prettier-ignore
  [[1, 3, 4], [1, 4, 2]], // prettier-ignore
  [[2, 1, 1, 1], [3, 1, 1]], // prettier-ignore
  [[2, 3, 4], [2, 4, 2]], // prettier-ignore
]

describe('axes under an ellipsis broadcast', () => {
  const cases = SHAPES.flatMap(([a, b]) => [
    ...meaning([two(a, b, (x, y) => loom.einsum('...ij,...jk->...ik', x, y))], products),
    ...meaning([two(a, b, (x, y) => loom.einsum('...ij,...jk', x, y))], products),
  ])
  const POINTS: typeof SHAPES = [[[2, 1], [1, 3]], [[3], [2, 1]], [[], [2, 1]], [[1], [1]]] // prettier-ignore
  const more = POINTS.flatMap(([a, b]) => [
    ...meaning([two(a, b, (x, y) => loom.einsum('...,...->...', x, y))], pointwise),
    ...meaning([two(a, b, (x, y) => loom.einsum('...,...->', x, y))], sumOf),
  ])
  it.each(
    [...cases, ...more].map((c, i) => [`${i}: ${c.inputs.map((x) => `[${x.shape.join()}]`).join(' ')}`, c] as const),
  )('%s', (_, c) => checkComposed(c))
})

it('axes of nothing take those of 1 along', () => {
  const y = loom.einsum('...i,...i->...', loom.fill([0, 3], 1), loom.fill([1, 3], 1))
  expect(y.shape).toEqual([0])
})

it.each<[string, readonly number[], readonly number[]]>([
  ['...ij,...jk->...ik', [2, 3, 4], [3, 4, 5]],
  ['ij,jk->ik', [3, 1], [4, 5]],
  ['bij,bjk->bik', [1, 3, 4], [2, 4, 5]],
])('%s of %j and %j is refused', (equation, a, b) => {
  expectFault(() => loom.einsum(equation, loom.fill(a, 1), loom.fill(b, 1)), loom.GraphError, 'einsum', 'elsewhere')
})
