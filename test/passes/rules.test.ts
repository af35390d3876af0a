import * as loom from 'gradloom'
import { mul } from 'gradloom'
import { describe, expect, it } from 'vitest'
import type { AnyOp } from '../../src/ir/op'
import { apply, type Tensor } from '../../src/ir/tensor'
import { type DType, DTYPES, isFloat } from '../../src/ir/type'
import { constantValue, makeInput, scalarConstant } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'
import { rewrite } from '../../src/passes/rewrite'
import { ALGEBRA } from '../../src/passes/rules/algebra'
import { compileRule } from '../../src/passes/rules/match'
import { type ParsedRule, parseRule, type Pattern, type TextRule, variantsOf } from '../../src/passes/rules/pattern'
import { simplification, textRules } from '../../src/passes/simplify'
import { randomNumbers } from '../ops/cases'
import { evaluateGraph, roundFloat32 } from '../ops/reference'
import { SPECIAL, type Values } from './special-values'

const random = randomNumbers(3)
const signed = (v: number): number => (random() < 0.5 ? -v : v)
const ORDINARY: Values = Array.from({ length: 40 }, () => Math.fround(signed(10 ** (6 * random() - 3))))

const LOGICAL: readonly string[] = ['logicalNot', 'logicalAnd', 'logicalOr', 'logicalXor']
/** The dtype of what stands as an operand, where that is no op itself. */
const dtypeAt = (op: string, i: number, dtype: DType): DType =>
  LOGICAL.includes(op) || (op === 'where' && i === 0) ? 'bool' : dtype

/** The named tensors of a pattern, bools where a condition stands. */
function namesIn(p: Pattern, dtype: DType = 'float64', found = new Map<string, 'any' | 'bool' | 'constant'>()) {
  if (p.kind === 'op') p.args.forEach((arg, i) => namesIn(arg, dtypeAt(p.op, i, 'float64'), found))
  else if (p.kind !== 'number')
    found.set(p.name, p.kind === 'constant' ? 'constant' : dtype === 'bool' ? 'bool' : 'any')
  return found
}

function tensorOf(p: Pattern, named: ReadonlyMap<string, Tensor>, dtype: DType, at = dtype): Tensor {
  if (p.kind === 'number') return scalarConstant(p.value, at)
  if (p.kind !== 'op') return named.get(p.name)!
  const operands = p.args.map((arg, i) => tensorOf(arg, named, dtype, dtypeAt(p.op, i, dtype)))
  return apply(OPS[p.op as OpName] as AnyOp, operands, {})
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

/** The dtype of a side over operands of a dtype; none if some op does not take them, or a number is none of its values. */
function typeOf(p: Pattern, dtype: DType, at = dtype): DType | undefined {
  if (p.kind === 'number') return Object.is(constantValue(scalarConstant(p.value, at)), p.value) ? at : undefined
  if (p.kind !== 'op') return at
  const api = loom as unknown as Readonly<Record<string, (...operands: Tensor[]) => Tensor>>
  const dtypes = p.args.map((arg, i) => typeOf(arg, dtype, dtypeAt(p.op, i, dtype)))
  if (dtypes.includes(undefined)) return undefined
  const operands = dtypes.map((d) => makeInput('x', { shape: [], dtype: d! }))
  try {
    const made = api[p.op]!(...operands)
    return made.inputs.every((x, i) => x === operands[i]) ? made.dtype : undefined
  } catch {
    return undefined
  }
}
const variantsFor = (text: TextRule): { rule: ParsedRule; dtype: DType }[] =>
  variantsOf(parseRule(text)).flatMap((rule) => {
    const legal = (text.dtypes ?? DTYPES).filter((d) => typeOf(rule.left, d) !== undefined)
    return legal.map((dtype) => ({ rule, dtype }))
  })
const NONE: ReadonlyMap<string, number> = new Map()
const pairsOf = (values: Values) => values.flatMap((c) => values.map((d) => new Map([['c', c], ['d', d]]))) // prettier-ignore
const constantsFor = ({ left }: ParsedRule, dtype: DType) =>
  [...namesIn(left).values()].includes('constant') ? pairsOf([...SPECIAL[dtype], 3]) : [NONE]

const TEXTS = Object.values(ALGEBRA).flat()

describe('text rules', () => {
  const isSignLost = (s: Sides): boolean => isZeroPair(s.left, s.right) && !isSame(s)
  const exact = TEXTS.filter((text) => text.exact && !text.unsafe)
  it.each(exact)('$rule holds for every operand', (text) => {
    const all = variantsFor(text).flatMap(({ rule, dtype }) => {
      const operands = [...SPECIAL[dtype], ...(isFloat(dtype) && namesIn(rule.left).size < 4 ? ORDINARY : [])]
      const sides = constantsFor(rule, dtype).flatMap((constants) => bothSides(rule, dtype, operands, constants) ?? [])
      expect(sides, 'the rule applies').not.toEqual([])
      return sides
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
    const applied = (fastMath: boolean) => Object.keys(OPS).flatMap((op) => textRules(op, { fastMath }))
    expect(new Set(applied(true))).toEqual(new Set(TEXTS))
    expect(applied(false)).toEqual(applied(true).filter((text) => !text.unsafe))
    const zero = mul(makeInput('x', { dtype: 'float32', shape: [] }), 0)
    expect(rewrite([zero], simplification()).roots[0]!.op.name).toBe('mul')
    expect(rewrite([zero], simplification({ fastMath: true })).roots[0]!.op.name).toBe('constant')
  })
})
