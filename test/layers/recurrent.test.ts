import {
  add,
  cast,
  compile,
  type CompileOptions,
  concat,
  constant,
  entry,
  fill,
  flip,
  grad,
  gru,
  gruCell,
  keepState,
  lstm,
  lstmCell,
  type LstmState,
  matmul,
  mul,
  reshape,
  resetState,
  rnn,
  simpleRnn,
  simpleRnnCell,
  slice,
  stack,
  stacked,
  stackedCells,
  stateVariables,
  sum,
  tensor,
  type Tensor,
  transpose,
  bidirectional,
  relu,
} from 'gradloom'
import { describe, expect, test } from 'vitest'

const TARGETS: readonly CompileOptions[] = [{ target: 'js' }, { target: 'wasm', threads: 1 }]
const [B, T, F, H] = [3, 5, 4, 2] as const
const wave = (n: number, by: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => Math.sin(by * i + by) * 0.8)
const known = (shape: readonly number[], by: number): Tensor =>
  constant(wave(shape.reduce((a, b) => a * b, 1), by), { shape: shape }) // prettier-ignore
const x = { values: wave(B * T * F, 1.7), spec: tensor([B, T, F], 'float64') }

/** Runs a graph over x; all arrays. */
function values(
  options: CompileOptions,
  build: (x: Tensor<[number, number, number]>) => Readonly<Record<string, Tensor>>,
  feed: Float64Array = x.values,
): Record<string, Float64Array> {
  const net = compile(
    entry({ x: x.spec }, ({ x }) => ({ outputs: build(x) })),
    options,
  )
  return net({ x: feed }) as never
}
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length)
  Array.from(expected).forEach((v, i) => expect(actual[i], `at ${i}`).toBeCloseTo(v, 10))
}
/** Both graphs have the same outputs, and the same gradient by x of their sum times some weights. */
function agree(
  options: CompileOptions,
  a: (x: Tensor<[number, number, number]>) => readonly Tensor[],
  b: (x: Tensor<[number, number, number]>) => readonly Tensor[],
): void {
  const made = values(options, (x) => {
    const both = [a(x), b(x)].map((outputs) => {
      const weighed = outputs.map((t, i) => sum(mul(t, known(t.shape, 0.7 + i))))
      return [...outputs, grad(sum(stack(weighed)), [x])[0]]
    })
    return Object.fromEntries(both.flatMap((ts, k) => ts.map((t, i) => [`${'ab'[k]}${i}`, t])))
  })
  const count = Object.keys(made).length / 2
  expect(count).toBeGreaterThan(1)
  for (let i = 0; i < count; i++) close(made[`a${i}`]!, made[`b${i}`]!)
}

const keras = (gates: number, by = 1.3) => ({
  kernel: known([F, gates * H], by),
  recurrentKernel: known([H, gates * H], by + 0.4),
  bias: known([gates * H], by + 0.8),
})
const lstmWeights = keras(4)
const gruWeights = { ...keras(3), bias: known([2, 3 * H], 2.1) }
const torch = (gates: number) => ({
  weightIh: known([gates * H, F], 1.3),
  weightHh: known([gates * H, H], 1.9),
  biasIh: known([gates * H], 2.3),
  biasHh: known([gates * H], 2.9),
})
const LENGTHS = [5, 0, 3]
const lengths = constant(LENGTHS, { dtype: 'int32' })
const mask = constant(LENGTHS.map((n) => Array.from({ length: T }, (_, t) => Number(t < n))), { dtype: 'bool' }) // prettier-ignore

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v))

