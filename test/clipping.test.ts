import {
  adadelta,
  adamax,
  nadam,
  ftrl,
  lion,
  lamb,
  adafactor,
  muon,
  adagrad,
  adam,
  adamw,
  add,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  compile,
  constant,
  entry,
  type Entry,
  grad,
  GraphError,
  mul,
  rmsprop,
  sgd,
  sum,
  type Tensor,
  tensor,
  type Update,
  variable,
  type Variable,
} from 'gradloom'
import { describe, expect, it } from 'vitest'

type Results = Record<string, number | Float32Array | Float64Array>
const run = (outputs: () => Record<string, Tensor>): Results =>
  compile(entry({}, () => ({ outputs: outputs() })))({}) as Results
const list = (x: Results[string] | undefined): number[] => (typeof x === 'number' ? [x] : [...x!])

describe.each(['float32', 'float64'] as const)('clipping %s', (dtype) => {
  const float = dtype === 'float32' ? Math.fround : (v: number) => v
  const digits = dtype === 'float32' ? 6 : 14
  const values = (v: number | readonly unknown[]): Tensor => constant(v as never, { dtype })
  const near = (x: Results[string] | undefined, wanted: readonly number[]): void =>
    list(x).forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, digits))

  it('by value keeps what lies between the bounds, and NaN', () => {
    const { one, a, b, bound } = run(() => {
      const x = values([-3, -0.5, 0.1, 2, NaN])
      const [a, b] = clipByValue([x, values(7)], -1, 0.5)
      return { one: clipByValue(x, -1, 0.5), a, b, bound: clipByValue(x, values(-2) as Tensor<[]>, 2) }
    })
    expect(list(one)).toEqual([-1, -0.5, float(0.1), 0.5, NaN])
    expect(list(a)).toEqual(list(one))
    expect(list(b)).toEqual([0.5])
    expect(list(bound)).toEqual([-2, -0.5, float(0.1), 2, NaN])
  })

  it('by norm scales what is longer, and leaves the rest bit for bit', () => {
    const found = run(() => {
      const x = values([[3, 4], [0.1, 0.2]]) // prettier-ignore
      return {
        all: clipByNorm(values([3, 4]), 1),
        short: clipByNorm(values([0.1, 0.7]), 5),
        equal: clipByNorm(values([3, 4]), 5),
        rows: clipByNorm(x, 1, { axis: 1 }),
        columns: clipByNorm(x, 2, { axis: [0] }),
        none: clipByNorm(values([0, 0]), 1),
        nothing: clipByNorm(values([3, 4]), 0),
        zero: clipByNorm(values([0, 0]), 0),
        scalar: clipByNorm(values(-7), 2),
        nan: clipByNorm(values([1, NaN]), 1),
        infinite: clipByNorm(values([1, -Infinity]), 1),
      }
    })
    near(found['all'], [0.6, 0.8])
    expect(list(found['short'])).toEqual([0.1, 0.7].map(float))
    expect(list(found['equal'])).toEqual([3, 4])
    near(found['rows'], [0.6, 0.8, 0.1, 0.2])
    const [p, q] = [Math.hypot(3, 0.1), Math.hypot(4, 0.2)]
    near(found['columns'], [6 / p, 8 / q, 0.2 / p, 0.4 / q])
    for (const name of ['none', 'nothing', 'zero']) expect(list(found[name])).toEqual([0, 0])
    near(found['scalar'], [-2])
    expect(list(found['nan'])).toEqual([NaN, NaN])
    expect(list(found['infinite'])).toEqual([0, NaN])
  })

  it('by global norm scales all by one factor', () => {
    const of = (limit: number, ...xs: readonly Tensor[]): Record<string, Tensor> => {
      const { clipped, norm } = clipByGlobalNorm(xs, limit)
      return { norm, ...Object.fromEntries(clipped.map((x, i) => [`x${i}`, x])) }
    }
    const shared = (limit: number, ...xs: readonly (number | readonly unknown[])[]): Results =>
      run(() => of(limit, ...xs.map(values)))
    const long = shared(1, [3, 0], 4)
    near(long['norm'], [5])
    near(long['x0'], [0.6, 0])
    near(long['x1'], [0.8])
    const short = shared(10, [[0.1], [0.3]], [0.7])
    expect([list(short['x0']), list(short['x1'])]).toEqual([[0.1, 0.3], [0.7]].map((v) => v.map(float)))
    expect(shared(1, [0, 0], 0)).toEqual(expect.objectContaining({ norm: 0, x1: 0 }))
    for (const bad of [NaN, Infinity, -Infinity]) {
      const broken = shared(1, [1, bad], 2)
      expect([...list(broken['x0']), ...list(broken['x1'])]).toEqual([NaN, NaN, NaN])
    }
    const mixed = run(() => of(1, constant([3]), constant([4], { dtype: 'float64' })))
    expect(mixed['norm']).toBe(5)
    expect(mixed['x0']).toBeInstanceOf(Float32Array)
    near(mixed['x1'], [0.8])
  })

  it('has gradients without NaN at 0', () => {
    const { d0, d1, d2, dn } = run(() => {
      const x = values([0, 0])
      const { clipped, norm } = clipByGlobalNorm([x], 1)
      return {
        d0: grad(sum(clipByNorm(x, 1)), [x])[0],
        d1: grad(sum(clipped[0]), [x])[0],
        d2: grad(sum(clipByNorm(x, 0)), [x])[0],
        dn: grad(norm, [x])[0],
      }
    })
    for (const d of [d0, d1, d2]) expect(list(d)).toEqual([1, 1])
    expect(list(dn)).toEqual([0, 0])
  })
})

