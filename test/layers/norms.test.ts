import {
  add,
  batchNorm,
  type CompileOptions,
  compile,
  constant,
  entry,
  grad,
  GraphError,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  matmul,
  mean,
  meanSquaredError,
  mul,
  named,
  rmsNorm,
  scope,
  sgd,
  spectralNorm,
  square,
  sum,
  tensor,
  type Tensor,
  transpose,
  update,
  type Update,
  variable,
  type Variable,
  weightNorm,
} from 'gradloom'
import * as loom from 'gradloom'
import { memory } from 'gradloom/inspect'
import { describe, expect, test } from 'vitest'
import { expectFault } from '../fault'

const TARGETS: readonly CompileOptions[] = [{ target: 'js' }, { target: 'wasm', threads: 1 }]
const running = (channels: number, name = 'bn') => ({
  mean: variable(`${name}/mean`, [channels], 0, { trainable: false }),
  variance: variable(`${name}/variance`, [channels], 1, { trainable: false }),
})
const parameters = (channels: number) => ({
  gamma: variable('gamma', [channels], [1.5, -0.5, 2].slice(0, channels)),
  beta: variable('beta', [channels], [0.1, 0.2, -0.3].slice(0, channels)),
})
const wave = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => 3 * Math.sin(1.7 * i) + 0.3)
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 5): void => {
  expect(actual.length).toBe(expected.length)
  Array.from(expected).forEach((v, i) => expect(actual[i], `at ${i}`).toBeCloseTo(v, digits))
}

/** Mean and variance of each column, and how many values it has, in float64. */
function moments(x: ArrayLike<number>, channels: number) {
  const n = x.length / channels
  const columns = Array.from({ length: channels }, (_, c) => Array.from({ length: n }, (_, i) => x[i * channels + c]!))
  const means = columns.map((v) => v.reduce((a, b) => a + b, 0) / n)
  return { n, means, variances: columns.map((v, c) => v.reduce((a, b) => a + (b - means[c]!) ** 2, 0) / n) }
}

