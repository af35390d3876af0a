import * as loom from 'gradloom'
import { cond, constant, entry, FeedError, gather, grad, GraphError, mul, scan, sparseSoftmaxCrossEntropy, sub, sum, tensor, type Tensor, update, variable } from 'gradloom' // prettier-ignore
import { describe, expect, it, test } from 'vitest'
import { entryInternals } from '../../src/compile/internals'
import { VARIANTS } from '../ops/cases'
import { expectFault } from '../fault'

type Step = (table: Tensor, index: Tensor) => Tensor
type Loop = (table: Tensor, at: Tensor, take: Step) => Tensor

const gathered: Step = (table, index) => gather(table, index as loom.Indices)
/** An index that is computed, and so is known only when the program runs. */
const computed: Step = (table, index) => gathered(table, loom.add(index, mul(index, 0)))

/** Loops over indices at [4, 2], all of which are read to take rows of a table [3, 2]. */
const LOOPS: Readonly<Record<string, Loop>> = {
  slices: (table, at, take) =>
    scan({ over: { at }, carry: {}, step: (_, x) => ({ carry: {}, outputs: { y: take(table, x.at) } }) }).outputs.y,
  'slices of another axis': (table, at, take) =>
    scan({
      over: { at: loom.transpose(at) },
      axis: 1,
      carry: {},
      step: (_, x) => ({ carry: {}, outputs: { y: take(table, x.at) } }),
    }).outputs.y,
  'slices from the last': (table, at, take) =>
    scan({ over: { at }, reverse: true, carry: { h: sum(table) }, step: ({ h }, x) => ({ carry: { h: loom.add(h, sum(take(table, x.at))) } }) }).carry.h, // prettier-ignore
  captured: (table, at, take) =>
    scan({ length: 3, carry: { h: table }, step: ({ h }) => ({ carry: { h: loom.add(h, sum(take(h, at))) } }) }).carry.h, // prettier-ignore
  carried: (table, at, take) =>
    scan({
      length: 2,
      carry: { i: at, h: sum(table) },
      step: ({ i, h }) => ({ carry: { i, h: loom.add(h, sum(take(table, i))) } }),
    }).carry.h,
  'a loop in a loop, slices of slices': (table, at, take) =>
    scan({
      over: { at },
      carry: {},
      step: (_, x) => ({
        carry: {},
        outputs: scan({ over: { at: x.at }, carry: {}, step: (_, x) => ({ carry: {}, outputs: { y: take(table, x.at) } }) }).outputs, // prettier-ignore
      }),
    }).outputs.y,
  'a loop in a loop, slices that are captured': (table, at, take) =>
    scan({
      over: { at },
      carry: { h: sum(table) },
      step: ({ h }, x) => ({
        carry: scan({ length: 2, carry: { h }, step: ({ h }) => ({ carry: { h: loom.add(h, sum(take(table, x.at))) } }) }).carry, // prettier-ignore
      }),
    }).carry.h,
  segments: (table, at, take) =>
    scan({
      over: { at },
      carry: { h: loom.reshape(table, [6]) },
      memory: 240,
      step: ({ h }, x) => ({ carry: { h: mul(loom.sin(h), sum(take(table, x.at))) } }),
    }).carry.h,
  'an arm of a choice': (table, at, take) =>
    scan({
      over: { at },
      carry: { h: sum(table) },
      step: ({ h }, x) => ({ carry: { h: cond(loom.less(h, 1e30), () => loom.add(h, sum(take(table, x.at))), () => h) } }), // prettier-ignore
    }).carry.h,
}
const TAKES: Readonly<Record<string, Step>> = { gathered, computed }

const GOOD = [[0, 1], [2, 2], [1, 0], [0, 2]] // prettier-ignore
const WRONG = [3, -1, 2 ** 31 - 1, -(2 ** 31)]

describe.each(Object.entries(VARIANTS))('indices out of range in a step, %s', (_variant, options) => {
  it.each(Object.keys(LOOPS).flatMap((loop) => Object.keys(TAKES).map((take) => [loop, take] as const)))(
    '%s, %s',
    (loop, take) => {
      const w = variable('w', [3, 2], [[0.5, 1], [-1, 0.25], [2, 0]]) // prettier-ignore
      const run = loom.compile(
        entry({ at: tensor([4, 2], 'int32') }, ({ at }) => {
          const y = LOOPS[loop]!(w, at, TAKES[take]!)
          const [d] = grad(sum(mul(y, y)), [w])
          return { outputs: { y, d: d }, updates: [update(w, sub(w, mul(d, 1e-3)))] }
        }),
        options,
      )
      run({ at: GOOD })
      const before = run.state.get('w')
      WRONG.forEach((wrong, k) => {
        const at = GOOD.map((row, i) => row.map((v, j) => (i === k && j === k % 2 ? wrong : v)))
        expectFault(() => run({ at }), FeedError, 'entry "main"', 'gather', '0 to 2')
        expect(run.state.get('w')).toEqual(before)
      })
      run({ at: GOOD })
      expect(run.state.get('w')).not.toEqual(before)
      run.dispose()
    },
  )
})