/** PyTorch's formulas over plain numbers. */
function torchReference(kind: 'lstm' | 'gru' | 'rnn'): number[][][] {
  const gates = { lstm: 4, gru: 3, rnn: 1 }[kind]
  const [wi, wh] = [wave(gates * H * F, 1.3), wave(gates * H * H, 1.9)]
  const [bi, bh] = [wave(gates * H, 2.3), wave(gates * H, 2.9)]
  return Array.from({ length: B }, (_, n) => {
    let h = [0, 0]
    let c = [0, 0]
    return Array.from({ length: T }, (_, t) => {
      const row = (k: number) => x.values.subarray((n * T + t) * F, (n * T + t + 1) * F).reduce((s, v, i) => s + v * wi[k * F + i]!, bi[k]!) // prettier-ignore
      const before = h
      const col = (k: number) => before.reduce((s, v, i) => s + v * wh[k * H + i]!, bh[k]!)
      const both = (k: number) => row(k) + col(k)
      const units = [0, 1]
      if (kind === 'rnn') return (h = units.map((u) => Math.tanh(both(u))))
      if (kind === 'gru')
        return (h = units.map((u) => {
          const [r, z] = [sigmoid(both(u)), sigmoid(both(H + u))]
          const fresh = Math.tanh(row(2 * H + u) + r * col(2 * H + u))
          return (1 - z) * fresh + z * before[u]!
        }))
      c = units.map((u) => sigmoid(both(H + u)) * c[u]! + sigmoid(both(u)) * Math.tanh(both(2 * H + u)))
      return (h = units.map((u) => sigmoid(both(3 * H + u)) * Math.tanh(c[u]!)))
    })
  })
}