describe.each(TARGETS)('batch norm on %o', (options) => {
  test('trains by the statistics of the batch and infers by the running ones', () => {
    const [state, parts] = [running(3), parameters(3)]
    const net = compile(
      {
        train: entry({ x: tensor(['B', 3]) }, ({ x }) => {
          const { output, updates } = batchNorm(x, { ...state, ...parts, momentum: 0.9, epsilon: 1e-2 })
          return { outputs: { y: output }, updates }
        }),
        infer: entry({ x: tensor(['B', 3]) }, ({ x }) => {
          const { output, updates } = batchNorm(x, { ...state, ...parts, epsilon: 1e-2, training: false })
          expect(updates).toEqual([])
          return { outputs: { y: output } }
        }),
      },
      options,
    )
    const gamma = [1.5, -0.5, 2]
    const beta = [0.1, 0.2, -0.3]
    const expected = (x: Float32Array, means: number[], variances: number[]): number[] =>
      Array.from(x, (v, i) => {
        const c = i % 3
        return ((v - means[c]!) / Math.sqrt(variances[c]! + 1e-2)) * gamma[c]! + beta[c]!
      })
    let [means, variances] = [[0, 0, 0], [1, 1, 1]] // prettier-ignore
    // Specialisations for batches of several sizes share the statistics.
    for (const size of [4, 7, 4, 1]) {
      const x = wave(3 * size)
      const batch = moments(x, 3)
      close(net.train({ x }).y, expected(x, batch.means, batch.variances))
      means = means.map((m, c) => 0.9 * m + 0.1 * batch.means[c]!)
      variances = variances.map((v, c) => 0.9 * v + 0.1 * batch.variances[c]!)
      close(net.state.get('bn/mean'), means)
      close(net.state.get('bn/variance'), variances)
      close(net.infer({ x }).y, expected(x, means, variances))
    }
  })

  test('counts n - 1 for the running variance by the rule of PyTorch', () => {
    const state = running(3)
    const net = compile(
      entry({ x: tensor([5, 3]) }, ({ x }) => {
        const { output, updates } = batchNorm(x, { ...state, rule: 'pytorch' })
        return { outputs: { y: output }, updates }
      }),
      options,
    )
    const x = wave(15)
    net({ x })
    const { n, means, variances } = moments(x, 3)
    close(net.state.get('bn/mean'), means.map((m) => 0.1 * m)) // prettier-ignore
    close(net.state.get('bn/variance'), variances.map((v) => 0.9 + (0.1 * v * n) / (n - 1))) // prettier-ignore
  })

  test('with channels first is the transpose of channels last', () => {
    const parts = parameters(3)
    const net = compile(
      entry({ x: tensor([2, 3, 4, 5]), w: tensor([2, 3, 4, 5]) }, ({ x, w }) => {
        const first = batchNorm(x, { ...parts, axis: 1, track: false }).output
        const last = batchNorm(transpose(x, [0, 2, 3, 1]), { ...parts, track: false }).output
        const loss = (y: Tensor): Tensor<[]> => sum(mul(y, w))
        const back = transpose(last, [0, 3, 1, 2])
        const [gFirst] = grad(loss(first), [x])
        const [gLast] = grad(loss(back), [x])
        return { outputs: { first, back, gFirst, gLast } }
      }),
      options,
    )
    const { first, back, gFirst, gLast } = net({ x: wave(120), w: wave(120).reverse() })
    close(first, back)
    close(gFirst, gLast)
  })

  test('of a constant, and of values far from 0, keeps its digits', () => {
    const net = compile(
      entry({ x: tensor([64, 1]) }, ({ x }) => {
        const { output } = batchNorm(x, { track: false })
        const [g] = grad(sum(mul(output, x)), [x])
        return { outputs: { y: output, g, again: grad(sum(mul(g, x)), [x])[0] } }
      }),
      options,
    )
    const still = net({ x: new Float32Array(64).fill(7) })
    close(still.y, new Float32Array(64))
    for (const values of Object.values(still)) expect([...values].every(Number.isFinite)).toBe(true)
    const x = Float32Array.from({ length: 64 }, (_, i) => 1e4 + (i % 2))
    close(net({ x }).y, Array.from(x, (v) => (v - 1e4 - 0.5) / Math.sqrt(0.25 + 1e-3)), 4) // prettier-ignore
  })

  test('trains beside an optimiser, and no gradient reaches its statistics', () => {
    const [state, parts] = [running(2), parameters(2)]
    const W = variable('W', [2, 2], [[1, 0.5], [-0.5, 1]]) // prettier-ignore
    const net = compile(
      entry({ x: tensor([8, 2]), y: tensor([8, 2]) }, ({ x, y }) => {
        const norm = batchNorm(matmul(x, W), { ...state, ...parts })
        const loss = meanSquaredError(norm.output, y)
        const byMean = grad(loss, [state.mean], { disconnected: 'zeros' })[0]
        return {
          outputs: { loss, byMean },
          updates: [...sgd(loss, [W, parts.gamma, parts.beta], { learningRate: 0.2 }), ...norm.updates],
        }
      }),
      options,
    )
    const feeds = { x: wave(16), y: wave(16).map((v) => Math.sign(v)) }
    const before = net(feeds)
    expect([...before.byMean]).toEqual([0, 0])
    for (let i = 0; i < 50; i++) net(feeds)
    expect(net(feeds).loss).toBeLessThan(before.loss / 2)
    const parameterEnd = Math.max(...at(net, ['W', 'gamma', 'beta']))
    expect(Math.min(...at(net, ['bn/mean', 'bn/variance']))).toBeGreaterThan(parameterEnd)
  })
})

const at = (net: object, names: readonly string[]): number[] =>
  names.map((name) => memory(net).buffers.find((b) => b.name === name)!.offset)