it('clipping refuses what it cannot clip', () => {
  const x = constant([1, 2])
  const ints = constant([1, 2], { dtype: 'int32' })
  const wrong: readonly (readonly [make: () => unknown, message: RegExp])[] = [
    [() => clipByValue(x, 2, 1), /^clipByValue: the bounds must be ordered, they are 2 and 1/],
    [() => clipByValue(x, NaN, 1), /^clipByValue: /],
    [() => clipByValue(ints, 0, 1), /^clipByValue: .* is int32; cast it to a float/],
    [() => clipByNorm(x, -1), /^clipByNorm: clipNorm must be a number from 0, it is -1/],
    [() => clipByNorm(x, x as never), /^clipByNorm: clipNorm must be a number or a float scalar/],
    [() => clipByNorm(x, 1, { axis: 1 }), /^clipByNorm: axis 1/],
    [() => clipByGlobalNorm([], 1), /^clipByGlobalNorm: expected an array of one or more tensors/],
    [() => clipByGlobalNorm([x, ints], 1), /^clipByGlobalNorm: .* is int32/],
    [() => clipByGlobalNorm([x], NaN), /^clipByGlobalNorm: clipNorm must be/],
  ]
  for (const [make, message] of wrong) {
    expect(make, String(message)).toThrow(GraphError)
    expect(make).toThrow(message)
  }
})

const RULES = {
  sgd,
  adam,
  adamw,
  rmsprop,
  adagrad,
  adadelta,
  adamax,
  nadam,
  ftrl,
  lion,
  lamb,
  adafactor,
  muon,
} as const
type Rule = (loss: Tensor<[]>, variables: readonly Variable[], options: object) => readonly Update[]
type Gradients = readonly (readonly [a: readonly number[], b: number])[]
const GRADIENTS: Gradients = [
  [[3, 4], 12],
  [[0.1, -0.2], 0.05],
  [[0, 0], 0],
  [[-8, 0.5], -6],
]

/** Two parameters under the loss a · g + b h: what is fed are their gradients. */
function trained(rule: keyof typeof RULES, options: object) {
  const [a, b] = [variable('a', [2], 1), variable('b', [], 2)]
  const train = entry({ g: tensor([2]), h: tensor([]) }, ({ g, h }) => {
    const loss = add(sum(mul(a, g)), mul(b, h))
    return { outputs: {}, updates: (RULES[rule] as Rule)(loss, [a, b], { learningRate: 0.5, ...options }) }
  })
  return compile<Record<string, Entry>>({ train })
}

function parameters(net: ReturnType<typeof trained>, gradients: Gradients): number[] {
  for (const [g, h] of gradients) (net['train'] as (feeds: object) => unknown)({ g, h })
  return ['a', 'b'].flatMap((name) => list(net.state.get(name) as number))
}

const bounded = (v: number, limit: number): number => Math.min(Math.max(v, -limit), limit)
const shrunk = (v: readonly number[], limit: number, norm = Math.hypot(...v)): number[] =>
  norm <= limit ? [...v] : v.map((x) => (x * limit) / norm)
const CLIPPED: Readonly<Record<string, (g: readonly number[], h: number, limit: number) => Gradients[number]>> = {
  clipValue: (g, h, limit) => [g.map((v) => bounded(v, limit)), bounded(h, limit)],
  clipNorm: (g, h, limit) => [shrunk(g, limit), shrunk([h], limit)[0]!],
  globalClipNorm: (g, h, limit) => {
    const norm = Math.hypot(...g, h)
    return [shrunk(g, limit, norm), shrunk([h], limit, norm)[0]!]
  },
}

describe.each(Object.keys(RULES) as (keyof typeof RULES)[])('%s', (rule) => {
  it.each(Object.entries(CLIPPED))('takes %s', (option, clipped) => {
    const net = trained(rule, { [option]: 2 })
    const wanted = parameters(
      trained(rule, {}),
      GRADIENTS.map(([g, h]) => clipped(g, h, 2)),
    )
    parameters(net, GRADIENTS).forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 5))
    // The limit is state, and is set without compiling anew.
    expect(net.state.get(`train/${rule}/${option}`)).toBe(2)
    net.state.reset()
    net.state.set(option, 1000)
    const free = parameters(trained(rule, {}), GRADIENTS)
    parameters(net, GRADIENTS).forEach((v, i) => expect(v).toBeCloseTo(free[i]!, 5))
  })
})

describe('optimisers', () => {
  it('clip in one way at a time', () => {
    expect(() => trained('sgd', { clipNorm: 1, globalClipNorm: 1 })).toThrow(
      'sgd: gradients are clipped in one way at a time, got clipNorm and globalClipNorm',
    )
    expect(() => trained('adam', { clipNorm: -1 })).toThrow('adam: clipNorm must be a finite number from 0')
  })

  it('show a global norm that is not finite', () => {
    const found = parameters(trained('sgd', { globalClipNorm: 1 }), [[[1, 2], Infinity]])
    expect(found).toEqual([NaN, NaN, NaN])
  })

  it('take the state of a schedule for a limit', () => {
    const limit = variable('limit', [], 1)
    const net = trained('sgd', { clipNorm: limit })
    net.state.set('limit', 5)
    parameters(net, [[[3, 4], 12]]).forEach((v, i) => expect(v).toBeCloseTo([-0.5, -1, -0.5][i]!, 6))
  })
})
