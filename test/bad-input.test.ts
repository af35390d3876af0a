import {
  add,
  cast,
  compile,
  type CompileOptions,
  entry,
  FeedError,
  fill,
  GraphError,
  max,
  mean,
  mul,
  named,
  sgd,
  sparseSoftmaxCrossEntropy,
  sum,
  tensor,
  update,
  variable,
  where,
} from 'gradloom'
import { describe, expect, test, vi } from 'vitest'
import { expectFault } from './fault'

const SPECS = {
  x: tensor([2, 3]),
  label: tensor([2], 'int32'),
  byte: tensor([2], 'uint8'),
  flag: tensor([2], 'bool'),
  k: tensor([], 'float64'),
}
const GOOD = { x: new Float32Array([1, 2, 3, 4, 5, 6]), label: [10, 20], byte: [1, 2], flag: [true, false], k: 0.5 }

/** Every dtype goes in, and a count of steps shows whether a call touched state. */
function everything(options: CompileOptions) {
  const steps = variable('steps', [], 0)
  return compile(
    entry(SPECS, ({ x, label, byte, flag, k }) => {
      const rows = add(sum(x, { axis: 1 }), add(label, add(byte, where(flag, 100, 0))))
      return { outputs: { rows, k: mul(k, 2) }, updates: [update(steps, add(steps, 1))] }
    }),
    options,
  )
}

// prettier-ignore
const WRONG: readonly [input: keyof typeof SPECS, value: unknown, ...parts: readonly string[]][] = [
  ['x', undefined, 'float32[2, 3]', 'missing'],
  ['x', null, 'missing'],
  ['x', new Float64Array(6), 'float32[2, 3]', 'Float64Array'],
  ['x', new BigInt64Array(6), 'BigInt64Array'],
  ['x', new DataView(new ArrayBuffer(24)), 'DataView'],
  ['x', new Float32Array(5), '5 values instead of 6'],
  ['x', Object.assign(new Float32Array(6), { shape: [3, 2] }), 'shape [3, 2]'],
  ['x', [1, 2, 3, 4, 5, 6], 'shape [6]'],
  ['x', [[1, 2, 3]], 'shape [1, 3]'],
  ['x', [[1, 2, 3], [4]], '1 values instead of 3 at index 1'],
  ['x', [[1, 2, 3], 4], 'number where an array of 3 is needed at index 1'],
  ['x', [[1, 2, 3], [4, 5, [6]]], 'object at index 1, 2'],
  ['x', [[1, 2, 3], [4, 5, '6']], 'string at index 1, 2'],
  ['x', [[1, 2, 3], [4, 5, null]], 'object at index 1, 2'],
  ['x', [[1, 2, 3], new Array(3)], 'nothing at index 1, 0'],
  ['x', [[1, 2, 3], [4, 5, true]], 'boolean at index 1, 2'],
  ['x', '123456', 'string'],
  ['x', { length: 6 }, 'object'],
  ['x', () => 1, 'function'],
  ['label', [1, NaN], 'int32[2]', 'NaN at index 1'],
  ['label', [1.5, 0], '1.5 at index 0'],
  ['label', [0, 2 ** 31], '2147483648 at index 1'],
  ['label', [0, Infinity], 'Infinity at index 1'],
  ['label', new BigInt64Array([1n, 2n ** 31n]), '2147483648 at index 1'],
  ['label', new BigInt64Array(3), 'BigInt64Array'],
  ['label', [1n, 2n], 'bigint at index 0'],
  ['label', new Float32Array(2), 'Float32Array'],
  ['byte', [0, 256], 'uint8[2]', '256 at index 1'],
  ['byte', [-1, 0], '-1 at index 0'],
  ['byte', new Int32Array(2), 'Int32Array'],
  ['flag', [true, 2], 'bool[2]', '2 at index 1'],
  ['flag', new Uint8Array([0, 2]), '2 at index 1'],
  ['k', [0.5], 'float64[]', 'an array'],
  ['k', '0.5', 'string'],
  ['k', 1n, 'bigint'],
  ['k', true, 'boolean'],
]

