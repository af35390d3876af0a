import * as loom from 'gradloom'
import { compile, type CompileOptions, entry, GraphError, tensor, type Tensor, vjp } from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import { type Activation, activationConfig, activationNames, activationOf } from '../../src/parts/activations'
import { camelCase, type Numbers, recordsOf } from './keras'

interface ActivationRecord {
  readonly id: string
  readonly activation: string
  readonly args: Readonly<Record<string, unknown>>
  readonly x: Numbers
  readonly y: Numbers
  readonly c: Numbers
  readonly grad_x: Numbers
  readonly f32_deviation: number
}
const RECORDS = recordsOf<ActivationRecord>('activations.json')
const TARGETS: Readonly<Record<string, CompileOptions>> = { js: { target: 'js' }, wasm: { target: 'wasm', threads: 1 } }

/** Where a gradient jumps: there the records have the slope that torch takes. */
const KINKS: Readonly<Record<string, readonly number[]>> = {
  hard_sigmoid: [-3, 3],
  leaky_relu: [0],
  elu: [0],
  relu: [0, 6],
  relu6: [0, 6],
}

function run(
  f: Activation,
  { shape, data }: Numbers,
  c: Numbers,
  options: CompileOptions,
): [Float32Array, Float32Array] {
  const program = compile(
    entry({ x: tensor([...shape]), c: tensor([...c.shape]) }, ({ x, c }) => {
      const y = f(x)
      return { outputs: { y, g: vjp([y], [c], [x])[0] } }
    }),
    options,
  )
  const { y, g } = program({ x: Float32Array.from(data), c: Float32Array.from(c.data) })
  return [y, g] as unknown as [Float32Array, Float32Array]
}

describe.each(Object.entries(TARGETS))('on %s', (target, options) => {
  it('every record of Keras agrees, value and gradient', () => {
    let count = 0
    for (const { id, activation, args, x, y, c, grad_x, f32_deviation } of RECORDS) {
      const f = activationOf({ className: activation, config: camelCase(args) })
      const [values, gradients] = run(f, x, c, options)
      const wider = Math.max(1, f32_deviation)
      const expectNear = (found: number, right: number, what: string): void =>
        expect(Math.abs(found - right), `${id}: ${what}: ${found} for ${right}`).toBeLessThanOrEqual(
          wider * (1e-5 * Math.abs(right) + 1e-6),
        )
      const kinks = KINKS[activation] ?? []
      x.data.forEach((v, i) => {
        expectNear(values[i]!, y.data[i]!, `value at ${v}`)
        if (!kinks.includes(v)) expectNear(gradients[i]!, grad_x.data[i]!, `gradient at ${v}`)
      })
      count++
    }
    console.info(`${count} activations as in Keras on ${target}`)
    expect(count).toBe(18)
  })
})

it('those of which Keras left no record are these; test/ops holds them to their formulas', () => {
  const recorded = new Set(RECORDS.map(({ activation }) => activationConfig(activationOf(activation))))
  expect(activationNames.filter((name) => !recorded.has(name)).join(' ')).toBe(
    'celu glu hardShrink hardSilu hardTanh logSigmoid mish selu softShrink sparsemax sparsePlus sparseSigmoid squareplus ' +
      'tanhShrink threshold',
  )
})

describe('names', () => {
  it('are those of Keras, and lead to the public functions', () => {
    expect(activationNames).toHaveLength(30)
    const x = loom.fill([2, 4], 1)
    const other: Readonly<Record<string, (x: Tensor) => Tensor>> = {
      exponential: loom.exp,
      linear: (x) => x,
      threshold: (x) => loom.threshold(x, 1, 2),
    }
    for (const name of activationNames) {
      const config = name === 'threshold' ? { threshold: 1, defaultValue: 2 } : {}
      const own = other[name] ?? (loom as never)[name]
      const [made, right] = [activationOf({ className: name, config })(x), own(x)]
      expect(made.op.name, name).toBe(right.op.name)
      expect(made.attrs, name).toEqual(right.attrs)
    }
  })

  it.each(['leakyRelu', 'leaky_relu', 'LeakyReLU'])('are written in any way: %s', (id) => {
    expect(activationConfig(activationOf(id))).toBe('leakyRelu')
  })

  it.each([
    ['swish', 'silu'],
    ['hard_swish', 'hardSilu'],
    ['hardSwish', 'hardSilu'],
  ])('%s is %s', (id, name) => {
    expect(activationConfig(activationOf(id))).toBe(name)
  })

  it('of none is linear, which gives what it is given', () => {
    const x = loom.fill([2], 1)
    for (const id of [undefined, null, 'linear', loom.identity] as const) {
      expect(activationOf(id)(x)).toBe(x)
      expect(activationConfig(activationOf(id))).toBe('linear')
    }
  })

  it('of public functions are known', () => {
    for (const [f, name] of [
      [loom.relu, 'relu'],
      [loom.exp, 'exponential'],
      [loom.gelu, 'gelu'],
    ] as const) {
      expect(activationConfig(activationOf(f as Activation))).toBe(name)
    }
  })
})

