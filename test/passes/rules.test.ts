import * as loom from 'gradloom'
import { add, cast, compile, constant, div, type DType, entry, grad, mul, neg, pow, sum, tanh, tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { toposort } from '../../src/ir/graph'
import type { AnyOp } from '../../src/ir/op'
import { apply, type Tensor } from '../../src/ir/tensor'
import { DTYPES, isFloat, sizeOf } from '../../src/ir/type'
import { constantValue, makeInput, scalarConstant } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'
import { rewrite, type RuleSet } from '../../src/passes/rewrite'
import { ALGEBRA } from '../../src/passes/rules/algebra'
import { foldConstants } from '../../src/passes/rules/fold'
import { compileRule } from '../../src/passes/rules/match'
import { type ParsedRule, parseRule, type Pattern, type TextRule, variantsOf } from '../../src/passes/rules/pattern'
import { EVERYWHERE, STRUCTURE } from '../../src/passes/rules/structure'
import { simplification } from '../../src/passes/simplify'
import { randomNumbers } from '../ops/cases'
import { evaluateGraph, roundFloat32 } from '../ops/reference'

type Values = readonly number[]

/** Zeros, infinities, NaN, the ends of the range and what lies between, for each dtype. */
const ANY_FLOAT = [0, -0, Infinity, -Infinity, NaN, 1, -1, 0.1, -7e3]
const SPECIAL: Readonly<Record<DType, Values>> = {
  float32: [...ANY_FLOAT, 2 ** -149, -(2 ** -140), 2 ** -126, 2 ** 127].map(Math.fround),
  float64: [...ANY_FLOAT, 5e-324, -1e-310, 2 ** -1022, Number.MAX_VALUE],
  int32: [0, 1, -1, 2, 2 ** 31 - 1, -(2 ** 31), 12345, -70000],
  uint8: [0, 1, 2, 77, 127, 128, 254, 255],
  bool: [0, 1],
}
const random = randomNumbers(3)
const signed = (v: number): number => (random() < 0.5 ? -v : v)
const ORDINARY: Values = Array.from({ length: 40 }, () => Math.fround(signed(10 ** (6 * random() - 3))))

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
function bothSides(rule: ParsedRule, dtype: DType, operands: Values, constants: ReadonlyMap<string, number>) {
  const names = [...namesIn(rule.left)]
  const free = names.filter(([, kind]) => kind !== 'constant')
  const points = free.reduce<number[][]>(
    (all, [, kind]) => all.flatMap((p) => (kind === 'bool' ? [0, 1] : operands).map((v) => [...p, v])),
    [[]],
  )
  const leaf = (name: string, kind: string): Tensor =>
    kind === 'constant'
      ? scalarConstant(constants.get(name)!, dtype)
      : makeInput(name, { dtype: kind === 'bool' ? 'bool' : dtype, shape: [points.length] })
  const named = new Map(names.map(([name, kind]) => [name, leaf(name, kind)]))
  const left = tensorOf(rule.left, named, dtype)
  const result = compileRule(rule)(left, new Set())
  if (!result) return undefined
  const feeds = new Map(free.map(([name], k) => [named.get(name)!, points.map((p) => p[k]!)]))
  const [a, b] = evaluateGraph([left, result], feeds, { round: roundFloat32 })
  return points.map((p, i): Sides => ({ left: a!.data[i]!, right: b!.data[i]!, at: `${dtype} at ${p.join(', ')}` }))
}

const isZeroPair = (a: number, b: number): boolean => a === 0 && b === 0
const isSame = ({ left, right }: Sides, zeroSign = false): boolean =>
  Object.is(left, right) || (zeroSign && isZeroPair(left, right))
const isNear = ({ left, right }: Sides, dtype: DType): boolean =>
  Math.abs(left - right) <= 3 * (dtype === 'float32' ? 2 ** -23 : 2 ** -52) * Math.abs(left)

/** Whether a side can be written in a dtype: some ops take no integers or bools, some numbers are none of its values. */
function isLegal(p: Pattern, dtype: DType): boolean {
  if (p.kind === 'number') return Object.is(constantValue(scalarConstant(p.value, dtype)), p.value)
  if (p.kind !== 'op') return true
  const api = loom as unknown as Readonly<Record<string, (...operands: Tensor[]) => Tensor>>
  const typeOf = (i: number): DType => (p.op === 'where' && i === 0 ? 'bool' : dtype)
  try {
    const made = api[p.op]!(...p.args.map((_, i) => makeInput('x', { shape: [], dtype: typeOf(i) })))
    return made.dtype === dtype && p.args.every((arg) => isLegal(arg, dtype))
  } catch {
    return false
  }
}
const variantsFor = (text: TextRule): { rule: ParsedRule; dtype: DType }[] =>
  variantsOf(parseRule(text)).flatMap((rule) => {
    const legal = DTYPES.filter((d) => (text.dtypes ?? DTYPES).includes(d) && isLegal(rule.left, d))
    return legal.map((dtype) => ({ rule, dtype }))
  })
const NONE: ReadonlyMap<string, number> = new Map()
const pairsOf = (values: Values) => values.flatMap((c) => values.map((d) => new Map([['c', c], ['d', d]]))) // prettier-ignore

const TEXTS = Object.values(ALGEBRA).flat()

describe('text rules', () => {
  const isSignLost = (s: Sides): boolean => isZeroPair(s.left, s.right) && !isSame(s)
  const exact = TEXTS.filter((text) => text.exact && !text.unsafe)
  it.each(exact)('$rule holds for every operand', (text) => {
    const all = variantsFor(text).flatMap(({ rule, dtype }) => {
      const sides = bothSides(rule, dtype, [...SPECIAL[dtype], ...(isFloat(dtype) ? ORDINARY : [])], NONE)
      expect(sides, 'the rule applies').toBeDefined()
      return sides!
    })
    expect(all.filter((s) => !isSame(s, text.zeroSign))).toEqual([])
    expect(all.some(isSignLost), 'a zero changes its sign').toBe(text.zeroSign ?? false)
  })

  const inexact = TEXTS.filter((text) => !text.exact)
  it.each(inexact)('$rule holds up to rounding', (text) => {
    const all = variantsFor(text).flatMap(({ rule, dtype }) => {
      const [operands, constants] = isFloat(dtype) ? [ORDINARY, [2, -3, 0.1, 7]] : [SPECIAL[dtype], [2, -3, 2 ** 30]]
      const sides = pairsOf(constants).map((pair) => bothSides(rule, dtype, operands, pair))
      expect(sides, 'the rule applies').not.toContain(undefined)
      const found = sides.flatMap((s) => s!)
      expect(found.filter((s) => (isFloat(dtype) ? !isNear(s, dtype) : !isSame(s)))).toEqual([])
      return found
    })
    expect(all.every((s) => isSame(s)), 'a rule that never differs would be exact').toBe(false) // prettier-ignore
  })

  it.each(inexact)('$rule loses nothing at infinities, NaN and extreme constants', (text) => {
    for (const { rule, dtype } of variantsFor(text).filter((v) => isFloat(v.dtype))) {
      const extreme = dtype === 'float32' ? [1e30, 1e-30, -1e20] : [1e300, 1e-300, -1e200]
      for (const constants of pairsOf([0, -0, Infinity, NaN, 3, ...extreme])) {
        const sides = bothSides(rule, dtype, [0, -0, Infinity, -Infinity, NaN, 1, 0.1], constants) ?? []
        // Where the left side itself overflows or vanishes, the right side may be better.
        const isOrdinary = ({ left }: Sides): boolean => Number.isFinite(left) && left !== 0
        expect(sides.filter((s) => isOrdinary(s) && !isNear(s, dtype))).toEqual([])
        const isSpecial = ({ at }: Sides): boolean => /at (-?0|-?Infinity|NaN)$/.test(at)
        expect(sides.filter((s) => isSpecial(s) && !isSame(s, true))).toEqual([])
      }
    }
  })

  it.each(TEXTS.filter((text) => text.unsafe))('$rule is rightly called unsafe', (text) => {
    for (const { rule, dtype } of variantsFor(text)) {
      const ordinary = bothSides(rule, dtype, isFloat(dtype) ? ORDINARY : SPECIAL[dtype], NONE)
      expect(ordinary!.filter((s) => !isSame(s, text.zeroSign))).toEqual([])
      if (!isFloat(dtype)) continue
      const wrong = bothSides(rule, dtype, SPECIAL[dtype], NONE)!.filter((s) => !isSame(s, true))
      expect(wrong.length, dtype).toBeGreaterThan(0)
    }
  })

  it('stand under the op at the top of what they replace', () => {
    for (const [op, texts] of Object.entries(ALGEBRA))
      expect(texts.map((text) => parseRule(text).left)).toEqual(texts.map(() => expect.objectContaining({ op })))
  })

  it('are left out of the simplifier where they are unsafe', () => {
    const size = (set: RuleSet): number => Object.keys(OPS).reduce((n, op) => n + set(op).length, 0)
    const unsafe = TEXTS.filter((text) => text.unsafe).flatMap((text) => variantsOf(parseRule(text)))
    expect(size(simplification({ fastMath: true })) - size(simplification())).toBe(unsafe.length)
  })
})

const x = makeInput('x', { dtype: 'float32', shape: [2, 3] })
const cube = makeInput('cube', { dtype: 'float64', shape: [2, 3, 4] })
const row = makeInput('row', { dtype: 'float32', shape: [3] })
const ones = makeInput('ones', { dtype: 'int32', shape: [1, 4, 1] })
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
  ...[8, -0.5, 2 ** -100, 2 ** 100, 3, Infinity].flatMap((c) => [div(x, c), div(cube, c)]),
  op('cast', [x], { dtype: 'float32' }),
  ...[cast(constant(300.7), 'uint8'), cast(constant(-1, { dtype: 'int32' }), 'bool')],
  ...(['sum', 'max'] as const).flatMap((name) => [
    ...[reduced(name, ones, [0, 2], false), reduced(name, ones, [0], true)],
    ...[reduced(name, cube, [0, 2], true), reduced(name, x, [1], true)],
  ]),
]
const turn = (from: Values, i: number): number => from[(7 * i + 3) % from.length]!
const special = ({ dtype, shape }: Tensor): number[] =>
  Array.from({ length: sizeOf(shape) }, (_, i) => turn(SPECIAL[dtype], i))