describe.each(['fast', 'plain'] as const)('feeds (%s)', (schedule) => {
  const run = everything({ schedule })
  const steps = () => run.state.get('steps')
  const call = (feeds: unknown) => run(feeds as never)

  test.each(WRONG)('%s: %s is refused and nothing has happened', (input, value, ...parts) => {
    const before = steps()
    const { [input]: _, ...rest } = GOOD as Record<string, unknown>
    expectFault(() => call({ ...rest, [input]: value }), FeedError, `input "${input}" of entry "main"`, ...parts)
    expect(steps()).toBe(before)
    expect([...call(GOOD).rows]).toEqual([117, 37])
    expect(steps()).toBe(before + 1)
  })

  test('unknown and missing inputs, and what is no object of feeds', () => {
    const before = steps()
    expectFault(() => call({ ...GOOD, y: 1 }), FeedError, '"y"', '"x", "label", "byte", "flag", "k"')
    expectFault(() => call(JSON.parse('{ "__proto__": 1 }')), FeedError, '"__proto__"')
    expectFault(() => call(Object.assign(Object.create({ z: 1 }), GOOD)), FeedError, '"z"')
    expectFault(() => call({}), FeedError, '"x"', 'missing')
    for (const feeds of [null, undefined, 3, 'x']) expectFault(() => call(feeds), FeedError, 'takes an object of feeds')
    expectFault(() => call([]), FeedError, '"x"')
    expect(steps()).toBe(before)
    const inherited = call(Object.create(GOOD))
    expect(inherited.k).toBe(1)
  })

  test('what is right in another form is taken', () => {
    const x = [
      [1, 2, 3],
      [4, 5, 6],
    ]
    const forms = { label: new BigInt64Array([10n, 20n]), byte: new Uint8Array([1, 2]), flag: [1, 0] }
    expect([...call({ ...GOOD, x, ...forms }).rows]).toEqual([117, 37])
    expect([...call({ ...GOOD, flag: new Uint8Array([1, 0]) }).rows]).toEqual([117, 37])
    const shaped = Object.assign(GOOD.x.slice(), { shape: [2, 3] })
    expect([...call({ ...GOOD, x: shaped, label: [-(2 ** 31), 2 ** 31 - 1] }).rows]).toHaveLength(2)
  })
})

test('inputs called as what every object has', () => {
  const names = ['constructor', 'toString', '__proto__'] as const
  for (const dims of [[1], ['B']] as [number][]) {
    for (const name of names) {
      const run = compile(
        entry(Object.fromEntries([[name, tensor(dims)]]), (inputs) => ({ outputs: { y: mul(inputs[name]!, 2) } })),
      ) as (feeds: unknown) => { y: Float32Array }
      expectFault(() => run({}), FeedError, `"${name}"`, 'missing')
      expect([...run(Object.fromEntries([[name, [4]]])).y]).toEqual([8])
    }
  }
})