describe('updates of a batch norm', () => {
  const x = tensor([4, 2])
  interface Body {
    readonly outputs: Record<string, Tensor>
    readonly updates?: readonly Update[]
  }
  type Build = (x: Tensor<[4, 2]>, state: ReturnType<typeof running>) => Body
  const build = (body: Build): unknown => compile({ train: entry({ x }, ({ x }) => body(x, running(2))) })

  const dropped: Readonly<Record<string, Build>> = {
    'the output is used': (x, s) => ({ outputs: { y: mul(batchNorm(x, s).output, 2) } }),
    'the output has another name': (x, s) => ({ outputs: { y: named('y', batchNorm(x, s).output) } }),
    'one of them is left out': (x, s) => {
      const { output, updates } = batchNorm(x, s)
      return { outputs: { y: output }, updates: updates.slice(0, 1) }
    },
    'only a gradient is used': (x, s) => {
      const W = variable('W', [2, 2], 1)
      return { outputs: {}, updates: sgd(sum(batchNorm(matmul(x, W), s).output), [W]) }
    },
    'only the gradient of a part is used': (x, s) => {
      const gamma = variable('gamma', [2], 1)
      return { outputs: {}, updates: sgd(sum(square(batchNorm(x, { ...s, gamma }).output)), [gamma]) }
    },
  }
  test.each(Object.entries(dropped))('dropped where %s are an error', (_, body) => {
    expectFault(() => build(body), GraphError, 'entry "train"', '"bn/variance"', 'batchNorm', '...result.updates', 'track: false') // prettier-ignore
  })

  test('that something else replaces are an error', () => {
    expectFault(
      () =>
        build((x, s) => ({
          outputs: { y: batchNorm(x, s).output },
          updates: [update(s.mean, 0), update(s.variance, 1)],
        })),
      GraphError,
      'another update takes their place',
    )
    const twice: Build = (x, s) => {
      const [a, b] = [batchNorm(x, s), batchNorm(square(x), s)]
      return { outputs: { y: add(a.output, b.output) }, updates: [...a.updates, ...b.updates] }
    }
    expectFault(() => build(twice), GraphError, '"bn/mean"', 'updated twice', 'batchNorm', '{ track: false }')
    expect(() => build(twice)).not.toThrow(/optimiser/)
  })

  test('may be kept under a name, changed, or not be owed', () => {
    build((x, s) => {
      const { output, updates } = batchNorm(x, s)
      return { outputs: { y: output }, updates: updates.map(([v, next]) => update(v, named(`new ${v.name}`, next))) }
    })
    build((x, s) => {
      const { output, updates } = batchNorm(x, s)
      return { outputs: { y: output }, updates: updates.map(([v, next]) => update(v, mul(next, 2))) }
    })
    build((x, s) => ({ outputs: { y: batchNorm(x, { ...s, track: false }).output } }))
    build((x, s) => ({ outputs: { y: batchNorm(x, { ...s, training: false }).output } }))
    build((x, s) => {
      batchNorm(x, s)
      return { outputs: { x: add(x, 1) } }
    })
  })

  test('speak of the line of the layer', () => {
    const named2: Build = (x, s) => ({ outputs: { y: scope('block', () => named('norm', batchNorm(x, s).output)) } })
    expectFault(() => build(named2), GraphError, 'batchNorm(', 'norms.test.ts')
  })
})