const labelled = (at: readonly number[]) => ({ at, x: [[1, 2, 3], [4, 5, 6]] }) // prettier-ignore
test('what is fed is named with its position', () => {
  const run = loom.compile(
    entry({ at: tensor([2], 'uint8'), x: tensor([2, 3]) }, ({ at, x }) => ({
      outputs: scan({
        over: { at, x },
        carry: {},
        step: (_, { at, x }) => ({ carry: {}, outputs: { loss: sparseSoftmaxCrossEntropy(x, at) } }),
      }).outputs,
    })),
  )
  expectFault(() => run(labelled([2, 3])), FeedError, '"at"', '3 at position 1', 'sparseSoftmaxCrossEntropy', '0 to 2')
  expect(run(labelled([2, 0])).loss).toHaveLength(2)
})

test('only the gradient reads them', () => {
  const run = loom.compile(
    entry({ at: tensor([2], 'int32'), x: tensor([3, 2]) }, ({ at, x }) => {
      const { carry } = scan({ over: { at }, carry: { h: sum(x) }, step: ({ h }, { at }) => ({ carry: { h: loom.add(h, sum(computed(x, at))) } }) }) // prettier-ignore
      return { outputs: { d: grad(carry.h, [x])[0] } }
    }),
  )
  const x = [[1, 2], [3, 4], [5, 6]] // prettier-ignore
  expect(Array.from(run({ at: [2, 1], x }).d)).toEqual([1, 1, 2, 2, 2, 2])
  expectFault(() => run({ at: [2, 3], x }), FeedError, 'gather', '0 to 2', '1 case')
})

test('all turns are counted, and each of two that read alike', () => {
  const run = loom.compile(
    entry({ at: tensor([5], 'int32'), x: tensor([3, 2]) }, ({ at, x }) => {
      const loop = () => scan({ over: { at }, carry: {}, step: (_, { at }) => ({ carry: {}, outputs: { y: computed(x, at) } }) }).outputs // prettier-ignore
      const [a, b] = [0, 1].map(loop)
      return { outputs: { a: a!.y, b: b!.y } }
    }),
  )
  const x = [[1, 2], [3, 4], [5, 6]] // prettier-ignore
  expectFault(() => run({ at: [2, 3, 0, -1, 3], x }), FeedError, '6 cases')
})

const checksOf = (run: object): number =>
  entryInternals('test', run).current!.compilation.plan.items.filter((item) => item.kind === 'check').length

test('the place is an index whose range is known', () => {
  const rows = (length: number) =>
    loom.compile(
      entry({ x: tensor([3, 2]) }, ({ x }) => ({
        outputs: scan({ length, carry: {}, step: (_, __, t) => ({ carry: {}, outputs: { y: gather(x, t as never) } }) })
          .outputs,
      })),
    )
  const x = [[1, 2], [3, 4], [5, 6]] // prettier-ignore
  expect(Array.from(rows(3)({ x }).y as Float32Array)).toEqual([1, 2, 3, 4, 5, 6])
  expect(checksOf(rows(3))).toBe(0)
  expectFault(() => rows(4)({ x }), FeedError, 'gather', '0 to 2', '1 case')
})

test('numbers in a step are checked when the graph is compiled', () => {
  const made = (k: number, inArm: boolean) =>
    loom.compile(
      entry({ x: tensor([3, 2]) }, ({ x }) => {
        const take = (): Tensor => gather(x, constant(Int32Array.of(1, k), { shape: [2] }))
        const step = (): Tensor => (inArm ? cond(loom.less(sum(x), 0), take, () => loom.slice(x, [{ end: 2 }])) : take()) // prettier-ignore
        return { outputs: scan({ length: 2, carry: { h: x }, step: ({ h }) => ({ carry: { h: loom.add(h, sum(step())) } }) }).carry } // prettier-ignore
      }),
    )
  for (const inArm of [true, false]) {
    expectFault(() => made(3, inArm), GraphError, 'gather', '3 at position 1', '0 to 2')
    made(2, inArm)({ x: [[1, 2], [3, 4], [5, 6]] }) // prettier-ignore
  }
})

describe('an arm of a choice', () => {
  const run = loom.compile(
    entry({ flag: tensor([], 'bool'), at: tensor([2], 'int32'), x: tensor([3]) }, ({ flag, at, x }) => ({
      outputs: { y: cond(flag, () => gathered(x, at), () => gathered(x, mul(at, 0))) }, // prettier-ignore
    })),
  )
  it('that is not taken reads nothing', () => {
    expect(Array.from(run({ flag: false, at: [7, -1], x: [1, 2, 3] }).y as Float32Array)).toEqual([1, 1])
  })
  it('that is taken is checked', () => {
    expectFault(() => run({ flag: true, at: [7, -1], x: [1, 2, 3] }), FeedError, 'gather', '0 to 2', '2 cases')
    expect(Array.from(run({ flag: true, at: [2, 1], x: [1, 2, 3] }).y as Float32Array)).toEqual([3, 2])
  })
})