describe('rules of structure', () => {
  const feeds = new Map([x, cube, row, ones].map((t) => [t, special(t)]))
  const rules = [['any op', EVERYWHERE] as const, ...Object.entries(STRUCTURE)].flatMap(([head, list]) =>
    list.map((rule, i) => ({ name: `${i} of ${head}`, head, rule })),
  )
  it.each(rules)('$name keeps values', ({ head, rule }) => {
    const fired = EXAMPLES.filter((t) => head === 'any op' || head === t.op.name).flatMap((t) => {
      const made = rule(t, new Set())
      return made ? [[t, made] as const] : []
    })
    expect(fired.length, 'an example to which it applies').toBeGreaterThan(0)
    for (const [t, made] of fired) {
      expect([made.dtype, made.shape]).toEqual([t.dtype, t.shape])
      const [a, b] = evaluateGraph([t, made], feeds, { round: roundFloat32 })
      expect(Array.from(b!.data, (v) => v + 0)).toEqual(Array.from(a!.data, (v) => v + 0))
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

  it('walks chains of any depth', () => {
    const depth = 2000
    const done = (t: Tensor): Tensor => rewrite([t], RULES).roots[0]!
    expect(toposort([done(chain(10 * depth, tanh))])).toHaveLength(10 * depth + 1)
    expect(done(chain(depth, neg))).toBe(x)
    expect(done(chain(depth, (t, i) => (i % 2 ? shaped(t, 2, 3) : shaped(t, 6))))).toBe(x)
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
