import { expect, test } from 'vitest'
import { helperText } from '../../src/codegen/js-math'
import { hostText } from '../../src/codegen/wasm/host-text'
import { OPERATIONS } from '../../src/codegen/wasm/operations'
import { MEANING, type PointFn } from '../../src/ir/evaluate'

/** Those of integers and conditions, those written out before, and those that the emitter writes in instructions. */
const OTHERS: readonly PointFn[] = [
  ...(['bitAnd', 'bitOr', 'bitXor', 'shiftLeft', 'shiftRight', 'rotateLeft', 'and', 'or', 'not', 'select'] as const),
  ...(['threefry0', 'threefry1'] as const),
  ...(['scale', 'pow2', 'exponent', 'mantissa'] as const),
]
const IMPORTED = (Object.keys(MEANING) as PointFn[]).filter(
  (fn) => !OTHERS.includes(fn) && OPERATIONS.float64[fn] === undefined,
)

const VALUES = [
  ...[0, -0, 1, -1, NaN, Infinity, -Infinity, Number.MIN_VALUE, -Number.MAX_VALUE, 1e-310, 0.5, 2, 3, 28.5, -800, 710],
  ...Array.from({ length: 400 }, (_, i) => Math.sin(i * 12.9898) * 2 ** ((i % 23) - 12)),
]

const { members, helpers } = hostText(IMPORTED)
const made = new Function(`'use strict'\n${helperText(helpers, { types: false })}\nreturn { ${members.join(', ')} }`)
const host = (made as () => Readonly<Record<string, (...args: number[]) => number>>)()

test('every function that a module may import is there', () => {
  expect(IMPORTED.length).toBeGreaterThan(20)
  expect(Object.keys(host)).toEqual(IMPORTED)
  expect(members).toEqual(expect.arrayContaining(['exp: Math.exp', 'erf', 'rem: (a, b) => a % b']))
})

test.each(IMPORTED)('%s has its meaning, bit for bit', (fn) => {
  const right = MEANING[fn]
  const seconds = right.length === 2 ? VALUES.slice(0, 60) : [0]
  for (const a of VALUES)
    for (const b of seconds) {
      const [value, expected] = [host[fn]!(a, b), right(a, b)]
      if (!Object.is(value, expected)) expect(value, `${fn}(${a}, ${b})`).toBe(expected)
    }
})

test('what is no function of the host is refused', () => {
  expect(() => hostText(['pow2'])).toThrow('pow2')
})