describe('bad norms', () => {
  const within = (body: (x: Tensor<[2, 3, 4]>) => unknown) => () =>
    compile(
      entry({ x: tensor([2, 3, 4]) }, ({ x }) => {
        body(x)
        return { outputs: { x: add(x, 1) } }
      }),
    )
  const part = (n: 3 | 4): Variable => ({ 3: threes, 4: fours })[n]
  const [threes, fours] = [variable('threes', [3], 0), variable('fours', [4], 0)]
  const doubles = variable('doubles', [4], 0, { dtype: 'float64' })
  type Bad = readonly [what: string, body: (x: Tensor<[2, 3, 4]>) => unknown, parts: readonly string[]]
  const BAD: readonly Bad[] = [
    ['no statistics', (x) => batchNorm(x, {}), ['batchNorm', 'running mean is missing', 'track: false']],
    ['no variance', (x) => batchNorm(x, { mean: part(4), training: false }), ['running variance is missing']],
    [
      'statistics of another axis',
      (x) => batchNorm(x, { mean: part(3), variance: part(3) }),
      ['mean must be float32[4]', '"threes" float32[3]'],
    ],
    ['statistics of another dtype', (x) => batchNorm(x, { mean: doubles, variance: part(4) }), ['float64[4]']],
    [
      'statistics that are no variables',
      (x) => batchNorm(x, { mean: mul(part(4), 1), variance: part(4) }),
      ['must be a variable'],
    ],
    ['gamma of another shape', (x) => batchNorm(x, { gamma: part(3), track: false }), ['gamma must be float32[4]']],
    ['a rule of nobody', (x) => batchNorm(x, { rule: 'torch' as never, track: false }), ["'keras' or 'pytorch'"]],
    ['a momentum', (x) => batchNorm(x, { momentum: 1.5, track: false }), ['momentum', '1.5']],
    ['an epsilon', (x) => batchNorm(x, { epsilon: 0, track: false }), ['epsilon', '0']],
    ['an axis', (x) => batchNorm(x, { axis: 3, track: false }), ['axis 3 is out of range']],
    ['one axis alone', (x) => batchNorm(mean(x, { axis: [0, 1] }), { track: false }), ['batch axis']],
    ['groups', (x) => groupNorm(x, { groups: 3 }), ['groupNorm', 'a divisor of the 4 channels', '3']],
    ['channels that are the batch', (x) => groupNorm(x, { groups: 1, axis: 0 }), ['groupNorm', 'batch axis']],
    ['no axis to normalise', (x) => instanceNorm(mean(x, { axis: 1 })), ['instanceNorm', 'one axis more']],
    ['RMS norm, epsilon', (x) => rmsNorm(x, { epsilon: -1 }), ['rmsNorm', 'epsilon']],
    ['RMS norm, gamma', (x) => rmsNorm(x, { gamma: doubles }), ['float64[4]']],
    ['a radius', (x) => localResponseNorm(x, { depthRadius: 1.5 }), ['depthRadius', '1.5']],
    ['a bias', (x) => localResponseNorm(x, { bias: 0 }), ['bias', 'positive']],
    ['lengths of another axis', (x) => weightNorm(x, threes), ['weightNorm', 'g must be float32[4]']],
    ['a vector of weights', () => weightNorm(threes, threes), ['weightNorm', 'rank 2 or more']],
    ['u of another axis', (x) => spectralNorm(x, { u: threes }), ['spectralNorm', 'u must be float32[4]']],
    ['u that is no variable', (x) => spectralNorm(x, { u: mul(fours, 1) }), ['must be a variable']],
    ['no iterations', (x) => spectralNorm(x, { u: fours, iterations: 0 }), ['iterations', 'from 1']],
    ['layer norm, gamma', (x) => layerNorm(x, { gamma: part(3) }), ['layerNorm', 'gamma must be float32[4]']],
  ]
  test.each(BAD)('%s', (_, body, parts) => {
    expectFault(within(body), GraphError, ...parts)
  })

  test('a batch of nothing', () => {
    const empty = () =>
      compile(entry({ x: tensor([0, 3]) }, ({ x }) => ({ outputs: { y: batchNorm(x, { track: false }).output } })))
    expectFault(empty, GraphError, 'batchNorm', 'no elements')
  })

  test('a batch of one by the rule of PyTorch says which batch', () => {
    const state = running(2)
    const net = compile({
      train: entry({ x: tensor(['B', 2]) }, ({ x }) => {
        const { output, updates } = batchNorm(x, { ...state, rule: 'pytorch' })
        return { outputs: { y: output }, updates }
      }),
    })
    net.train({ x: wave(4) })
    const before = [...net.state.get(state.variance)]
    expectFault(() => net.train({ x: wave(2) }), GraphError, 'more than one value', 'B = 1')
    expect([...net.state.get(state.variance)]).toEqual(before)
  })

  test('an optimiser refuses what is not trainable', () => {
    const frozen: Variable = variable('frozen', [2], 1, { trainable: false })
    expectFault(
      within((x) => sgd(sum(mul(sum(x), frozen)), [frozen])),
      GraphError,
      'sgd',
      'frozen',
      'trainable: false',
    )
  })
})