describe.each(TARGETS)('recurrent layers on %o', (options) => {
  test.each(['lstm', 'gru', 'rnn'] as const)('%s in the convention of PyTorch', (kind) => {
    const { outputs, last } = values(options, (x) => {
      const layer = { lstm, gru, rnn: simpleRnn }[kind] as typeof lstm
      const made = layer(x, torch({ lstm: 4, gru: 3, rnn: 1 }[kind]), {
        convention: 'torch',
      })
      return { outputs: made.outputs, last: made.last }
    })
    const right = torchReference(kind)
    close(outputs!, right.flat(2))
    close(last!, right.flatMap((steps) => steps.at(-1)!)) // prettier-ignore
  })

  test('a bias may be missing in either convention', () => {
    const { biasHh: _, ...one } = torch(3)
    const zero = fill([3 * H], 0, { dtype: 'float64' })
    agree(
      options,
      (x) => [gru(x, one, { convention: 'torch' }).outputs],
      (x) => [gru(x, { ...one, biasHh: zero }, { convention: 'torch' }).outputs],
    )
    const { bias: __, ...bare } = lstmWeights
    agree(
      options,
      (x) => [lstm(x, bare).outputs],
      (x) => [lstm(x, { ...bare, bias: fill([4 * H], 0, { dtype: 'float64' }) }).outputs],
    )
  })

  test('the cell is a step of the layer', () => {
    const stepped = (x: Tensor, make: (x: Tensor, h: Tensor, c: Tensor) => Tensor[]): Tensor => {
      let state: Tensor[] = [fill([B, H], 0, { dtype: 'float64' }), fill([B, H], 0, { dtype: 'float64' })]
      const outputs: Tensor[] = []
      for (let t = 0; t < T; t++) {
        const at = reshape(slice(x, [{}, { start: t, end: t + 1 }]), [B, F])
        state = make(at, state[0]!, state[1]!)
        outputs.push(state[0]!)
      }
      return stack(outputs, { axis: 1 })
    }
    const simple = keras(1)
    agree(options, (x) => [lstm(x, lstmWeights).outputs], (x) => [stepped(x, (x, h, c) => Object.values(lstmCell(x, { h, c }, lstmWeights).state))]) // prettier-ignore
    agree(options, (x) => [gru(x, gruWeights).outputs], (x) => [stepped(x, (x, h, c) => [gruCell(x, { h }, gruWeights).output, c])]) // prettier-ignore
    agree(options, (x) => [simpleRnn(x, simple, { activation: relu }).outputs], (x) => [stepped(x, (x, h, c) => [simpleRnnCell(x, { h }, simple, { activation: relu }).output, c])]) // prettier-ignore
  })

  test.each([false, true])('lengths are a mask, with reverse: %s', (reverse) => {
    const all = ({ outputs, last, state }: ReturnType<typeof lstm>): Tensor[] => [outputs, last, state.h, state.c]
    agree(
      options,
      (x) => all(lstm(x, lstmWeights, { lengths, reverse })),
      (x) => all(lstm(x, lstmWeights, { mask, reverse })),
    )
    agree(
      options,
      (x) => [gru(x, gruWeights, { lengths, reverse, zeroOutputForMask: true }).outputs],
      (x) => [mul(gru(x, gruWeights, { mask, reverse }).outputs, reshape(cast(mask, 'float64'), [B, T, 1]))],
    )
  })

  test('the way back begins at the last step that counts', () => {
    agree(
      options,
      (x) => {
        const { outputs, last } = bidirectional((reverse) =>
          lstm(x, reverse ? keras(4, 1.1) : lstmWeights, { reverse, lengths, zeroOutputForMask: true }),
        )
        return [slice(outputs, [{ start: 2 }]), slice(last, [{ start: 2 }])]
      },
      (x) => {
        const short = slice(x, [{ start: 2 }, { end: 3 }])
        const [there, back] = [lstm(short, lstmWeights), lstm(flip(short, [1]), keras(4, 1.1))]
        const both = [there.outputs, flip(back.outputs, [1])]
        const padded = matmul(constant([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]], { dtype: 'float64' }), concat(both, { axis: -1 })) // prettier-ignore
        return [padded, concat([there.last, back.last], { axis: -1 })]
      },
    )
  })

  test('values of masked steps meet no result and no gradient', () => {
    const huge = x.values.slice()
    for (let n = 0; n < B; n++) for (let i = LENGTHS[n]! * F; i < T * F; i++) huge[n * T * F + i] = 1e300
    const build = (x: Tensor<[number, number, number]>) => {
      const kernel = known([F, 4 * H], 1.3)
      const { outputs, last } = lstm(x, { ...lstmWeights, kernel }, { lengths })
      const [gx, gk] = grad(add(sum(mul(outputs, outputs)), sum(last)), [x, kernel])
      return { outputs, gx, gk }
    }
    const [plain, wild] = [values(options, build), values(options, build, huge)]
    for (const name of ['outputs', 'gx', 'gk']) close(wild[name]!, plain[name]!)
    expect([...plain['gx']!.slice(T * F, 2 * T * F)].every((g) => g === 0)).toBe(true)
  })

  test('an output that is no state is repeated where a step is masked, zeros before the first', () => {
    const gap = constant([[0, 1, 0, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]], { dtype: 'bool' }) // prettier-ignore
    const counting = (x: Tensor, { n }: { readonly n: Tensor }) => ({ output: mul(x, 3), state: { n: add(n, 1) } })
    for (const reverse of [false, true])
      for (const timeMajor of [false, true]) {
        const turned = (t: Tensor): Tensor =>
          timeMajor ? transpose(t, [1, 0, ...t.shape.slice(2).map((_, i) => i + 2)]) : t
        const initialState = { n: fill([B, 1], 0, { dtype: 'int32' }) }
        const common = { reverse, timeMajor, initialState }
        const made = values(options, (x) => {
          const masked = rnn(turned(x), counting, { ...common, mask: turned(gap) })
          const zeroed = rnn(turned(x), counting, { ...common, mask: turned(gap), zeroOutputForMask: true })
          const free = rnn(turned(x), counting, common)
          return {
            y: masked.outputs,
            last: masked.last,
            z: zeroed.outputs,
            zLast: zeroed.last,
            n: masked.state.n,
            free: free.last,
          }
        })
        const at = (t: number, n: number): number[] => [...x.values.subarray((n * T + t) * F, (n * T + t + 1) * F)].map((v) => 3 * v) // prettier-ignore
        const none = [0, 0, 0, 0]
        const first = reverse
          ? [at(1, 0), at(1, 0), at(3, 0), at(3, 0), none]
          : [none, at(1, 0), at(1, 0), at(3, 0), at(3, 0)]
        const zeroed = [none, at(1, 0), none, at(3, 0), none]
        const second = [0, 1, 2, 3, 4].map((t) => at(t, 1))
        const rows = (three: number[][][]): number[] => (timeMajor ? [0, 1, 2, 3, 4].flatMap((t) => three.flatMap((s) => s[t]!)) : three.flat(2)) // prettier-ignore
        const nothing = [none, none, none, none, none]
        close(made['y']!, rows([first, second, nothing]))
        close(made['z']!, rows([zeroed, second, nothing]))
        const end = [at(reverse ? 1 : 3, 0), at(reverse ? 0 : 4, 1), none].flat()
        close(made['last']!, end)
        close(made['zLast']!, end)
        expect([...made['n']!]).toEqual([2, 5, 0])
        close(
          made['free']!,
          [0, 1, 2].flatMap((n) => at(reverse ? 0 : 4, n)),
        )
      }
  })

  test('what stretches to the state is a first state, and is learnt as such', () => {
    const { a, b, ga, gb } = values(options, (x) => {
      const [one, all] = [known([H], 3.3), known([1, H], 3.3)]
      const [y, z] = [
        gru(x, gruWeights, { initialState: { h: one } }).last,
        gru(x, gruWeights, { initialState: { h: add(all, fill([B, H], 0, { dtype: 'float64' })) } }).last,
      ]
      const [ga] = grad(sum(y), [one])
      const [gb] = grad(sum(z), [all])
      return { a: y, b: z, ga, gb }
    })
    close(a!, b!)
    close(ga!, gb!)
  })

  test('layers on top of one another are cells on top of one another', () => {
    const second = {
      kernel: known([H, 4 * H], 0.9),
      recurrentKernel: known([H, 4 * H], 1.1),
      bias: known([4 * H], 0.3),
    }
    const zeros = fill([B, H], 0, { dtype: 'float64' })
    const cell = stackedCells([
      (x, state: LstmState) => lstmCell(x, state, lstmWeights),
      (x, state: LstmState) => lstmCell(x, state, second),
    ])
    const both = [{ h: zeros, c: zeros }, { h: zeros, c: zeros }] as const // prettier-ignore
    agree(
      options,
      (x) => {
        const { outputs, last, state } = stacked(x, [
          (x) => lstm(x as Tensor<[number, number, number]>, lstmWeights, { lengths }),
          (x) => lstm(x as Tensor<[number, number, number]>, second, { lengths }),
        ])
        return [outputs, last, state[0].c, state[1].c]
      },
      (x) => {
        const { outputs, last, state } = rnn(x, cell, { initialState: both, lengths })
        return [outputs, last, state[0].c, state[1].c]
      },
    )
  })

  test('the second gradient is that of differences', () => {
    const build = (x: Tensor<[number, number, number]>) => {
      const { outputs, state } = lstm(x, lstmWeights, { lengths, reverse: true })
      const loss = add(sum(mul(outputs, known(outputs.shape, 0.7))), sum(mul(state.c, state.c)))
      const [g] = grad(loss, [x])
      const along = sum(mul(g, known(g.shape, 0.31)))
      return { along: reshape(along, [1]), gg: grad(along, [x])[0] }
    }
    const { gg } = values(options, build)
    for (const i of [0, 7, F * T + 3, 2 * F * T + 5]) {
      const moved = (by: number): number => values(options, build, x.values.map((v, k) => (k === i ? v + by : v)))['along']![0]! // prettier-ignore
      expect(gg![i]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 7)
    }
  })

  test('a state that is kept goes on where it ended, until it is reset', () => {
    const memory = stateVariables('memory', { h: [B, H], c: [B, H] }, { dtype: 'float64' })
    const net = compile(
      {
        step: entry({ x: tensor([B, 'T', F], 'float64') }, ({ x }) => {
          const { outputs, state } = lstm(x, lstmWeights, { initialState: memory })
          return { outputs: { outputs }, updates: keepState(memory, state) }
        }),
        whole: entry({ x: tensor([B, 'T', F], 'float64') }, ({ x }) => ({
          outputs: { outputs: lstm(x, lstmWeights).outputs },
        })),
        reset: entry({}, () => ({ outputs: {}, updates: resetState(memory) })),
      },
      options,
    )
    const part = (from: number, to: number): Float64Array =>
      Float64Array.from([0, 1, 2].flatMap((n) => [...x.values.subarray((n * T + from) * F, (n * T + to) * F)]))
    const { outputs } = net.whole({ x: x.values })
    const rows = (from: number, to: number) => [0, 1, 2].flatMap((n) => [...outputs.subarray((n * T + from) * H, (n * T + to) * H)]) // prettier-ignore
    for (const _ of [1, 2]) {
      close(net.step({ x: part(0, 2) }).outputs, rows(0, 2))
      close(net.step({ x: part(2, 5) }).outputs, rows(2, 5))
      close(net.state.get(memory.h), rows(4, 5))
      net.reset({})
    }
    expect([...net.state.get('memory/c')]).toEqual(Array(B * H).fill(0))
  })
})
