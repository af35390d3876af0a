import fc from 'fast-check'
import type { Formula, Infix, Range } from '../../src/ir/formula'

const SYMBOLS: readonly Infix[] = [
  ...(['+', '-', '⊙', '/', '·', '⊗', '<', '≤', '=', '≠', '>', '≥', '∧', '∨', '⊻'] as const),
  ...(['&', '|', '^', '<<', '>>', 'at', 'from', 'in'] as const),
]

const range: fc.Arbitrary<Range> = fc.record({
  kind: fc.constant('range' as const),
  from: fc.nat(9),
  to: fc.integer({ min: -1, max: 9 }),
  step: fc.constantFrom(1, 2, -1),
})

/** Formulas of every kind, in every other. */
export const formulas: fc.Arbitrary<Formula> = fc.letrec<{ formula: Formula }>((tie) => {
  const inner = tie('formula')
  const several = fc.array(inner, { minLength: 1, maxLength: 3 })
  const kind = <K extends Formula['kind']>(k: K): fc.Arbitrary<K> => fc.constant(k)
  return {
    formula: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.record({ kind: kind('name'), name: fc.constantFrom('x', 'W1', 'd_W1', 'encoder/b') }),
      fc.record({ kind: kind('name'), name: fc.constantFrom('w', 'w/m'), fresh: fc.constant(true) }),
      fc.record({ kind: kind('number'), value: fc.constantFrom(0, 1, 2, 0.5, 12.25, 1e-7, -1, -0.5, Infinity, -Infinity) }), // prettier-ignore
      fc.record({ kind: kind('truth'), value: fc.boolean() }),
      fc.record({ kind: kind('ellipsis') }),
      fc.record({ kind: kind('infix'), symbol: fc.constantFrom(...SYMBOLS), a: inner, b: inner }),
      fc.record({ kind: kind('infix'), symbol: fc.constantFrom('+', '-', '⊙', '∧' as const), a: inner, b: inner }),
      fc.record({ kind: kind('prefix'), symbol: fc.constantFrom('-', '¬', '~' as const), of: inner }),
      fc.record({ kind: kind('power'), of: inner, exponent: inner }),
      fc.record({ kind: kind('transpose'), of: inner }),
      fc.record({ kind: kind('bars'), of: inner }),
      fc.record({
        kind: kind('index'),
        of: inner,
        at: fc.array(fc.oneof(range, inner), { minLength: 1, maxLength: 2 }),
      }),
      fc.record({
        kind: kind('call'),
        name: fc.constantFrom('relu', 'conv'),
        operands: several,
        options: fc.array(fc.constantFrom('step 2', 'derivative 1', [0, -3]), { maxLength: 2 }),
      }),
      fc.record({
        kind: kind('reduce'),
        name: fc.constantFrom('sum', 'max', 'mean'),
        of: inner,
        axes: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
      }),
      fc.record({
        kind: kind('einsum'),
        letters: fc.constant(['kli', 'klj']),
        result: fc.constant('ij'),
        operands: fc.tuple(inner, inner),
      }),
      fc.record({ kind: kind('indicator'), condition: inner }),
      fc.record({ kind: kind('cases'), condition: inner, yes: inner, no: inner }),
    ),
  }
}).formula
