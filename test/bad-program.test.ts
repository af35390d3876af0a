import {
  add,
  argMax,
  broadcastTo,
  compile,
  constant,
  entry,
  exp,
  fill,
  GraphError,
  grad,
  matmul,
  max,
  mean,
  mul,
  named,
  neg,
  relu,
  reshape,
  scatterND,
  sgd,
  softmax,
  sum,
  tanh,
  tensor,
  type Tensor,
  uniform,
  update,
  variable,
  where,
} from 'gradloom'
import { describe, expect, test } from 'vitest'
import { expectFault, fault } from './fault'

describe('programs', () => {
  const empty = entry({}, () => ({ outputs: {} }))
  const build = (body: () => unknown) => () => compile(entry({}, body as () => { outputs: Record<string, Tensor> }))
  const v = variable('v', [2], 0)

  test('variables and updates', () => {
    const other = variable('v', [2], 0)
    expectFault(
      build(() => ({ outputs: { v, other } })),
      GraphError,
      'two variables',
      '"v"',
      'unique',
    )
    const twice = () => ({ a: variable('a', [], 0), b: variable('a', [], 0) })
    expectFault(
      build(() => ({ outputs: twice() })),
      GraphError,
      '"a"',
      'twice',
    )
    expectFault(
      build(() => ({ outputs: {}, updates: [update(v, 1), update(v, 2)] })),
      GraphError,
      '"v"',
      'twice',
    )
    expectFault(
      build(() => ({ outputs: {}, updates: [[v, constant(1)]] })),
      GraphError,
      '"v" float32[2]',
      'float32[]',
    )
    expectFault(
      build(() => ({ outputs: {}, updates: [sgd(sum(v), [v])] })),
      GraphError,
      'update(variable, next)',
    )
    expectFault(() => update(v, constant([1], { dtype: 'float64' })), GraphError, '"v"', 'float32[2]', 'cast')
    const double = constant([1, 2], { dtype: 'float64' })
    expectFault(() => add(v, double as never), GraphError, 'add', '"v" float32[2]', 'float64[2]', 'cast')
  })

  test('tracing', () => {
    let kept: Tensor | undefined
    const keep = entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { x: (kept = x) } }))
    const use = entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: add(x as Tensor, kept!) } }))
    expectFault(() => compile({ keep, use }), GraphError, '"use"', '"x" float32[2]', 'another trace')
    expectFault(
      build(() => (compile(empty), { outputs: {} })),
      GraphError,
      'inside entry "main"',
    )
    const broken = build(() => {
      throw new RangeError('mine')
    })
    expectFault(broken, RangeError, 'mine')
    expect(compile(empty)({})).toEqual({})
  })

  test.each([undefined, null, 3, 'net', () => empty, [1], [[empty]], { train: 1 }, { train: null }])(
    'compile(%s)',
    (garbage) => {
      expectFault(() => compile(garbage as never), GraphError, 'compile:', 'entry')
    },
  )

  test.each([undefined, null, 1, [], {}, { outputs: null }, { outputs: { y: 1 } }, { outputs: {}, also: 1 }])(
    'a body that returns %o',
    (garbage) =>
      expectFault(
        build(() => garbage),
        GraphError,
        'entry "main"',
      ),
  )

  test('options', () => {
    const options: readonly [unknown, ...string[]][] = [
      [{ sched: 'fast' }, '"sched"', 'schedule'],
      [{ passes: { fusion: true } }, '"fusion"', 'inline'],
      [{ schedule: 'slow' }, '"slow"', 'plain'],
      [{ seed: 0.5 }, 'seed', '0.5'],
      [{ cacheSize: 0 }, 'cacheSize', '0'],
      [null, 'options', 'null'],
      ['fast', 'options', 'string'],
      [{ passes: { group: 'yes' } }, 'group', 'true or false', '"yes"'],
      [{ fuse: 1 }, 'fuse', 'true or false, it is 1'],
      [{ fastMath: 'on' }, 'fastMath', '"on"'],
    ]
    for (const [given, ...parts] of options) expectFault(() => compile(empty, given as never), GraphError, ...parts)
    for (const name of ['state', 'ready'])
      expectFault(() => compile({ [name]: empty } as never), GraphError, `named ${name}`)
    expectFault(() => entry(null as never, () => ({ outputs: {} })), GraphError, 'entry:')
    expectFault(() => entry({ x: [2] } as never, () => ({ outputs: {} })), GraphError, '"x"', 'tensor(')
    expectFault(() => tensor([2], 'int64' as never), GraphError, 'int64', 'float32')
    expectFault(() => tensor([-1]), GraphError, '-1')
    expectFault(() => tensor('abc' as never), GraphError, 'array', 'string')
    expectFault(() => compile({ ['t\ud800']: empty }), GraphError, 'named', 'ud800')
  })
})

