import * as loom from 'gradloom'
import { compile, entry, GraphError, type Initializer, sum, variable } from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import { varianceScaling } from '../../src/init/initializers'
import { type Random, randomStream } from '../../src/init/random'
import { initializerConfig, initializerNames, initializerOf } from '../../src/parts/initializers'
import { camelCase, recordsOf } from './keras'

type Shape = readonly number[]
interface InitializerRecord {
  readonly id: string
  readonly initializer: string
  readonly args: Readonly<Record<string, unknown>>
  readonly shape: Shape
  readonly fan_in: number
  readonly fan_out: number
  readonly sampled: { readonly mean: number; readonly std: number; readonly min: number; readonly max: number }
  /** None for constants; of an orthogonal matrix only the gain. */
  readonly expected: {
    readonly limit?: number
    readonly truncated_at?: number | readonly [number, number]
    readonly min?: number
    readonly max?: number
    readonly mean?: number
    readonly std?: number
    readonly gain?: number
  }
}
const RECORDS = recordsOf<InitializerRecord>('initializers.json')

/** The names of options that are not Keras's in other letters. */
const OTHERWISE: Readonly<Record<string, string>> = { minval: 'min', maxval: 'max' }
const made = ({ initializer, args }: InitializerRecord): Initializer =>
  initializerOf({
    className: initializer,
    config: Object.fromEntries(Object.entries(camelCase(args)).map(([key, v]) => [OTHERWISE[key] ?? key, v])),
  })

/** A stream of one number each: what comes out is how an initializer scales what it draws. */
const FIXED: Random = { uniform: () => 0, normal: () => 1, truncatedNormal: () => 2 }
const flat = (values: ArrayLike<number>): number[] => Array.from(values)
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

describe.each(RECORDS.map((record) => [record.id, record] as const))('%s', (_, record) => {
  const { shape, expected, sampled } = record
  it('has the fans of Keras', () => {
    for (const [mode, fan] of [
      ['fanIn', record.fan_in],
      ['fanOut', record.fan_out],
      ['fanAvg', (record.fan_in + record.fan_out) / 2],
    ] as const) {
      const [stddev] = flat(varianceScaling({ mode, distribution: 'untruncatedNormal' })(shape, FIXED))
      expect(stddev! ** -2).toBeCloseTo(fan, 6)
    }
  })

  it('spreads as in Keras', () => {
    const initializer = made(record)
    const sample = Array.from({ length: 8 }, (_, i) => flat(initializer(shape, randomStream(1, `draw ${i}`)))).flat()
    const [low, high] = sample.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity])
    const about = mean(sample)
    const spread = Math.sqrt(mean(sample.map((v) => (v - about) ** 2)))
    if (expected.std === undefined && expected.gain === undefined) {
      // Nothing is drawn.
      expect([low, high]).toEqual([sampled.min, sampled.max])
      expect(about).toBeCloseTo(sampled.mean, 9)
      expect(spread).toBeCloseTo(sampled.std, 5)
      return
    }
    const { std = sampled.std, truncated_at: cut, limit } = expected
    const center = expected.mean ?? (expected.min === undefined ? 0 : (expected.min + expected.max!) / 2)
    expect(Math.abs(about - center)).toBeLessThan((5 * std) / Math.sqrt(sample.length))
    // Of a normal, whose kurtosis is the largest of these.
    expect(Math.abs(spread / std - 1)).toBeLessThan(5 * Math.sqrt(1 / 2 / sample.length))
    if (expected.gain !== undefined) return
    const first = flat(initializer(shape, FIXED))[0]!
    const bound =
      limit ?? (typeof cut === 'number' ? cut : cut ? cut[1] - center : expected.max && expected.max - center)
    if (bound === undefined) expect((first - center) / std).toBeCloseTo(1, 8)
    else {
      expect(Math.abs(first - center) / bound).toBeCloseTo(1, 8)
      expect(Math.max(high - center, center - low) / bound).toBeLessThanOrEqual(1 + 1e-9)
      expect(Math.min(high - center, center - low) / bound).toBeGreaterThan(0.95)
    }
  })
})

test('all records are taken', () => {
  console.info(`${RECORDS.length} initializers as in Keras`)
  expect(RECORDS).toHaveLength(110)
  // No record has a kernel of the short-time transform, which test/init holds to its formula.
  const recorded = new Set(RECORDS.map((r) => initializerConfig(made(r)).className))
  expect(initializerNames.filter((name) => !recorded.has(name))).toEqual(['STFTInitializer'])
})