describe.each(TARGETS)('norms on %o', (options) => {
  /** Results of a graph over x float32[2, 6, 5] of a wave. */
  const run = (body: (x: Tensor<[2, 6, 5]>) => Record<string, Tensor>): Record<string, Float32Array> => {
    const net = compile(entry({ x: tensor([2, 6, 5]) }, ({ x }) => ({ outputs: body(x) })), options) // prettier-ignore
    return net({ x: wave(60) }) as Record<string, Float32Array>
  }

  test('instance norm is a group norm of groups of one', () => {
    const [gamma, beta] = [variable('gamma', [6], [1, 2, 3, -1, 0, 0.5]), variable('beta', [6], 0.25)]
    const { a, b } = run((x) => ({
      a: instanceNorm(x, { gamma, beta, axis: 1 }),
      b: groupNorm(x, { gamma, beta, axis: 1, groups: 6 }),
    }))
    close(a!, b!)
  })

  test('layer norm and RMS norm scale each point of their axes', () => {
    const [gamma, beta] = [
      variable('gamma', [6, 5], wave(30)),
      variable('beta', [6, 5], wave(30).map((v) => v / 2)), // prettier-ignore
    ]
    const { layer, plain, rms, root } = run((x) => ({
      layer: layerNorm(x, { axis: [1, 2], gamma, beta }),
      plain: layerNorm(x, { axis: [1, 2] }),
      rms: rmsNorm(x, { axis: [1, 2], gamma }),
      root: rmsNorm(x, { axis: [1, 2] }),
    }))
    const factor = (i: number): number => wave(30)[i % 30]!
    close(layer!, Array.from(plain!, (v, i) => v * factor(i) + factor(i) / 2)) // prettier-ignore
    close(rms!, Array.from(root!, (v, i) => v * factor(i))) // prettier-ignore
  })

  test('weight norm of zeros is zeros, and its gradients are finite', () => {
    const [v, g] = [variable('v', [2, 3], [[0, 3, 1], [0, 4, 0]]), variable('g', [3], [1, 2, 3])] // prettier-ignore
    const net = compile(
      entry({}, () => {
        const w = weightNorm(v, g)
        const [gv, gg] = grad(sum(mul(w, v)), [v, g])
        return { outputs: { w, gv, gg } }
      }),
      options,
    )
    const { w, gv, gg } = net({})
    close(w, [0, 1.2, 3, 0, 1.6, 0])
    close(gv, [0, 1.2, 3, 0, 1.6, 0])
    close(gg, [0, 5, 1])
  })

  test('spectral norm finds the largest singular value, and holds the vectors constant in its gradient', () => {
    // Singular values 5 and 1: w = 5 a cᵀ + 1 b dᵀ for orthonormal a, b and c, d.
    const [p, q] = [0.6, 0.8]
    const w = variable('w', [2, 2], [
      [5 * p * q - q * p, 5 * p * p + q * q],
      [5 * q * q + p * p, 5 * q * p - p * q],
    ]) // prettier-ignore
    const u = variable('u', [2], [1, 0.3], { trainable: false })
    const program = compile(
      {
        train: entry({}, () => {
          const { output, updates } = spectralNorm(w, { u })
          const [g] = grad(sum(mul(output, constant([[1, 2], [3, 4]]))), [w]) // prettier-ignore
          return { outputs: { output, g }, updates }
        }),
        use: entry({}, () => ({ outputs: { w: spectralNorm(w, { u, training: false }).output } })),
      },
      options,
    )
    for (let i = 0; i < 20; i++) program.train({})
    const { output, g } = program.train({})
    const W = Array.from(program.state.get(w))
    close(output, W.map((v) => v / 5)) // prettier-ignore
    close(program.use({}).w, output)
    close(program.state.get('u').map(Math.abs), [q, p]) // prettier-ignore
    const a = [p, q]
    const c = [q, p]
    const weights = [1, 2, 3, 4]
    const inner = weights.reduce((sum, v, i) => sum + v * W[i]!, 0)
    close(g, weights.map((v, i) => v / 5 - (inner / 25) * a[i >> 1]! * c[i & 1]!)) // prettier-ignore
    program.state.set('w', [[0, 0], [0, 0]]) // prettier-ignore
    close(program.train({}).output, [0, 0, 0, 0])
  })

  test('spectral norm along any axis is that of the transposed weights', () => {
    const u = variable('u', [6], wave(6))
    const { a, b } = run((x) => ({
      a: transpose(spectralNorm(x, { u, axis: 1, track: false, iterations: 3 }).output, [0, 2, 1]),
      b: spectralNorm(transpose(x, [0, 2, 1]), { u, track: false, iterations: 3 }).output,
    }))
    close(a!, b!)
  })
})

