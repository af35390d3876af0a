import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formulaText } from '../../src/codegen/formula-text'
import { type Formula, nameF } from '../../src/ir/formula'
import { type ContractAttrs, contractOp } from '../../src/ops/contract'

/** A tensor by shape, row by row. */
interface Values {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
const EXTENTS = [2, 3, 4, 5]

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)
const at = ({ shape, data }: Values, index: readonly number[]): number =>
  data[index.reduce((p, i, k) => p * shape[k]! + i, 0)]!
const points = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>((list, d) => list.flatMap((p) => Array.from({ length: d }, (_, i) => [...p, i])), [[]])
const made = (shape: readonly number[], of: (index: readonly number[]) => number): Values => ({
  shape,
  data: points(shape).map(of),
})

function contracted(a: Values, b: Values, attrs: ContractAttrs): Values {
  const labels = [...new Set([...attrs.a, ...attrs.b])]
  const summed = labels.filter((l) => !attrs.out.includes(l))
  const pick = (list: readonly number[], p: ReadonlyMap<number, number>): number[] => list.map((l) => p.get(l)!)
  return made(
    attrs.out.map((l) => EXTENTS[l]!),
    (out) =>
      points(summed.map((l) => EXTENTS[l]!)).reduce((total, k) => {
        const p = new Map([...attrs.out.map((l, i) => [l, out[i]!] as const), ...summed.map((l, i) => [l, k[i]!] as const)]) // prettier-ignore
        return total + at(a, pick(attrs.a, p)) * at(b, pick(attrs.b, p))
      }, 0),
  )
}

/** As NumPy multiplies matrices and vectors, stacks of them too. */
function product(a: Values, b: Values): Values {
  if (a.shape.length === 1 && b.shape.length === 1) return made([], () => a.data.reduce((s, x, i) => s + x * b.data[i]!, 0)) // prettier-ignore
  const [left, right] = [a.shape.length === 1 ? [1, ...a.shape] : a.shape, b.shape.length === 1 ? [...b.shape, 1] : b.shape] // prettier-ignore
  const [A, B] = [
    { ...a, shape: left },
    { ...b, shape: right },
  ]
  const stacks = left.length > right.length ? left.slice(0, -2) : right.slice(0, -2)
  const [n, inner, m] = [left.at(-2)!, left.at(-1)!, right.at(-1)!]
  expect(right.at(-2)).toBe(inner)
  const front = (x: Values, s: readonly number[]): readonly number[] => (x.shape.length === 2 ? [] : s)
  const full = made([...stacks, n, m], (index) => {
    const [s, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!]
    let total = 0
    for (let k = 0; k < inner; k++) total += at(A, [...front(A, s), i, k]) * at(B, [...front(B, s), k, j])
    return total
  })
  const shape = [...stacks, ...(a.shape.length === 1 ? [] : [n]), ...(b.shape.length === 1 ? [] : [m])]
  return { ...full, shape }
}

function meant(formula: Formula, given: Readonly<Record<string, Values>>): Values {
  if (formula.kind === 'name') return given[formula.name]!
  if (formula.kind === 'transpose') {
    const x = meant(formula.of, given)
    const swap = (index: readonly number[]): number[] => [...index.slice(0, -2), index.at(-1)!, index.at(-2)!]
    return made(swap(x.shape), (index) => at(x, swap(index)))
  }
  if (formula.kind !== 'infix') throw new Error(`no product: ${formulaText(formula)}`)
  const [a, b] = [meant(formula.a, given), meant(formula.b, given)]
  if (formula.symbol === '·') return product(a, b)
  expect(formula.symbol).toBe('⊗')
  return made([...a.shape, ...b.shape], (index) => at(a, index.slice(0, a.shape.length)) * at(b, index.slice(a.shape.length))) // prettier-ignore
}

const labels = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1, maxLength: 3 })
const contractions: fc.Arbitrary<ContractAttrs> = fc
  .tuple(labels, labels)
  .chain(([a, b]) => {
    const all = [...new Set([...a, ...b])]
    const needed = all.filter((l) => !(a.includes(l) && b.includes(l)))
    return fc.tuple(fc.subarray(all), fc.constant(a), fc.constant(b), fc.constant(needed))
  })
  .chain(([kept, a, b, needed]) => {
    const out = [...new Set([...kept, ...needed])]
    return fc.shuffledSubarray(out, { minLength: out.length }).map((order) => ({ a, b, out: order }))
  })

test('what is written as a product of matrices or vectors is that product', () => {
  let products = 0
  fc.assert(
    fc.property(contractions, (attrs) => {
      const formula = contractOp.formula!([nameF('a'), nameF('b')], attrs)
      if (formula.kind === 'einsum') return
      products++
      const filled = (of: readonly number[], factor: number): Values => {
        const shape = of.map((l) => EXTENTS[l]!)
        return { shape, data: Array.from({ length: sizeOf(shape) }, (_, i) => ((i * factor) % 11) + 1) }
      }
      const [a, b] = [filled(attrs.a, 7), filled(attrs.b, 5)]
      expect(meant(formula, { a, b }), formulaText(formula)).toEqual(contracted(a, b, attrs))
    }),
    { numRuns: 4000 },
  )
  expect(products).toBeGreaterThan(400)
})

test.each<[ContractAttrs, string]>([
  [{ a: [0, 2], b: [2, 1], out: [0, 1] }, 'a · b'],
  [{ a: [2, 0], b: [2, 1], out: [0, 1] }, 'aᵀ · b'],
  [{ a: [0, 2], b: [1, 2], out: [0, 1] }, 'a · bᵀ'],
  [{ a: [2, 1], b: [0, 2], out: [0, 1] }, 'b · a'],
  [{ a: [0, 2], b: [2], out: [0] }, 'a · b'],
  [{ a: [2], b: [2, 1], out: [1] }, 'a · b'],
  [{ a: [2], b: [2], out: [] }, 'a · b'],
  [{ a: [0], b: [1], out: [0, 1] }, 'a ⊗ b'],
  [{ a: [3, 0, 2], b: [3, 1, 2], out: [3, 0, 1] }, 'a · bᵀ'],
  [{ a: [3, 0, 2], b: [2, 1], out: [3, 0, 1] }, 'a · b'],
  [{ a: [3, 2, 0], b: [3, 2, 1], out: [0, 1] }, "einsum('kli,klj->ij', a, b)"],
  [{ a: [0, 1], b: [0, 1], out: [0] }, "einsum('ij,ij->i', a, b)"],
])('%j is %s', (attrs, text) => expect(formulaText(contractOp.formula!([nameF('a'), nameF('b')], attrs))).toBe(text))