describe('operands and values', () => {
  test('what is no tensor', () => {
    const x = constant([1, 2])
    const builders = { add, sum, exp, neg, relu, matmul, reshape, softmax, where, named: named.bind(null, 'n') }
    for (const [name, build] of Object.entries(builders) as [string, (...args: unknown[]) => unknown][])
      for (const wrong of [undefined, null, '1', [1, 2], { shape: [2] }])
        expectFault(() => build(wrong, x, x), GraphError, `${name}: expected a tensor, got`)
  })

  test.each([
    ['int32', 1.5],
    ['int32', 2 ** 31],
    ['int32', NaN],
    ['uint8', 256],
    ['uint8', -1],
    ['bool', 2],
  ] as const)('%s cannot hold %d', (dtype, value) => {
    const parts = [`${value}`, dtype, 'whole numbers'] as const
    expectFault(() => constant(value, { dtype }), GraphError, 'constant', ...parts)
    expectFault(() => constant([0, value], { dtype }), GraphError, 'constant', 'position 1', ...parts)
    const data = new Float64Array([0, 0, value])
    expectFault(() => constant(data, { dtype, shape: [3] }), GraphError, 'constant', 'position 2', ...parts)
    expectFault(() => fill([2], value, { dtype }), GraphError, 'fill', ...parts)
    for (const init of [value, [0, 1, value], data])
      expectFault(() => variable('n', [3], init, { dtype }), GraphError, 'variable "n"', ...parts)
    expectFault(() => update(variable('n', [3], 0, { dtype }), value), GraphError, '"n"', ...parts)
  })

  test('names that no file can hold', () => {
    for (const name of ['__metadata__', 'a\udc00'])
      expectFault(() => variable(name, [], 0), GraphError, 'file', JSON.stringify(name))
  })

  test('one name in two entries, and two optimisers of one rule', () => {
    const two = (shape: [number]) => entry({}, () => ({ outputs: { w: variable('w', shape, 0) } }))
    expectFault(() => compile({ a: two([2]), b: two([3]) }), GraphError, '"w"', 'unique')
    const [a, b] = [variable('a', [], 1), variable('b', [], 1)]
    const train = (second: { name?: string }) =>
      entry({}, () => {
        const loss = mul(a, b)
        const updates = [...sgd(loss, [a], { learningRate: 1 }), ...sgd(loss, [b], { learningRate: 2, ...second })]
        return { outputs: { loss }, updates }
      })
    expectFault(() => compile({ train: train({}) }), GraphError, '"train/sgd/learningRate"', 'name: ...')
    expect(compile({ train: train({ name: 'slow' }) }).train({}).loss).toBe(1)
  })
})

describe('sizes at the edge', () => {
  test.each(['fast', 'plain'] as const)('axes of extent 0 and rank 0 (%s)', (schedule) => {
    const run = compile(
      entry({ none: tensor([0, 3]), k: tensor([]) }, ({ none, k }) => ({
        outputs: {
          columns: sum(none, { axis: 0 }),
          rows: sum(none, { axis: 1 }),
          average: mean(none, { axis: 0 }),
          product: matmul(constant([], { shape: [2, 0] }), none),
          square: mul(k, k),
          same: sum(mean(k)),
        },
      })),
      { schedule },
    )
    const { columns, rows, average, product, square, same } = run({ none: new Float32Array(0), k: 3 })
    expect([...columns]).toEqual([0, 0, 0])
    expect([rows.length, rows.shape]).toEqual([0, [0]])
    expect([...average]).toEqual([NaN, NaN, NaN])
    expect([...product]).toEqual([0, 0, 0, 0, 0, 0])
    expect([square, same]).toEqual([9, 3])
  })

  test('nothing is the largest of nothing', () => {
    const none = constant([], { shape: [2, 0] })
    expectFault(() => max(none), GraphError, 'max', '[2, 0]', 'empty')
    expectFault(() => argMax(none), GraphError, 'argMax', '[2, 0]', 'empty')
  })

  test('2,000 layers of tanh and their gradient', () => {
    const run = compile(
      entry({ x: tensor([], 'float64') }, ({ x }) => {
        let y = x
        for (let i = 0; i < 2000; i++) y = tanh(y)
        return { outputs: { y, dx: grad(y, [x])[0] } }
      }),
    )
    let [y, dx] = [0.5, 1]
    for (let i = 0; i < 2000; i++) {
      y = Math.tanh(y)
      dx *= (1 - y) * (1 + y)
    }
    const result = run({ x: 0.5 })
    expect(Math.abs(result.y / y - 1)).toBeLessThan(1e-12)
    expect(Math.abs(result.dx / dx - 1)).toBeLessThan(1e-12)
  })
})

describe('what is no shape', () => {
  const data = new Float32Array(2000).fill(0.5)
  const wrong: readonly (readonly [what: string, shape: unknown, part: string])[] = [
    ['a number', 5, 'it is number'],
    ['nothing', null, 'it is null'],
    ['values in its place', data, 'it is a Float32Array'],
    ['values in an array', [...data], 'it has 2000 axes'],
    ['whole values in an array', Array.from(data, () => 3), 'it has 2000 axes'],
  ]
  const x = constant([1, 2, 3, 4])
  const takers: readonly (readonly [name: string, call: (shape: never) => unknown])[] = [
    ['tensor', (shape) => tensor(shape)],
    ['variable "v"', (shape) => compile(entry({}, () => ({ outputs: { v: variable('v', shape, 0) } })))],
    ['constant', (shape) => constant([1, 2], { shape })],
    ['fill', (shape) => fill(shape, 0)],
    ['reshape', (shape) => reshape(x, shape)],
    ['broadcastTo', (shape) => broadcastTo(x, shape)],
    ['uniform', (shape) => compile(entry({}, () => ({ outputs: { u: uniform(shape) } })))],
    ['scatterND', (shape) => scatterND(constant([[0]], { dtype: 'int32' }), constant([1]), shape)],
  ]
  describe.each(takers)('%s', (name, call) => {
    test.each(wrong)('%s', (_, shape, part) => {
      const { message } = fault(() => call(shape as never))
      expect(message).toContain(`${name}: the shape must be`)
      expect(message).toContain(part)
      expect(message.length).toBeLessThan(300)
    })
  })
})