describe('named dimensions', () => {
  const seen = variable('seen', [], 0)
  const run = compile(
    entry({ x: tensor(['B', 2]), w: tensor(['B']) }, ({ x, w }) => ({
      outputs: { total: sum(mul(sum(x, { axis: 1 }), w)), m: mean(x) },
      updates: [update(seen, add(seen, 1))],
    })),
  )
  const call = (feeds: unknown) => run(feeds as never)

  test('feeds that disagree or do not show their size', () => {
    for (let round = 0; round < 2; round++) {
      expectFault(() => call({ x: [[1, 2]], w: [1, 2] }), FeedError, '"w"', 'B')
      expectFault(() => call({ x: new Float32Array(3), w: [1] }), FeedError, '"x"', '3 values')
      expectFault(() => call({ x: [[1, 2], [3]], w: [1, 2] }), FeedError, '1 values instead of 2 at index 1')
      expectFault(() => call({ w: [1] }), FeedError, '"x"', 'missing')
      expectFault(() => call({ x: 'ab', w: [1] }), FeedError, '"x"', 'string')
      for (const feeds of [null, undefined]) expectFault(() => call(feeds), FeedError, 'takes an object of feeds')
      expect(call({ x: [[1, 2]], w: [3] }).total).toBe(9)
    }
    expect(run.state.get('seen')).toBe(2)
    const both = compile(entry({ x: tensor(['R', 'C']) }, ({ x }) => ({ outputs: { s: sum(x) } })))
    expectFault(() => both({ x: new Float32Array(6) }), FeedError, '"R"', 'nested arrays')
    expect(both({ x: [[1, 2, 3]] }).s).toBe(6)
  })

  test('a size of 0', () => {
    for (const x of [new Float32Array(0), []]) {
      const { total, m } = call({ x, w: [] })
      expect([total, m]).toEqual([0, NaN])
    }
    const top = compile(entry({ x: tensor(['B', 2]) }, ({ x }) => ({ outputs: { top: max(x, { axis: 0 }) } })))
    expectFault(() => top({ x: [] }), GraphError, 'max', '[0, 2]', 'B = 0')
    expect([
      ...top({
        x: [
          [1, 2],
          [3, 0],
        ],
      }).top,
    ]).toEqual([3, 2])
  })

  test('a variable that depends on a name', () => {
    const grow = (dims: string[]) =>
      entry({ x: tensor(dims) }, ({ x }) => ({ outputs: { y: add(x, variable('V', x.shape, 0)) } }))
    for (const dims of [['B'], ['B', 'T']])
      expectFault(() => compile(grow(dims)), GraphError, '"V"', 'named dimension', 'B = ')
  })

  test('more sizes than stay compiled: one warning, right results', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    try {
      const small = compile(
        entry({ x: tensor(['N']) }, ({ x }) => ({ outputs: { s: sum(x) } })),
        { cacheSize: 2 },
      )
      for (let round = 0; round < 2; round++)
        for (const n of [1, 2, 3, 4]) expect(small({ x: new Float32Array(n).fill(2) }).s).toBe(2 * n)
      expect(warn).toHaveBeenCalledTimes(1)
      expect(warn.mock.calls[0]?.[0]).toMatch(/"main".*more than 2 bindings/)
    } finally {
      warn.mockRestore()
    }
  })
})

describe.each(['fast', 'plain'] as const)('labels (%s)', (schedule) => {
  const logits = [
    [1, 2, 3],
    [4, 5, 6],
  ]
  const w = variable('w', [], 1)
  const train = (labels: 'fed' | 'computed') =>
    compile(
      entry({ x: tensor([2, 3]), l: tensor([2]) }, ({ x, l }) => {
        const label = cast(labels === 'fed' ? l : mul(l, 2), 'int32')
        const loss = mean(sparseSoftmaxCrossEntropy(mul(x, w), label))
        return { outputs: { loss }, updates: sgd(loss, [w], { learningRate: 1 }) }
      }),
      { schedule },
    )
  test.each(['fed', 'computed'] as const)('out of range or NaN, %s', (labels) => {
    const run = train(labels)
    for (const wrong of [
      [0, 3],
      [-1, 0],
      [NaN, 0],
      [0, Infinity],
    ])
      expectFault(() => run({ x: logits, l: wrong }), FeedError, '"l"', 'sparseSoftmaxCrossEntropy', '0 to 2')
    expect(run.state.get('w')).toBe(1)
    expect(run({ x: logits, l: [0, 1] }).loss).toBeCloseTo(labels === 'fed' ? 1.9076 : 1.4076, 4)
    expect(run.state.get('w')).not.toBe(1)
  })
})

test('a tensor beside an operator of JavaScript is refused by its name, and is text in a template', () => {
  const x = named('height', fill([2], 1)) as unknown as number
  const uses = [() => x * 2, () => -x, () => x > 0, () => Math.exp(x), () => x + 1]
  for (const use of uses) expectFault(use, GraphError, 'a tensor is no number', '"height" float32[2]', 'mul(x, 2)')
  expect(`${x}`).toBe('"height" float32[2]')
})
