import * as loom from 'gradloom'
import { source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { apply } from '../../src/ir/tensor'
import { convInputOp, convKernelOp } from '../../src/ops/conv'
import { placeT } from '../../src/ops/pool'
import { poolIndexT } from '../../src/ops/pool-index'
import { checkBounds } from '../fuzz/bounds'
import { build, randomNumbers, type Ran, sample, VARIANTS } from '../ops/cases'
import { evaluateGraph } from '../ops/reference'
import { type Net, netOf, NETS } from './placing-nets'

const WASM_PLAIN: loom.CompileOptions = { target: 'wasm', threads: 1, schedule: 'plain' }
const { fast, plain, raw, wasm } = VARIANTS
/** All in float64; in float32 those that round differently. */
const COMPILED = {
  float64: { fast, plain, raw, wasm, 'wasm plain': WASM_PLAIN },
  float32: { fast, wasm, 'wasm unfused': VARIANTS['wasm unfused'] },
} as const

/** Outputs are those of the graph before it was rewritten, by the reference. */
function expectReference(
  ran: Ran,
  results: ReturnType<Ran['run']>,
  expected: ReturnType<typeof expectedOf>,
  relative: number,
  label: string,
) {
  expect(Object.keys(results).sort()).toEqual([...expected.keys()].sort())
  for (const [name, { data }] of expected) {
    const top = data.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
    expect(top, `${label} ${name}`).toBeGreaterThan(0)
    data.forEach((v, i) => {
      const apart = Math.abs(results[name]![i]! - v)
      if (!(apart <= relative * Math.max(Math.abs(v), top / 10)))
        expect.fail(`${label} ${name}[${i}] is ${results[name]![i]}, the reference ${v}`)
    })
  }
}

function expectedOf({ traced }: Ran, feeds: ReturnType<typeof netOf>['feeds']) {
  const { outputs } = traced.roots
  const values = evaluateGraph([...outputs.values()], new Map([...traced.inputs].map(([n, t]) => [t, feeds[n]!])))
  return new Map([...outputs.keys()].map((name, i) => [name, values[i]!]))
}

/** Formulas that take their terms at computed positions. */
function formsIn(ran: Ran): string[] {
  const formulas = source(ran.net)
    .split('\n')
    .filter((line) => line.startsWith('//'))
  const found = (form: string): boolean => formulas.some((line) => new RegExp(`\\b${form}\\([^)]* at `).test(line))
  return [...(found('convKernel') ? ['gather'] : []), ...(found('convTranspose') ? ['scatter'] : [])]
}

describe('gradients through max pooling meet a convolution', () => {
  it.each(NETS.map((net) => [net.name, net] as const))('%s', (_, net) => {
    let expected: ReturnType<typeof expectedOf> | undefined
    for (const dtype of ['float64', 'float32'] as const) {
      const { inputs, feeds, body } = netOf(net, dtype)
      for (const [variant, options] of Object.entries<loom.CompileOptions>(COMPILED[dtype])) {
        const ran = build(inputs, body, options)
        expected ??= expectedOf(ran, feeds)
        expectReference(ran, ran.run(feeds), expected, dtype === 'float64' ? 1e-10 : 2e-5, `${variant} ${dtype}`)
        checkBounds(ran.specialised, options)
        if (variant === 'fast') expect(formsIn(ran)).toEqual(net.forms ?? ['gather', 'scatter'])
        if (variant === 'raw') expect(formsIn(ran)).toEqual([])
      }
    }
  })
})

const simple: Net = { name: 'simple', x: [1, 6, 6, 2], kernel: [3, 3, 3], activation: 'relu' }

describe('in the placed forms', () => {
  it.each(['js', 'wasm'] as const)('a NaN of the data reaches the gradients on %s', (target) => {
    for (const activation of ['relu', 'tanh'] as const) {
      const { inputs, feeds, body } = netOf({ ...simple, activation }, 'float32')
      const x = feeds['x']!.with(30, NaN)
      const results = build(inputs, body, { target, threads: 1 }).run({ ...feeds, x })
      expect(results['loss']![0]).toBeNaN()
      // Each channel of the result has read it.
      for (let c = 0; c < 3; c++) expect(results['d_w']!.some((v, i) => i % 3 === c && v !== v)).toBe(true)
      // The slope of relu is 0 there.
      expect(results['d_x']!.some((v) => v !== v)).toBe(activation === 'tanh')
    }
  })

  it.each(['js', 'wasm'] as const)('a cotangent of zeros gives zeros on %s', (target) => {
    const { inputs, feeds, body } = netOf(simple, 'float32')
    const results = build(inputs, body, { target, threads: 1 }).run({ ...feeds, c: [0] })
    for (const d of Object.values(results)) expect(d.every((v) => v === 0)).toBe(true)
  })

  it.each(['js', 'wasm'] as const)('zeros among the cotangents add nothing on %s', (target) => {
    // Where nothing came through relu, no tap of the kernel does anything.
    const { inputs, feeds, body } = netOf(simple, 'float32')
    const ran = build(inputs, body, { target, threads: 1 })
    const off = { ...feeds, b: [-1000, 0.5, -1000] }
    expectReference(ran, ran.run(off), expectedOf(ran, off), 2e-5, target)
    const results = ran.run(off)
    expect(results['d_w']!.every((v, i) => i % 3 === 1 || v === 0)).toBe(true)
  })

  const moves = { strides: [2, 2], dilations: [1, 1], before: [0, 0], after: [0, 0], window: [2, 2], format: 'channelsLast' } as const // prettier-ignore
  const same = { ...moves, strides: [1, 1], before: [1, 1], after: [1, 1], groups: 1, window: [3, 3] } as const
  it.each([
    ['begin elsewhere', { ...moves, before: [0, 1] }, [6, 6]],
    ['are larger', { ...moves, window: [3, 2], after: [1, 0] }, [6, 6]],
    ['lie over more', moves, [6, 7]],
    ['have gaps', { ...moves, dilations: [1, 2], after: [0, 1] }, [6, 6]],
  ] as const)('an index by other windows, which %s, stays what it is', (_, windows, size) => {
    const inputs = {
      x: { shape: [1, ...size, 2], dtype: 'float64' },
      h: { shape: [1, 6, 6, 3], dtype: 'float64' },
      g: { shape: [1, 3, 3, 3], dtype: 'float64' },
      w: { shape: [3, 3, 2, 3], dtype: 'float64' },
    } as const
    const body = (xs: Record<string, loom.Tensor>) => {
      const placed = placeT(xs['g']!, poolIndexT(xs['h']!, moves), { ...windows, size })
      return {
        outputs: {
          kernel: apply(convKernelOp, [xs['x']!, placed], same),
          input: apply(convInputOp, [placed, xs['w']!], { ...same, size }),
          ...(size[1] === 6 ? { product: loom.mul(placed, xs['h']!) } : {}),
        },
      }
    }
    const random = randomNumbers(3)
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, sample({ shape, domain: 'any' }, random)])) // prettier-ignore
    for (const [variant, options] of Object.entries<loom.CompileOptions>(COMPILED.float64)) {
      const ran = build(inputs, body, options)
      expectReference(ran, ran.run(feeds), expectedOf(ran, feeds), 1e-10, variant)
    }
  })

  it.each(['js', 'wasm'] as const)('elements as low as padding keep their gradient on %s', (target) => {
    for (const size of [2, 5]) {
      const body = (xs: Record<string, loom.Tensor>) => {
        const h = loom.conv2d(xs['x']!, xs['w']!)
        const y = loom.maxPool2d(h, { size, strides: size, padding: 'same' })
        const [x, w] = loom.grad(loom.sum(y), [xs['x']!, xs['w']!])
        return { outputs: { x, w } }
      }
      const inputs = {
        x: { shape: [1, 3, 3, 1], dtype: 'float32' },
        w: { shape: [1, 1, 1, 1], dtype: 'float32' },
      } as const
      const ran = build(inputs, body, { target, threads: 1 })
      const results = ran.run({ x: Array.from({ length: 9 }, () => -Infinity), w: [1] })
      expect([...results['x']!]).toEqual(size === 2 ? [1, 0, 1, 0, 0, 0, 1, 0, 1] : [1, 0, 0, 0, 0, 0, 0, 0, 0])
      expect([...results['w']!]).toEqual([-Infinity])
    }
  })

  it.each(['js', 'wasm'] as const)('kernels that differ only in how much they fill are not shared on %s', (target) => {
    // The last element of every second input is in no window. There are so many that kernels of equal structure share code.
    const names = Array.from({ length: 12 }, (_, i) => `x${i}`)
    const inputs = {
      w: { shape: [2, 1, 2], dtype: 'float32' },
      ...Object.fromEntries(names.map((name, i) => [name, { shape: [1, 8 + (i % 2), 1], dtype: 'float32' } as const])),
    } as const
    const body = (xs: Record<string, loom.Tensor>) => {
      const losses = names.map((name) => loom.sum(loom.square(loom.maxPool1d(loom.conv1d(xs[name]!, xs['w']!, { strides: 2 }))))) // prettier-ignore
      const found = loom.grad(losses.reduce((a, b) => loom.add(a, b)), names.map((name) => xs[name]!)) // prettier-ignore
      return { outputs: Object.fromEntries(names.map((name, i) => [name, loom.mul(found[i]!, 2)])) }
    }
    const random = (seed: number, size: number): number[] => Array.from({ length: size }, (_, i) => Math.sin(seed + i))
    const feeds = {
      w: random(1, 4),
      ...Object.fromEntries(names.map((name, i) => [name, random(i, 8 + (i % 2))])),
    }
    const ran = build(inputs, body, { target, threads: 1 })
    expectReference(ran, ran.run(feeds), expectedOf(ran, feeds), 2e-5, target)
    if (target === 'js') return
    // One function for those of 8 elements, another for those of 9.
    const text = source(ran.net, { target, schedule: 'fast' })
    const functions = [...text.matchAll(/\(func \$compute_(d_x\d+)/g)].map((match) => match[1])
    expect(functions).toEqual(['d_x0', 'd_x1'])
  })
})
