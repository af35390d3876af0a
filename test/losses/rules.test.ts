import {
  binaryCrossEntropy,
  compile,
  constant,
  entry,
  fill,
  GraphError,
  grad,
  identity,
  klDivergence,
  mean,
  mul,
  named,
  sigmoid,
  softmax,
  sparseSoftmaxCrossEntropy,
  sub,
  tensor,
  type Tensor,
} from 'gradloom'
import { describe, expect, test } from 'vitest'
import { LOSSES, lossOf, lossValue, reduceLoss } from '../../src/losses/index'
import type { LossId } from '../../src/losses/lookup'
import { classes, draws, floats, integers, measured, oneHotOf, type Operand, shares } from './measure'

const KNOWN = LOSSES.map((l) => l.className)
/** Losses of class numbers, whose target has no axis of the classes. */
const OF_LABELS = ['CTC', 'Circle', 'CategoricalGeneralizedCrossEntropy', 'SparseCategoricalCrossentropy']
/** Losses of classes, of which there must be several. */
const OF_CLASSES = ['CategoricalCrossentropy', 'CategoricalFocalCrossentropy']
const POINTWISE = KNOWN.filter((name) => ![...OF_LABELS, ...OF_CLASSES].includes(name))

const zeros = (...shape: readonly number[]): Tensor => fill(shape, 0)
const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError)
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}

describe('shapes and dtypes', () => {
  const bad = [
    [[4, 3], [4, 2]],
    [[4, 1], [4, 3]],
    [[4, 3], [4, 1]],
    [[3], [4]],
    [[4], [4, 3]],
    [[2, 4, 3], [4, 3]],
    [[1, 3], [4, 3]],
  ] as const // prettier-ignore
  test.each(KNOWN)('%s refuses what does not fit and names both shapes', (className) => {
    const loss = lossOf(className)
    const fits = (y: readonly number[], p: readonly number[]): boolean =>
      OF_LABELS.includes(className) && className !== 'CTC' && p.length === 2 && y[0] === p[0] && y.slice(1).every((d) => d === 1) // prettier-ignore
    for (const [y, p] of bad) {
      if (fits(y, p)) continue
      const message = messageOf(() => loss(named('truth', zeros(...y)), named('guess', zeros(...p))))
      expect(message).toContain(className)
      expect(message).toContain(`"guess" float32[${p.join(', ')}]`)
      expect(message).toContain(`"truth" float32[${y.join(', ')}]`)
    }
    expect(messageOf(() => loss(constant(1), constant(1)))).toContain(className)
    expect(messageOf(() => loss([1] as never, zeros(3)))).toContain(`${className}: expected a tensor, got an array`)
  })

  test.each(POINTWISE)('%s takes samples with and without an axis of 1 for the same', (className) => {
    const loss = lossOf(className)
    const [y, p] = [draws('y', [5, 1], 0, 1), draws('p', [5, 1], 0.1, 0.9)]
    const right = measured({ y, p }, ({ y, p }) => loss(y!, p!), undefined)
    const flat = (o: Operand): Operand => ({ ...o, shape: [5] })
    for (const [a, b] of [
      [flat(y), p],
      [y, flat(p)],
      [flat(y), flat(p)],
    ] as const)
      // prettier-ignore
      expect(measured({ y: a, p: b }, ({ y, p }) => loss(y!, p!), undefined)).toEqual(right)
  })

  test.each(KNOWN)('%s takes whole numbers and bools for floats', (className) => {
    const loss = lossOf(className)
    const isLabels = OF_LABELS.includes(className)
    const labels = classes('whole', [4], 2)
    const p = className === 'CTC' ? draws('p', [4, 3, 3]) : shares('p', [4, 2])
    const y = className === 'CTC' ? { ...labels, shape: [4, 1] } : isLabels ? labels : oneHotOf(labels, 2)
    const of = (dtype: 'float64' | 'int32' | 'uint8' | 'bool'): unknown => {
      const Values = { float64: Float64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array }[dtype]
      return measured({ y: { ...y, dtype, data: Values.from(y.data) }, p }, ({ y, p }) => loss(y!, p!), undefined)
    }
    const right = of('float64')
    for (const dtype of ['int32', 'uint8', 'bool'] as const) expect(of(dtype)).toEqual(right)
    if (!isLabels)
      expect(messageOf(() => loss(fill([4, 2], 0, { dtype: 'float64' }), zeros(4, 2)))).toContain('do not mix')
  })
})