test('the estimate of a spectral norm belongs to its output', () => {
  const [w, u] = [variable('w', [2, 3], 1), variable('u', [3], 1)]
  const build = () => compile(entry({}, () => ({ outputs: { w: spectralNorm(w, { u }).output } })))
  expectFault(build, GraphError, '"u"', 'spectralNorm', 'track: false')
})

describe('running statistics that are not returned', () => {
  const places: Readonly<Record<string, (f: (x: Tensor) => Tensor, x: Tensor) => Tensor>> = {
    'in the open': (f, x) => f(x),
    'in the step of a scan': (f, x) =>
      loom.scan({ over: { x }, carry: {}, step: (_, { x }) => ({ carry: {}, outputs: { y: f(x) } }) }).outputs.y,
    'in a function of vmap': (f, x) => loom.vmap(f, x),
    'in an arm of cond': (f, x) => loom.cond(loom.greater(loom.sum(x), -99), () => f(x), () => x), // prettier-ignore
    'in a scan within a scan': (f, x) =>
      loom.scan({ length: 2, carry: { h: x }, step: ({ h }) => ({ carry: { h: loom.scan({ over: { h }, carry: {}, step: (_, { h }) => ({ carry: {}, outputs: { y: f(h) } }) }).outputs.y } }) }).carry.h, // prettier-ignore
  }
  test.each(Object.entries(places))('are an error %s, unless they are not tracked', (_, place) => {
    const make = (track: boolean) => () => {
      const [mean, variance, w] = [loom.variable('mean', [2], 0), loom.variable('variance', [2], 1), loom.variable('w', [2], 1)] // prettier-ignore
      const normed = (x: Tensor): Tensor => loom.batchNorm(loom.mul(x, w), { mean, variance, track } as never).output
      return loom.compile(
        loom.entry({ x: loom.tensor([3, 4, 2]) }, ({ x }) => {
          const loss = loom.sum(loom.square(place(normed, x)))
          return { outputs: { loss }, updates: loom.sgd(loss, [w]) }
        }),
      )
    }
    expectFault(make(true), loom.GraphError, 'updates of "mean" and "variance"', 'track: false')
    expect(make(false)()({ x: new Float32Array(24).fill(0.5) }).loss).toBeCloseTo(0, 3)
  })
})