describe('configs', () => {
  const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    celu: { alpha: 0.5 },
    elu: { alpha: 0.5 },
    gelu: { approximate: true },
    glu: { axis: 0 },
    hardShrink: { threshold: 0.25 },
    leakyRelu: { negativeSlope: 0.05 },
    logSoftmax: { axis: 0 },
    relu: { negativeSlope: 0.1, maxValue: 3, threshold: 0.5 },
    softmax: { axis: 0 },
    softShrink: { threshold: 0.25 },
    sparsemax: { axis: 0 },
    squareplus: { b: 1 },
    threshold: { threshold: 0.5, defaultValue: -1 },
  }
  const x: Numbers = { shape: [4, 2], data: [-2.25, 0.375, 3.5, -0.125, 0.75, 0.625, -0.5, 1.125] }
  const c: Numbers = { shape: [4, 2], data: [1, -1, 2, 0.5, -0.5, 1.5, 1, 3] }
  const cut = (f: Activation): Numbers => (f.className === 'glu' && f.config!['axis'] === 0 ? { ...c, shape: [2, 2], data: c.data.slice(0, 4) } : f.className === 'glu' ? { shape: [4, 1], data: c.data.slice(0, 4) } : c) // prettier-ignore

  const every = activationNames.flatMap((name) => [
    ...(name === 'threshold' ? [] : [{ className: name, config: {} }]),
    ...(OPTIONS[name] ? [{ className: name, config: OPTIONS[name] }] : []),
  ])
  it.each(every)('make the same again: $className $config', (id) => {
    const first = activationOf(id)
    const written = JSON.parse(JSON.stringify(activationConfig(first))) as typeof id
    if (Object.keys(id.config).length === 0) expect(written).toBe(id.className)
    else expect(written).toEqual(id)
    const again = activationOf(written)
    expect(activationConfig(again)).toEqual(activationConfig(first))
    expect(run(again, x, cut(again), TARGETS['js']!)).toEqual(run(first, x, cut(first), TARGETS['js']!))
    // An option that changes nothing would be one that is not read.
    if (Object.keys(id.config).length > 0 && id.className !== 'threshold' && id.className !== 'glu')
      expect(run(first, x, c, TARGETS['js']!)).not.toEqual(run(activationOf(id.className), x, c, TARGETS['js']!))
  })

  test('a function of the user works and cannot be saved', () => {
    const own = (x: Tensor): Tensor => loom.mul(x, 2)
    expect(activationOf(own)).toBe(own)
    expect(() => activationConfig(own)).toThrow("activation: a function of one's own cannot be saved")
  })

  test.each<[unknown, string]>([
    ['rellu', 'there is no activation "rellu"; known are celu, elu,'],
    [{ className: 'elu', config: { alfa: 1 } }, 'elu: unknown option "alfa"; known are alpha'],
    [{ className: 'tanh', config: { axis: 1 } }, 'tanh: unknown option "axis"; it has none'],
    [{ className: 'elu', alpha: 1 }, 'activation: unknown option "alpha"; known are className, config'],
    ['threshold', 'threshold: needs threshold and defaultValue'],
    [3, 'activation: must be a name, a function or { className, config }, it is 3'],
    [{ className: 'elu', config: [1] }, 'activation: must be a name, a function or { className, config }, it is {'],
  ])('%j is refused', (id, message) => {
    expect(() => activationOf(id as string)).toThrow(GraphError)
    expect(() => activationOf(id as string)).toThrow(message)
  })
})