describe('options', () => {
  test.each(KNOWN)('%s: the config gives the loss again, defaults and all; a slip is an error', (className) => {
    const loss = lossOf(className)
    expect(loss.className).toBe(className)
    const { config } = loss
    expect(config['name']).toBe(loss.name)
    expect(config['reduction']).toBe('sumOverBatchSize')
    const again = lossOf({ className, config: JSON.parse(JSON.stringify(config)) as Record<string, unknown> })
    expect(again.config).toEqual(config)
    const other = lossOf({ className, config: { ...config, name: 'mine', reduction: null } })
    expect([other.name, other.reduction]).toEqual(['mine', 'none'])
    expect(messageOf(() => lossOf({ className, config: { fromLogit: true } }))).toContain(`${className}: unknown option "fromLogit"`) // prettier-ignore
    expect(messageOf(() => lossOf({ className, config: { reduction: 'average' } }))).toContain('sumOverBatchSize, sum')
  })

  const refused: readonly (readonly [className: string, config: Record<string, unknown>, says: string])[] = [
    ['Huber', { delta: 0 }, 'delta must be a positive number'],
    ['BinaryCrossentropy', { labelSmoothing: 1.5 }, 'labelSmoothing must be from 0 to 1'],
    ['BinaryCrossentropy', { fromLogits: 1 }, 'fromLogits must be true or false'],
    ['CategoricalCrossentropy', { axis: 0.5 }, 'axis must be a whole number'],
    ['BinaryFocalCrossentropy', { alpha: -1 }, 'alpha must be from 0 to 1'],
    ['BinaryFocalCrossentropy', { gamma: -1 }, 'gamma must be a number from 0'],
    ['CategoricalFocalCrossentropy', { alpha: ['a'] }, 'alpha must be a number or one a class'],
    ['SparseCategoricalCrossentropy', { ignoreClass: 0.5 }, 'ignoreClass must be a whole number or null'],
    ['CategoricalGeneralizedCrossEntropy', { q: 1 }, 'q must be between 0 and 1'],
    ['Circle', { margin: 2 }, 'margin must be from 0 to 1'],
    ['Tversky', { beta: -1 }, 'beta must be a number from 0'],
  ]
  test.each(refused)('%s refuses %o', (className, config, says) => {
    expect(messageOf(() => lossOf({ className, config }))).toContain(`${className}: ${says}`)
  })

  test('one class alone, weights of other classes, and an axis that is not there are errors', () => {
    for (const name of [...OF_CLASSES, 'SparseCategoricalCrossentropy'])
      expect(messageOf(() => lossOf(name)(zeros(4, 1), zeros(4, 1)))).toContain('use BinaryCrossentropy')
    const focal = lossOf({ className: 'CategoricalFocalCrossentropy', config: { alpha: [1, 2] } })
    expect(messageOf(() => focal(zeros(4, 3), zeros(4, 3)))).toContain('alpha has 2 numbers, the prediction 3 classes')
    const deep = lossOf({ className: 'CategoricalCrossentropy', config: { axis: 2 } })
    expect(messageOf(() => deep(zeros(4, 3), zeros(4, 3)))).toContain('axis 2 is out of range')
  })
})

