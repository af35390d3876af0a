import { compile, emit, entry, matmul, mul, sum, tensor, variable } from 'gradloom'
import { describe, expect, it, vi } from 'vitest'

import type * as evaluate from '../../src/runtime/evaluate'

const strings = vi.hoisted(() => ({ allowed: true }))
vi.mock('../../src/runtime/evaluate', async (original) => {
  const real = await original<typeof evaluate>()
  return { ...real, allowsStrings: () => strings.allowed }
})

type Feeds = Readonly<Record<string, unknown>>
type Run = (feeds: Feeds) => { readonly y: Float32Array; readonly s: number }

const SIZE = 70
const program = (target: 'js' | 'wasm', rows: 'B' | 2) => {
  const w = variable('w', [3, 1], 1)
  const specs = { a: tensor([rows, 3]), b: tensor([rows, 3]), c: tensor([]), d: tensor([SIZE]) }
  const f = entry(specs, ({ a, b, c, d }) => ({ outputs: { y: mul(matmul(mul(a, b), w), c), s: sum(d) } }))
  return compile({ f }, { target })
}
const inMemory = (target: 'js' | 'wasm', rows: 'B' | 2): Run => program(target, rows).f as unknown as Run
const emitted = async (format: 'js' | 'wasm', rows: 'B' | 2): Promise<Run> => {
  const text = emit(program('js', rows), { format, bindings: rows === 'B' ? [{ B: 2 }, { B: 1 }] : [] })
  return ((await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { f: Run }).f
}
const withoutStrings = (rows: 'B' | 2): Run => {
  strings.allowed = false
  vi.spyOn(console, 'info').mockReturnValueOnce(undefined)
  try {
    const run = inMemory('wasm', rows)
    return (feeds) => {
      strings.allowed = false
      try {
        return run(feeds)
      } finally {
        strings.allowed = true
      }
    }
  } finally {
    strings.allowed = true
  }
}

const filled = (size: number, value: number): Float32Array => new Float32Array(size).fill(value)
const feedsOf = (rows: number, value: number): Feeds => ({
  ...{ a: filled(rows * 3, value), b: filled(rows * 3, value) },
  ...{ c: value, d: filled(SIZE, value) },
})

/** Feeds of which each is computed by what calls first. */
const KINDS: Readonly<Record<string, (feeds: Feeds, call: () => void) => Feeds>> = {
  getters: (feeds, call) =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.keys(feeds).map((key) => [
          key,
          {
            enumerable: true,
            get: () => {
              call()
              return feeds[key]
            },
          },
        ]),
      ),
    ),
  'a Proxy': (feeds, call) =>
    new Proxy(feeds, {
      get: (target, key) => {
        call()
        return target[key as string]
      },
    }),
  'a Proxy that looks at keys': (feeds, call) =>
    new Proxy(feeds, {
      ownKeys: (target) => {
        call()
        return Reflect.ownKeys(target)
      },
    }),
}

const RUNS: Readonly<Record<string, (rows: 'B' | 2) => Run | Promise<Run>>> = {
  js: (rows) => inMemory('js', rows),
  wasm: (rows) => inMemory('wasm', rows),
  'wasm without code from strings': withoutStrings,
  'a module of js': (rows) => emitted('js', rows),
  'a module of wasm': (rows) => emitted('wasm', rows),
}

describe.each(Object.keys(RUNS))('%s', (name) => {
  describe.each(Object.keys(KINDS))('feeds that are %s and call the program', (kind) => {
    it.each([
      ['of one size', 2, 2],
      ['of named dimensions, with the same size', 'B', 2],
      ['of named dimensions, with another', 'B', 1],
    ] as const)('%s', async (_, dims, inner) => {
      const run = await RUNS[name]!(dims)
      for (let turn = 0; turn < 3; turn++) {
        let isInside = false
        const feeds = KINDS[kind]!(feedsOf(2, 2), () => {
          if (isInside) return
          isInside = true
          run(feedsOf(inner, 5))
          isInside = false
        })
        const { y, s } = run(feeds)
        expect([[...y], s]).toEqual([[24, 24], 2 * SIZE])
      }
    })
  })
})
