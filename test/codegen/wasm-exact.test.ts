import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { source } from 'gradloom/inspect'
import { describe, expect, test } from 'vitest'

const { cast, compile, entry, floorDiv, fmod, mod, tensor } = loom
type Floats = 'float32' | 'float64'

const round = { float32: Math.fround, float64: (x: number) => x }
const arrays = { float32: Float32Array, float64: Float64Array }
const LEAST = { float32: 2 ** -149, float64: 2 ** -1074 }
const NORMAL = { float32: 2 ** -126, float64: 2 ** -1022 }
const MOST = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE }
const DIGITS = { float32: 24, float64: 53 }

const BORDERS = [1, 2, 3].map((k) => k * 2 ** 31).concat([2 ** 28, 2 ** 32, 2 ** 53, 2 ** 55, 3 * 2 ** 54])
/** With the numbers beside each, and of both signs. */
function edges(dtype: Floats): number[] {
  const step = 2 ** -DIGITS[dtype]
  const around = [1, 3, 0.1, 7.5, 100, 1e10, 1e30, NORMAL[dtype], ...BORDERS]
  const sizes = around.flatMap((x) => [x, x * (1 - step), x * (1 + 2 * step)])
  const all = [0, LEAST[dtype], 5 * LEAST[dtype], MOST[dtype], MOST[dtype] / 3, Infinity, ...sizes].map(round[dtype])
  return [...all, ...all.map((x) => -x), NaN]
}

/** Numbers of any size, the same each time. */
function anyOf(dtype: Floats, count: number, seed: number): number[] {
  let state = seed
  const draw = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  const reach = dtype === 'float32' ? 148 : 1073
  return Array.from({ length: count }, () => round[dtype]((1 + draw()) * (draw() < 0.5 ? -1 : 1) * 2 ** (draw() * 2 * reach - reach))) // prettier-ignore
}

const RUNS = [
  { target: 'js' },
  { target: 'wasm' },
  { target: 'wasm', schedule: 'plain' },
  { target: 'wasm', fuse: false },
] as const

/** What a function gives on every target, which must be the same. */
function everywhere(
  dtype: Floats,
  operands: readonly (readonly number[])[],
  body: (...xs: Tensor[]) => Tensor,
): number[] {
  const names = operands.map((_, i) => `x${i}`)
  const inputs = Object.fromEntries(names.map((name, i) => [name, tensor([operands[i]!.length], dtype)]))
  const feeds = Object.fromEntries(names.map((name, i) => [name, arrays[dtype].from(operands[i]!)]))
  const all = RUNS.map((options) => {
    const run = compile(
      entry(inputs, (xs: Readonly<Record<string, Tensor>>) => ({ outputs: { y: body(...names.map((n) => xs[n]!)) } })),
      { ...options, threads: 1 },
    )
    return Array.from((run(feeds) as unknown as { readonly y: Float32Array }).y)
  })
  for (const found of all) expect(found).toEqual(all[0])
  return all[0]!
}

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  const store = round[dtype]
  const few = edges(dtype)
  const [a, b] = [few.flatMap((x) => few.map(() => x)), few.flatMap(() => few)]
  const pairs = {
    'edges by edges': [a, b],
    'any by any': [anyOf(dtype, 3001, 1), anyOf(dtype, 3001, 2)],
    'whole multiples, and the numbers beside them': [
      Array.from({ length: 999 }, (_, i) => store((i - 500) * 0.7)),
      Array.from({ length: 999 }, () => store(0.7)),
    ],
  }

  test.each(Object.entries(pairs))('remainders are exact: %s', (_, [a, b]) => {
    const rest = a!.map((x, i) => x % b![i]!)
    expect(everywhere(dtype, [a!, b!], fmod)).toEqual(rest)
    const moved = rest.map((r, i) => (r !== 0 && r < 0 !== b![i]! < 0 ? store(r + b![i]!) : r))
    expect(everywhere(dtype, [a!, b!], mod)).toEqual(moved)
  })

  test('whole quotients are those of remainders', () => {
    const a = Array.from({ length: 2001 }, (_, i) => store((i - 1000) * 0.35))
    const b = a.map((_, i) => store([0.7, -0.7, 3, 1e-3, -100][i % 5]!))
    const floors = a.map((x, i) => {
      const rest = x % b[i]!
      const isOff = rest !== 0 && rest < 0 !== b[i]! < 0
      const whole = Math.round((x - rest) / b[i]!)
      return isOff ? whole - 1 : whole
    })
    expect(everywhere(dtype, [a, b], floorDiv)).toEqual(floors)
  })

  test('by one number, at every length', () => {
    for (let length = 1; length <= 9; length++) {
      const x = anyOf(dtype, length, length)
      for (const by of [1, -0.7, LEAST[dtype], Infinity]) {
        const rest = x.map((v) => v % store(by))
        expect(everywhere(dtype, [x], (t) => fmod(t, by))).toEqual(rest)
      }
      expect(everywhere(dtype, [x], (t) => cast(t, 'int32'))).toEqual(x.map((v) => v | 0))
    }
  })

  test('integers are the whole part modulo 2^32, and its low byte', () => {
    const x = [...few, ...few.map((v) => store(v + 0.5)), ...few.map((v) => store(v * 0.7)), ...anyOf(dtype, 3000, 3)]
    expect(everywhere(dtype, [x], (t) => cast(t, 'int32'))).toEqual(x.map((v) => v | 0))
    expect(everywhere(dtype, [x], (t) => cast(t, 'uint8'))).toEqual(x.map((v) => v & 255))
  })
})

test('float32 needs neither the host nor one lane after the other', () => {
  const run = compile(
    entry({ x: tensor([64]), y: tensor([64]) }, ({ x, y }) => ({ outputs: { m: mod(x, y), i: cast(x, 'int32') } })),
    { target: 'wasm', threads: 1 },
  )
  const text = source(run, { target: 'wasm', schedule: 'fast' })
  expect(text).toContain('i32x4.trunc_sat_f32x4_s')
  expect(text).not.toMatch(/extract_lane|\(import "math"/)
})