describe('names', () => {
  test('are those of Keras, in any case, with or without underscores', () => {
    expect(KNOWN).toHaveLength(22)
    const snake = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
    for (const className of KNOWN)
      for (const name of [className, className.toLowerCase(), snake(className)])
        expect(lossOf(name).className, name).toBe(className)
    const short = { mse: 'MeanSquaredError', MAE: 'MeanAbsoluteError', mape: 'MeanAbsolutePercentageError', msle: 'MeanSquaredLogarithmicError', kld: 'KLDivergence', bce: 'BinaryCrossentropy' } // prettier-ignore
    for (const [name, className] of Object.entries(short)) expect(lossOf(name).className).toBe(className)
  })
  test('of no loss are an error that lists what there is', () => {
    const message = messageOf(() => lossOf('meanSquare'))
    for (const name of [...KNOWN, 'mse', 'meanSquare', 'crossentropy']) expect(message).toContain(name)
    expect(messageOf(() => lossOf(3 as never))).toContain('got number')
    expect(messageOf(() => lossOf(null as never))).toContain('got null')
    expect(messageOf(() => lossOf('crossentropy'))).toContain('there is no "crossentropy"')
  })
  test('of a crossentropy are told by the shapes', () => {
    const of = (y: number[], p: number[]): string => lossOf('crossentropy', { target: zeros(...y), prediction: zeros(...p) }).className // prettier-ignore
    expect(of([4], [4, 3])).toBe('SparseCategoricalCrossentropy')
    expect(of([4, 1], [4, 3])).toBe('SparseCategoricalCrossentropy')
    expect(of([4, 3], [4, 3])).toBe('CategoricalCrossentropy')
    for (const p of [[4, 1], [4]]) expect(of([4], p)).toBe('BinaryCrossentropy') // prettier-ignore
  })
  test('of a function are its own, and a loss stays itself', () => {
    const own: LossId = function distance(y: Tensor, p: Tensor) {
      return lossOf('mae')(y, p)
    }
    const loss = lossOf(own)
    expect([loss.name, loss.reduction]).toEqual(['distance', 'sumOverBatchSize'])
    expect(lossOf(loss)).toBe(loss)
    const [y, p] = [draws('y', [4, 3]), draws('p', [4, 3])]
    const of = (l: LossId) => measured({ y, p }, ({ y, p }) => lossValue(lossOf(l), y!, p!), undefined)
    expect(of(own)).toEqual(of('mae'))
  })
})

describe('what is the result of a softmax or a sigmoid', () => {
  const SEEN: readonly (readonly [className: string, of: (z: Tensor) => Tensor, y: Operand])[] = [
    ['BinaryCrossentropy', sigmoid, draws('soft', [4, 3])],
    ['BinaryFocalCrossentropy', sigmoid, draws('soft', [4, 3])],
    ['CategoricalCrossentropy', softmax, shares('soft', [4, 3])],
    ['CategoricalFocalCrossentropy', softmax, shares('soft', [4, 3])],
    ['SparseCategoricalCrossentropy', softmax, classes('soft', [4], 3)],
  ]
  const given = (className: string) => lossOf(className)
  const ofLogits = (className: string) => lossOf({ className, config: { fromLogits: true } })

  test.each(SEEN)('%s is computed from the logits, whatever names stand between', (className, of, y) => {
    const p = draws('logits', [4, 3], -40, 40)
    const right = measured({ y, p }, ({ y, p }) => ofLogits(className)(y!, p!), undefined)
    for (const between of [
      (t: Tensor) => t,
      (t: Tensor) => named('probability', t),
      (t: Tensor) => identity(identity(t)),
    ])
      // prettier-ignore
      expect(measured({ y, p }, ({ y, p }) => given(className)(y!, between(of(p!))), undefined)).toEqual(right)
    expect(right.gradient.every(Number.isFinite)).toBe(true)
  })

  test.each(SEEN)('%s is the same from probabilities, where nothing is clipped', (className, of, y) => {
    const p = draws('moderate', [4, 3], -2, 2)
    const right = measured({ y, p }, ({ y, p }) => ofLogits(className)(y!, p!), undefined)
    const got = measured({ y, p }, ({ y, p }) => given(className)(y!, of(p!)), undefined)
    const hidden = measured({ y, p }, ({ y, p }) => given(className)(y!, hide(of(p!))), undefined)
    expect(got).toEqual(right)
    hidden.value.forEach((v, i) => { expect(v).toBeCloseTo(right.value[i]!, 10) }) // prettier-ignore
    hidden.gradient.forEach((v, i) => { expect(v).toBeCloseTo(right.gradient[i]!, 10) }) // prettier-ignore
    expect(hidden.gradient).not.toEqual(right.gradient)
  })

  test('a softmax over another axis is not seen through', () => {
    const [y, p] = [shares('square', [3, 3]), draws('square', [3, 3], -2, 2)]
    const loss = lossOf('CategoricalCrossentropy')
    const of = (through: (t: Tensor) => Tensor) =>
      measured({ y, p }, ({ y, p }) => loss(y!, through(softmax(p!, { axis: 0 }))), undefined)
    expect(of((t) => t)).toEqual(of(hide))
  })
})

