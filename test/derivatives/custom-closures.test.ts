import { add, cast, compile, customGradient, entry, grad, mul, scan, square, sub, sum, tanh, tensor, type Tensor } from 'gradloom' // prettier-ignore
import { describe, expect, it } from 'vitest'

/** The value is tanh(h) x; the rule is its gradient in h, and reads x, the value of tanh and h itself from where it stands. */
const withRule = (h: Tensor, x: Tensor): Tensor => {
  const t = tanh(h)
  return customGradient(
    [h],
    () => mul(t, x),
    ({ cotangent }) => [add(mul(cotangent, mul(x, sub(1, square(t)))), mul(0, h))],
  )
}
const plain = (h: Tensor, x: Tensor): Tensor => mul(tanh(h), x)

type Body = (f: typeof plain, xs: Tensor, w: Tensor) => Tensor
const loop = (f: typeof plain, xs: Tensor, w: Tensor, more: object = {}): Tensor =>
  scan({ over: { xs }, carry: { h: w }, step: ({ h }, { xs: x }) => ({ carry: { h: f(h, x) } }), ...more }).carry.h
const BODIES: Readonly<Record<string, Body>> = {
  'a step of a scan': (f, xs, w) => loop(f, xs, w),
  'a step of a scan from the end': (f, xs, w) => loop(f, xs, w, { reverse: true }),
  'a step of a scan within a bound on memory': (f, xs, w) => loop(f, xs, w, { memory: 120 }),
  'a step of a scan in one of another': (f, xs, w) =>
    scan({ length: 2, carry: { h: w }, step: ({ h }) => ({ carry: { h: loop(f, xs, h) } }) }).carry.h,
  'the place of a turn': (f, xs, w) =>
    scan({ length: 3, carry: { h: w }, step: ({ h }, _, place) => ({ carry: { h: f(h, mul(cast(add(place, 1), 'float64'), 0.5)) } }) }).carry.h, // prettier-ignore
}

describe('a rule reads what stands around it', () => {
  const of = (f: typeof plain, body: Body, order: 1 | 2) => {
    const made = entry({ xs: tensor([4, 2], 'float64'), w: tensor([2], 'float64') }, ({ xs, w }) => {
      const [first] = grad(sum(body(f, xs, w)), [w])
      return { outputs: { g: order === 1 ? first : grad(sum(square(first)), [w])[0] } }
    })
    const xs = Float64Array.from({ length: 8 }, (_, i) => 1 + Math.sin(i))
    return (['js', 'wasm'] as const).map((target) => [...(compile(made, { target })({ xs, w: Float64Array.of(0.3, -0.7) }) as { g: Float64Array }).g]) // prettier-ignore
  }
  it.each(Object.entries(BODIES))('in %s', (_, body) => {
    for (const order of [1, 2] as const) {
      const [want, got] = [of(plain, body, order), of(withRule, body, order)]
      got.flat().forEach((v, i) => expect(Math.abs(v - want.flat()[i]!)).toBeLessThan(1e-12))
    }
  })
})