describe('names and configs', () => {
  const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    Zeros: {},
    Ones: {},
    Constant: { value: 0.25 },
    Identity: { gain: 2 },
    RandomNormal: { mean: 1, stddev: 2, seed: 3 },
    RandomUniform: { min: 1, max: 2, seed: 3 },
    TruncatedNormal: { mean: 1, stddev: 2, seed: 3 },
    VarianceScaling: { scale: 2, mode: 'fanOut', distribution: 'uniform', seed: 3 },
    GlorotNormal: { seed: 3 },
    GlorotUniform: { seed: 3 },
    HeNormal: { seed: 3 },
    HeUniform: { seed: 3 },
    LecunNormal: { seed: 3 },
    LecunUniform: { seed: 3 },
    Orthogonal: { gain: 2, seed: 3 },
    STFTInitializer: { side: 'imag', window: 'hamming', scaling: 'spectrum', periodic: true },
  }
  const shapeOf = (className: string): Shape => (className === 'STFTInitializer' ? [4, 1, 3] : [4, 3])

  it('are those of Keras', () => {
    expect(Object.keys(OPTIONS).sort()).toEqual([...initializerNames].sort())
  })

  it.each(initializerNames)('%s is made again from its config', (className) => {
    const first = initializerOf({ className, config: OPTIONS[className]! })
    const written = JSON.parse(JSON.stringify(initializerConfig(first))) as { className: string; config: object }
    expect(written).toEqual({ className, config: OPTIONS[className] })
    const draw = (f: Initializer): number[] => flat(f(shapeOf(className), randomStream(1, 'w')))
    expect(draw(initializerOf(written))).toEqual(draw(first))
    const isSet = Object.keys(OPTIONS[className]!).length > 0
    if (isSet && className !== 'STFTInitializer') expect(draw(initializerOf(className))).not.toEqual(draw(first))
  })

  it.each([
    ['glorot_uniform', 'GlorotUniform'],
    ['glorotUniform', 'GlorotUniform'],
    ['he_normal', 'HeNormal'],
    ['zeros', 'Zeros'],
    ['zero', 'Zeros'],
    ['one', 'Ones'],
    ['normal', 'RandomNormal'],
    ['uniform', 'RandomUniform'],
    ['OrthogonalInitializer', 'Orthogonal'],
    ['identity', 'Identity'],
    ['IdentityInitializer', 'Identity'],
    ['constant', 'Constant'],
  ])('%s is %s', (id, className) => {
    expect(initializerConfig(initializerOf(id)).className).toBe(className)
  })

  it('what the public functions make has a config', () => {
    expect(initializerConfig(initializerOf(loom.heNormal({ seed: 4 })))).toEqual({
      className: 'HeNormal',
      config: { seed: 4 },
    })
    expect(initializerConfig(loom.randomUniform())).toEqual({
      className: 'RandomUniform',
      config: { min: -0.05, max: 0.05 },
    })
  })

  it('a function of the user works and cannot be saved', () => {
    const own: Initializer = () => [1, 2]
    expect(initializerOf(own)).toBe(own)
    expect(() => initializerConfig(own)).toThrow("initializer: a function of one's own cannot be saved")
  })

  it.each<[unknown, string]>([
    ['glorot', 'there is no initializer "glorot"; known are Zeros, Ones, Constant,'],
    [{ className: 'Zeros', config: { seed: 1 } }, 'zeros: unknown option "seed"; it has none'],
    [{ className: 'Constant', config: { values: 1 } }, 'constantInit: unknown option "values"; known are value'],
    [{ className: 'HeNormal', config: { seed: 0.5 } }, 'a random seed must be a safe integer, not 0.5'],
    [null, 'initializer: must be a name, a function or { className, config }, it is null'],
  ])('%j is refused', (id, message) => {
    expect(() => initializerOf(id as string)).toThrow(GraphError)
    expect(() => initializerOf(id as string)).toThrow(message)
  })
})

test.each(['js', 'wasm'] as const)(
  'on %s a seed alone decides, for one shape and any name and program seed',
  (target) => {
    const state = (seed: number, own: object) => {
      const make = (name: string) => variable(name, [3, 4], initializerOf({ className: 'HeNormal', config: own }))
      const [a, b] = [make('a'), make('b')]
      const program = compile(
        { main: entry({}, () => ({ outputs: { y: sum(a), z: sum(b) } })) },
        { target, seed, threads: 1 },
      )
      return [program.state.get('a'), program.state.get('b')] as const
    }
    const [a, b] = state(1, { seed: 7 })
    expect(b).toEqual(a)
    expect(state(2, { seed: 7 })).toEqual([a, a])
    expect(state(1, { seed: 8 })[0]).not.toEqual(a)
    const [c, d] = state(1, {})
    expect(d).not.toEqual(c)
  },
)