/** The same value under an op of its own. */
const hide = (t: Tensor): Tensor => mul(t, 1)

describe('reductions', () => {
  type Numbers = readonly number[]
  const WEIGHTS: readonly (Operand | undefined)[] = [undefined, floats([3], [0.5, 0, 2]), floats([3, 1], [0.5, 0, 2]), floats([3, 2], [1, 0, 0.5, 2, 3, 0.25]), floats([], [2])] // prettier-ignore
  const MASKS: readonly (Operand | undefined)[] = [undefined, integers([3], [1, 0, 1]), integers([3, 2], [1, 1, 0, 1, 0, 0]), integers([3, 1], [0, 0, 0])] // prettier-ignore
  const VALUES = floats([3, 2], [1, -2, 3, 5, 7, -11])
  const stretched = (o: Operand | undefined): Numbers | undefined =>
    o && Array.from({ length: 6 }, (_, i) => o.data[o.data.length === 6 ? i : o.data.length === 3 ? i >> 1 : 0]!)
  const total = (values: Numbers): number => values.reduce((a, b) => a + b, 0)
  const quotient = (a: number, b: number): number => (b === 0 ? 0 : a / b)

  const REDUCTIONS = ['sumOverBatchSize', 'mean', 'sum', 'meanWithSampleWeight', 'none'] as const
  const all = REDUCTIONS.flatMap((r) =>
    WEIGHTS.flatMap((w) => MASKS.map((m) => [r, w?.shape, m?.shape, w, m] as const)),
  )
  test.each(all)('%s of weights %o and a mask %o', (reduction, _w, _m, weight, mask) => {
    const loss = lossOf({ className: 'MeanSquaredError', config: { reduction } })
    const given = { p: VALUES, ...(weight ? { weight } : {}), ...(mask ? { mask } : {}) }
    const got = measured(given, ({ p, weight, mask }) => reduceLoss(loss, p!, { weight, mask }), undefined)
    const w = stretched(weight) ?? [1, 1, 1, 1, 1, 1]
    const m = (stretched(mask) ?? [1, 1, 1, 1, 1, 1]).map((v) => (v === 0 ? 0 : 1))
    const factors = w.map((v, i) => v * m[i]!)
    const weighted = factors.map((f, i) => f * VALUES.data[i]!)
    const divisor = { sum: 1, none: 1, sumOverBatchSize: total(m), mean: total(m), meanWithSampleWeight: total(factors) }[reduction] // prettier-ignore
    const right = reduction === 'none' ? weighted : [quotient(total(weighted), divisor)]
    const near = (a: Numbers, b: Numbers) => {
      expect(a).toHaveLength(b.length)
      a.forEach((v, i) => { expect(v).toBeCloseTo(b[i]!, 12) }) // prettier-ignore
    }
    near(got.value, right)
    near(got.gradient, factors.map((f) => quotient(f, divisor))) // prettier-ignore
    expect(got.shape).toEqual(reduction === 'none' ? [3, 2] : [])
  })

  test('what is masked may be anything', () => {
    const p = floats([3], [1, NaN, 3])
    const got = measured({ p }, ({ p }) => reduceLoss(lossOf('mse'), p!, { mask: constant([1, 0, 1]) }), undefined)
    expect(got).toEqual({ value: [2], shape: [], gradient: [0.5, 0, 0.5] })
  })

  test('weights of another shape are an error with both', () => {
    for (const shape of [[2], [1], [3, 3], [3, 2, 2], [2, 3]]) {
      const message = messageOf(() => reduceLoss(lossOf('mse'), zeros(3, 2), { weight: zeros(...shape) }))
      expect(message).toContain(`MeanSquaredError: the weight [${shape.join(', ')}]`)
      expect(message).toContain('[3, 2]')
      expect(messageOf(() => reduceLoss(lossOf('mse'), zeros(3, 2), { mask: zeros(...shape) }))).toContain('the mask')
    }
    expect(messageOf(() => lossValue(lossOf('dice'), zeros(3, 2), zeros(3, 2), { weight: zeros(3) }))).toContain('one of the whole batch') // prettier-ignore
  })

  test('the masked mean has the mask in its denominator (tensorflow#34158)', () => {
    const y = floats([3], [0, 1, 1])
    const p = floats([3], [1, 0, 1])
    const mask = constant([1, 0, 1])
    const got = measured({ y, p }, ({ y, p }) => lossValue(lossOf('mae'), y!, p!, { mask }), undefined)
    expect(got).toEqual({ value: [0.5], shape: [], gradient: [0.5, 0, 0] })
  })

  test('labels are smoothed to y (1 - s) + s / K (fastai#1814)', () => {
    const loss = lossOf({ className: 'CategoricalCrossentropy', config: { fromLogits: true, labelSmoothing: 0.1 } })
    const got = measured({ y: floats([1, 3], [1, 0, 0]), p: floats([1, 3], [2, 1, 0]) }, ({ y, p }) => lossValue(loss, y!, p!), undefined) // prettier-ignore
    expect(got.value[0]).toBeCloseTo(0.5076059644443806, 14)
    const right = [-0.2680923775585117, 0.21139513772146426, 0.0566972398370471]
    got.gradient.forEach((g, i) => { expect(g).toBeCloseTo(right[i]!, 14) }) // prettier-ignore
  })

  test('rows of a class to be ignored, or without others like them, are in no mean', () => {
    const sparse = lossOf({ className: 'SparseCategoricalCrossentropy', config: { ignoreClass: -1, fromLogits: true } })
    const p = draws('p', [4, 3], -1, 1)
    const kept = { ...p, shape: [2, 3], data: p.data.slice(3, 9) }
    const of = (y: Operand, p: Operand, mask?: Tensor) => measured({ y, p }, ({ y, p }) => lossValue(sparse, y!, p!, { mask }), undefined) // prettier-ignore
    const some = of(integers([4], [-1, 0, 2, -1]), p)
    const right = of(integers([2], [0, 2]), kept)
    expect(some.value[0]).toBeCloseTo(right.value[0]!, 14)
    some.gradient.forEach((g, i) => { expect(g).toBeCloseTo(right.gradient[i - 3] ?? 0, 14) }) // prettier-ignore
    // A mask of the user's is another condition.
    const both = of(integers([4], [-1, 0, 2, -1]), p, constant([1, 1, 0, 1]))
    expect(both.value[0]).toBeCloseTo(of(integers([1], [0]), { ...p, shape: [1, 3], data: p.data.slice(3, 6) }).value[0]!, 14) // prettier-ignore
    const circle = lossOf('Circle')
    const points = draws('points', [3, 2], -0.5, 0.5)
    const values = measured({ p: points }, ({ p }) => circle(constant([0, 0, 1]), p!), undefined).value
    const mean = measured({ p: points }, ({ p }) => lossValue(circle, constant([0, 0, 1]), p!), undefined).value[0]!
    expect(values[2]).toBe(0)
    expect(mean).toBeCloseTo((values[0]! + values[1]!) / 2, 12)
  })
})

