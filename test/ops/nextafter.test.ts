import { nextafter } from 'gradloom'
import { expect, it } from 'vitest'
import { build, randomNumbers } from './cases'
import { REFERENCE } from './reference'

const random = randomNumbers(5)
const signed = (size: number): number => (random() < 0.5 ? -size : size)

it.each(
  (['js', 'wasm'] as const).flatMap((target) =>
    (['float32', 'float64'] as const).map((dtype) => ({ target, dtype, isSingle: dtype === 'float32' })),
  ),
)('nextafter is right to the last bit in $dtype on $target', ({ target, dtype, isSingle }) => {
  const [digits, least, most] = isSingle ? [23, -126, 127] : [52, -1022, 1023]
  const rounded = (v: number): number => (isSingle ? Math.fround(v) : v)
  const powers = Array.from({ length: most - least + digits }, (_, i) => 2 ** (i + least - digits))
  // Powers of two, their neighbours on both sides, and numbers of all sizes between them.
  const sizes = powers.flatMap((p) => [p, p * (1 + 2 ** -digits), p * (2 - 2 ** -digits), p * (1 + random())])
  const numbers = [...sizes.map((v) => rounded(signed(v))), 0, -0, Infinity, -Infinity, NaN]
  const pairs = numbers.flatMap((a) => [[a, Infinity], [a, -Infinity], [a, 0], [a, a], [a, NaN]] as const) // prettier-ignore
  const [a, b] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])]
  const type = { shape: [pairs.length], dtype }
  const { run } = build({ a: type, b: type }, (xs) => ({ outputs: { y: nextafter(xs['a']!, xs['b']!) } }), { target })
  const [p, q] = [a, b].map((data) => ({ ...type, data: Float64Array.from(data) }))
  const expected = REFERENCE.nextafter([p!, q!], {}, {} as never).data
  const y = run({ a, b })['y']!
  // A zero that is reached from below may have either sign.
  const missed = pairs.filter((_, i) => !(y[i] === expected[i] || (Number.isNaN(y[i]) && Number.isNaN(expected[i]))))
  expect(missed).toEqual([])
})
