import { add, cast, compile, constant, div, type DType, entry, grad, neg, pow, sum, tanh, tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { toposort } from '../../src/ir/graph'
import type { AnyOp } from '../../src/ir/op'
import { apply, type Tensor } from '../../src/ir/tensor'
import { isFloat } from '../../src/ir/type'
import { constantValue, makeInput, scalarConstant } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'
import { rewrite } from '../../src/passes/rewrite'
import { ALGEBRA } from '../../src/passes/rules/algebra'
import { foldConstants } from '../../src/passes/rules/fold'
import { compileRule } from '../../src/passes/rules/match'
import { type ParsedRule, parseRule, type Pattern, type TextRule, variantsOf } from '../../src/passes/rules/pattern'
import { STRUCTURE } from '../../src/passes/rules/structure'
import { simplification } from '../../src/passes/simplify'
import { randomNumbers } from '../ops/cases'
import { evaluateGraph, roundFloat32 } from '../ops/reference'

type Side = 'float32' | 'float64' | 'int32'
type Values = readonly number[]

/** Zeros, infinities, NaN, the ends of the range and what lies between, for each dtype. */
const ANY_FLOAT = [0, -0, Infinity, -Infinity, NaN, 1, -1, 0.1, -7e3]
const SPECIAL: Readonly<Record<Side, Values>> = {
  float32: [...ANY_FLOAT, 2 ** -149, -(2 ** -140), 2 ** -126, 2 ** 127].map(Math.fround),
  float64: [...ANY_FLOAT, 5e-324, -1e-310, 2 ** -1022, Number.MAX_VALUE],
  int32: [0, 1, -1, 2, 2 ** 31 - 1, -(2 ** 31), 12345, -70000],
}
const random = randomNumbers(3)
const ORDINARY: Values = Array.from({ length: 40 }, () =>
  Math.fround((random() < 0.5 ? -1 : 1) * 10 ** (6 * random() - 3)),
)

/** The named tensors of a pattern, bools where a condition stands. */
function namesIn(p: Pattern, isCondition = false, found = new Map<string, 'any' | 'bool' | 'constant'>()) {
  if (p.kind === 'op') p.args.forEach((arg, i) => namesIn(arg, p.op === 'where' && i === 0, found))
  else if (p.kind !== 'number') found.set(p.name, p.kind === 'constant' ? 'constant' : isCondition ? 'bool' : 'any')
  return found
}

function tensorOf(p: Pattern, named: ReadonlyMap<string, Tensor>, dtype: DType): Tensor {
  if (p.kind === 'number') return scalarConstant(p.value, dtype)
  if (p.kind !== 'op') return named.get(p.name)!
  return apply(OPS[p.op as OpName] as AnyOp, p.args.map((arg) => tensorOf(arg, named, dtype)), {}) // prettier-ignore
}

interface Sides {
  readonly left: number
  readonly right: number
  readonly at: string
}

/** Both sides at every combination of the operands, rounded after each op; undefined where the rule does not apply. */
function bothSides(rule: ParsedRule, dtype: Side, operands: Values, constants: ReadonlyMap<string, number>) {
  const names = [...namesIn(rule.left)]
  const free = names.filter(([, kind]) => kind !== 'constant')
  const points = free.reduce<number[][]>(
    (all, [, kind]) => all.flatMap((p) => (kind === 'bool' ? [0, 1] : operands).map((v) => [...p, v])),
    [[]],
  )
  const named = new Map<string, Tensor>()
  for (const [name, kind] of names) {
    const type = { dtype: kind === 'bool' ? ('bool' as const) : dtype, shape: [points.length] }
    named.set(name, kind === 'constant' ? scalarConstant(constants.get(name)!, dtype) : makeInput(name, type))
  }
  const left = tensorOf(rule.left, named, dtype)
  const result = compileRule(rule)[1](left)
  if (!result) return undefined
  const feeds = new Map(free.map(([name], k) => [named.get(name)!, points.map((p) => p[k]!)]))
  const [a, b] = evaluateGraph([left, result], feeds, { round: roundFloat32 })
  return points.map((p, i): Sides => ({ left: a!.data[i]!, right: b!.data[i]!, at: `${dtype} at ${p.join(', ')}` }))
}

const isZeroPair = (a: number, b: number): boolean => a === 0 && b === 0
const isSame = ({ left, right }: Sides, zeroSign = false): boolean =>
  Object.is(left, right) || (zeroSign && isZeroPair(left, right))
const isNear = ({ left, right }: Sides, dtype: Side): boolean =>
  Math.abs(left - right) <= 3 * (dtype === 'float32' ? 2 ** -23 : 2 ** -52) * Math.abs(left)

const divides = (p: Pattern): boolean => p.kind === 'op' && (p.op === 'div' || p.args.some(divides))
const dtypesOf = ({ left, text }: ParsedRule): Side[] =>
  (['float32', 'float64', 'int32'] as const).filter(
    (dtype) => (text.dtypes ?? [dtype]).includes(dtype) && (isFloat(dtype) || !divides(left)),
  )
const variantsFor = (text: TextRule) =>
  variantsOf(parseRule(text)).flatMap((rule) => dtypesOf(rule).map((dtype) => ({ rule, dtype })))
const NONE: ReadonlyMap<string, number> = new Map()
const pairsOf = (values: Values) => values.flatMap((c) => values.map((d) => new Map([['c', c], ['d', d]]))) // prettier-ignore

describe('text rules', () => {
  const exact = ALGEBRA.filter((text) => text.exact && !text.unsafe)
  it.each(exact)('$rule holds for every operand', (text) => {
    for (const { rule, dtype } of variantsFor(text)) {
      const sides = bothSides(rule, dtype, [...SPECIAL[dtype], ...(dtype === 'int32' ? [] : ORDINARY)], NONE)
      expect(sides, 'the rule applies').toBeDefined()
      expect(sides!.filter((s) => !isSame(s, text.zeroSign))).toEqual([])
    }
  })

  it.each(ALGEBRA.filter((text) => text.zeroSign))('$rule differs in the sign of a zero', (text) => {
    const all = variantsFor(text).flatMap(({ rule, dtype }) => bothSides(rule, dtype, [0, -0, 1, -1], NONE) ?? [])
    expect(all.some((s) => isZeroPair(s.left, s.right) && !isSame(s))).toBe(true)
  })

  const inexact = ALGEBRA.filter((text) => !text.exact)
  it.each(inexact)('$rule holds up to rounding', (text) => {
    let differs = false
    for (const { rule, dtype } of variantsFor(text)) {
      const isInteger = dtype === 'int32'
      for (const constants of pairsOf(isInteger ? [2, -3, 2 ** 30] : [2, -3, 0.1, 1e-3, 7])) {
        const sides = bothSides(rule, dtype, isInteger ? SPECIAL[dtype] : ORDINARY, constants)
        expect(sides, 'the rule applies').toBeDefined()
        expect(sides!.filter((s) => (isInteger ? !isSame(s) : !isNear(s, dtype)))).toEqual([])
        differs ||= sides!.some((s) => !isSame(s))
      }
    }
    expect(differs, 'a rule that never differs would be exact').toBe(true)
  })

  it.each(inexact)('$rule loses nothing at infinities, NaN and extreme constants', (text) => {
    for (const { rule, dtype } of variantsFor(text).filter((v) => v.dtype !== 'int32')) {
      const extreme = dtype === 'float32' ? [1e30, 1e-30, -1e20] : [1e300, 1e-300, -1e200]
      for (const constants of pairsOf([0, -0, Infinity, NaN, 3, ...extreme])) {
        const sides = bothSides(rule, dtype, [0, -0, Infinity, -Infinity, NaN, 1, 0.1], constants) ?? []
        expect(sides.filter((s) => !isSame(s) && !isNear(s, dtype) && Number.isFinite(s.left) && s.left !== 0)).toEqual(
          [],
        )
        const atSpecial = sides.filter((s) => /at (-?0|-?Infinity|NaN)$/.test(s.at))
        expect(atSpecial.filter((s) => !isSame(s, true))).toEqual([])
      }
    }
  })

  it.each(ALGEBRA.filter((text) => text.unsafe))('$rule is rightly called unsafe', (text) => {
    for (const { rule, dtype } of variantsFor(text)) {
      const ordinary = bothSides(rule, dtype, dtype === 'int32' ? SPECIAL.int32 : ORDINARY, NONE)
      expect(ordinary!.filter((s) => !isSame(s, text.zeroSign))).toEqual([])
      const special = bothSides(rule, dtype, SPECIAL[dtype], NONE)!
      if (dtype !== 'int32')
        expect(
          special.some((s) => !isSame(s, true)),
          dtype,
        ).toBe(true)
    }
  })
})

const x = makeInput('x', { dtype: 'float32', shape: [2, 3] })
const cube = makeInput('cube', { dtype: 'float64', shape: [2, 3, 4] })
const row = makeInput('row', { dtype: 'float32', shape: [3] })
const ones = makeInput('ones', { dtype: 'int32', shape: [1, 4, 1] })
const LEAVES = [x, cube, row, ones]
const op = (name: OpName, inputs: readonly Tensor[], attrs: unknown): Tensor => apply(OPS[name] as AnyOp, inputs, attrs)
const stretch = (t: Tensor, ...shape: number[]): Tensor => op('broadcastTo', [t], { shape })
const flip = (t: Tensor, axes: readonly number[]): Tensor => op('flip', [t], { axes })

const permute = (t: Tensor, ...permutation: number[]): Tensor => op('transpose', [t], { permutation })
const shaped = (t: Tensor, ...shape: number[]): Tensor => op('reshape', [t], { shape })
const reduced = (name: 'sum' | 'max', t: Tensor, axes: readonly number[], keepDims: boolean): Tensor =>
  op(name, [t], { axes, keepDims })

/** Graphs to which rules of structure apply. */
const EXAMPLES: readonly Tensor[] = [
  add(constant(0.1), constant(0.2)),
  add(x, stretch(row, 2, 3)),
  op('where', [stretch(op('less', [row, row], {}), 2, 3), stretch(row, 2, 3), x], {}),
  op('identity', [x], {}),
  ...[shaped(shaped(x, 3, 2), 6, 1), shaped(x, 2, 3), shaped(constant(3), 1, 1)],
  ...[permute(x, 0, 1), permute(permute(cube, 2, 0, 1), 1, 0, 2), permute(permute(cube, 2, 0, 1), 2, 0, 1)],
  ...[stretch(x, 2, 3), stretch(stretch(row, 1, 3), 4, 2, 3)],
  ...[flip(flip(x, [0, 1]), [0, 1]), flip(flip(x, [0]), [1])],
  ...[8, -0.5, 2 ** -100, 2 ** 100, 3, Infinity].map((c) => div(x, c)),
  op('cast', [x], { dtype: 'float32' }),
  ...[cast(constant(300.7), 'uint8'), cast(constant(-1, { dtype: 'int32' }), 'bool')],
  ...(['sum', 'max'] as const).flatMap((name) => [
    ...[reduced(name, ones, [0, 2], false), reduced(name, ones, [0], true)],
    ...[reduced(name, cube, [0, 2], true), reduced(name, x, [1], true)],
  ]),
]
const special = (t: Tensor): number[] => {
  const from = SPECIAL[t.dtype as Side]
  return Array.from({ length: t.shape.reduce((n, d) => n * d, 1) }, (_, i) => from[(7 * i + 3) % from.length]!)
}

describe('rules of structure', () => {
  const feeds = new Map(LEAVES.map((t) => [t, special(t)]))
  it.each(STRUCTURE.map(([name, rule], i) => ({ name: `${i} of ${name}`, head: name, rule })))(
    '$name keeps values',
    ({ head, rule }) => {
      const matching = EXAMPLES.filter((t) => head === '*' || head === t.op.name)
      const fired = matching.flatMap((t) => {
        const made = rule(t)
        return made ? [[t, made] as const] : []
      })
      expect(fired.length, 'an example to which it applies').toBeGreaterThan(0)
      for (const [t, made] of fired) {
        expect([made.dtype, made.shape]).toEqual([t.dtype, t.shape])
        const [a, b] = evaluateGraph([t, made], feeds, { round: roundFloat32 })
        expect(Array.from(b!.data, (v) => v + 0)).toEqual(Array.from(a!.data, (v) => v + 0))
      }
    },
  )

  it.each(['float32', 'float64', 'int32'] as const)(
    'folds pointwise ops of %s constants to what they compute',
    (dtype) => {
      const constants = SPECIAL[dtype].map((v) => scalarConstant(v, dtype))
      const binary: OpName[] = ['add', 'sub', 'mul', 'maximum', 'less', 'lessEqual', 'equal', 'notEqual']
      const unary: OpName[] = ['neg', 'square', 'relu', 'identity']
      if (dtype !== 'int32') unary.push('exp', 'log', 'sqrt', 'tanh', 'sigmoid')
      if (dtype !== 'int32') binary.push('div')
      const graphs = constants.flatMap((a) => [
        ...unary.map((name) => op(name, [a], {})),
        ...binary.flatMap((name) => constants.map((b) => op(name, [a, b], {}))),
      ])
      for (const t of graphs) {
        const expected = evaluateGraph([t], new Map(), { round: roundFloat32 })[0]!.data[0]!
        const actual = constantValue(foldConstants(t)!)!
        const isEqual = Object.is(actual + 0, expected + 0) || Math.abs(actual - expected) <= 1e-15 * Math.abs(expected)
        if (!isEqual)
          expect.fail(`${t.op.name}(${t.inputs.map(constantValue).join()}) folds to ${actual}, not ${expected}`)
      }
    },
  )
})

describe('the rewriter', () => {
  const RULES = simplification()
  const chain = (depth: number, link: (t: Tensor, i: number) => Tensor, from: Tensor = x): Tensor => {
    let t = from
    for (let i = 0; i < depth; i++) t = link(t, i)
    return t
  }

  it('makes equal tensors one and keeps unequal ones apart', () => {
    const [a, b] = rewrite([tanh(add(x, row)), tanh(add(x, row))], new Map()).roots
    expect(a).toBe(b)
    const apart = [
      pow(x, 2.5), pow(x, 3.5), add(x, constant(0)), add(x, constant(-0)), add(row, x), cast(x, 'int32'), cast(x, 'uint8'),
      op('sum', [x], { axes: [0], keepDims: false }), op('sum', [x], { axes: [1], keepDims: false }),
      constant(1), constant(1, { dtype: 'float64' }), makeInput('x', x), x,
    ] // prettier-ignore
    expect(new Set(rewrite(apart, new Map()).roots).size).toBe(apart.length)
  })

  it('walks chains of any depth', () => {
    const depth = 2000
    expect(toposort(rewrite([chain(10 * depth, tanh)], RULES).roots)).toHaveLength(10 * depth + 1)
    expect(rewrite([chain(depth, neg)], RULES).roots).toEqual([x])
    const views = chain(depth, (t, i) => op('reshape', [t], { shape: i % 2 ? [2, 3] : [6] }))
    expect(rewrite([views], RULES).roots).toEqual([x])
    const sums = chain(depth, (t, i) => op('mul', [t, constant(i % 2 ? 0.5 : 2)], {}))
    expect(rewrite([sums], RULES).roots).toEqual([x])
  })

  it('serves a chain of 2,000 layers with its gradient', () => {
    const net = compile(
      entry({ x: tensor([3], 'float64') }, ({ x }) => {
        const y = chain(2000, tanh, x)
        return { outputs: { y, g: grad(sum(y), [x])[0] } }
      }),
    )
    const y = net({ x: [1, 0, -1e-3] }).y as Float64Array
    let expected = 1
    for (let i = 0; i < 2000; i++) expected = Math.tanh(expected)
    expect(y[0]).toBeCloseTo(expected, 12)
  })
})