describe('labels 0 and 1 of a hinge', () => {
  test.each(['Hinge', 'SquaredHinge'])(
    '%s: are -1 and 1 where all of a batch are, and what they are elsewhere',
    (name) => {
      // prettier-ignore
      const loss = lossOf(name)
      const p = draws('p', [2, 2], -0.5, 0.5)
      const of = (y: readonly number[]) => measured({ y: floats([2, 2], y), p }, ({ y, p }) => loss(y!, p!), undefined)
      expect(of([0, 1, 1, 0])).toEqual(of([-1, 1, 1, -1]))
      expect(of([0, 1, 1, -1])).not.toEqual(of([-1, 1, 1, -1]))
    },
  )
})

test('a class out of range is an error of the step', () => {
  for (const name of ['SparseCategoricalCrossentropy', 'CategoricalGeneralizedCrossEntropy'])
    for (const target of ['js', 'wasm'] as const) {
      const run = compile(
        entry({ y: tensor([2], 'int32'), p: tensor([2, 3]) }, ({ y, p }) => {
          const value = lossValue(lossOf(name), y, p)
          return { outputs: { value, g: grad(value, [p])[0] } }
        }),
        { target },
      )
      const p = [[0.2, 0.3, 0.5], [0.2, 0.3, 0.5]] // prettier-ignore
      expect(() => run({ y: [0, 3], p })).toThrow(/3/)
      expect(Number.isFinite(run({ y: [0, 2], p }).value)).toBe(true)
    }
})

describe('functions of target and prediction', () => {
  const values = (loss: LossId, target: Tensor, prediction: Tensor): number[] => {
    const run = compile(entry({}, () => ({ outputs: { y: lossOf(loss)(target, prediction) } })))
    return [...(run({}) as { y: Float32Array }).y]
  }
  const [labels, guess] = [constant([0, 1, 1]), constant([[0.25], [0.5], [0.75]])]
  test('are given equal ranks, as losses by name are', () => {
    const square = (y: Tensor, p: Tensor): Tensor => mul(sub(y, p), sub(y, p))
    expect(values(square, labels, guess)).toEqual([0.0625, 0.25, 0.0625])
    expect(values(square, constant([[0], [1]]), constant([0.5, 0.5]))).toEqual([0.25, 0.25])
  })
  test('of the main entry take the prediction first', () => {
    const close = (got: number[], want: number[]): void => got.forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 5))
    close(values(binaryCrossEntropy, labels, guess), [-Math.log(0.75), -Math.log(0.5), -Math.log(0.75)])
    close(values(klDivergence, constant([[0.5, 0.5]]), constant([[0.25, 0.75]])), [
      Math.log(2) / 2 + Math.log(2 / 3) / 2,
    ])
    close(
      values(
        sparseSoftmaxCrossEntropy as never,
        constant([1, 0], { dtype: 'int32' }),
        constant([
          [0, 0],
          [0, 0],
        ]),
      ),
      [Math.log(2), Math.log(2)],
    )
  })
  test('are named in what is refused', () => {
    const silent = (() => undefined) as unknown as (y: Tensor, p: Tensor) => Tensor
    expect(messageOf(() => lossOf(silent)(labels, guess))).toContain('loss "silent": the function must return a tensor, it returned undefined') // prettier-ignore
    const whole = (y: Tensor, p: Tensor): Tensor => mean(sub(y, p))
    const weight = constant([1, 2, 3])
    expect(messageOf(() => lossValue(lossOf(whole), labels, guess, { weight }))).toContain('loss "whole": the weight [3] is for samples') // prettier-ignore
  })
})
