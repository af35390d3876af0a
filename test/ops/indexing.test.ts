import * as loom from 'gradloom'
import { compile, constant, entry, FeedError, gather, grad, GraphError, mul, reverseSequence, sum, takeAlongAxis, tensor, type Tensor, update, variable } from 'gradloom' // prettier-ignore
import { source } from 'gradloom/inspect'
import { describe, expect, it, test } from 'vitest'
import { makeInput } from '../../src/ops/leaf'
import { expectFault } from '../fault'
import { type Body, build, type Inputs, randomNumbers, VARIANTS } from './cases'
import { evaluateGraph } from './reference'

type Indices = loom.Indices
const input = (name: string, shape: readonly number[], dtype: loom.DType = 'float32'): Tensor =>
  makeInput(name, { shape, dtype })
const x = input('x', [2, 5, 3])
const i = input('i', [4], 'int32') as Indices
const variants = Object.entries(VARIANTS)

describe('what cannot be is refused where it is written', () => {
  // prettier-ignore
  const rows: readonly (readonly [what: string, call: () => unknown, parts: readonly string[]])[] = [
    ['float indices', () => gather(x, input('f', [2]) as never), ['gather', 'int32 or uint8', '"f" float32[2]', 'cast']],
    ['bool indices', () => gather(x, input('f', [2], 'bool') as never), ['gather', 'int32 or uint8', '"f" bool[2]']],
    ['an axis that is none', () => gather(x, i, { axis: 3 as never }), ['gather', 'axis 3', '-3 to 2']],
    ['half an axis', () => gather(x, i, { axis: 0.5 }), ['gather', 'axis 0.5']],
    ['a scalar', () => gather(constant(1), i), ['gather', 'a scalar has no axes']],
    ['an array of indices', () => gather(x, [0, 1] as never), ['gather', 'expected a tensor', 'an array']],
    ['no tensor', () => gather([1] as never, i), ['gather', 'expected a tensor', 'an array']],
    ['nothing to take', () => gather(input('none', [0, 3]), i), ['gather', 'indices [4]', 'empty', '"none" float32[0, 3]']],
    ['indices of another rank', () => takeAlongAxis(x, i as never), ['takeAlongAxis', '[4]', '[2, 5, 3]', 'gather', '"x"', '"i"']],
    ['others that do not broadcast', () => takeAlongAxis(x, input('j', [3, 1, 3], 'int32') as never, { axis: 1 }), ['takeAlongAxis', '[2, 1, 3] and [3, 1, 3]', '"j"']],
    ['an axis along which nothing lies', () => takeAlongAxis(x, input('j', [2, 5, 1], 'int32') as never, { axis: -4 }), ['takeAlongAxis', 'axis -4']],
    ['an empty axis', () => takeAlongAxis(input('none', [2, 0]), input('j', [2, 1], 'int32') as never), ['takeAlongAxis', 'empty', '"none"']],
    ['float lengths', () => reverseSequence(x, input('l', [2]) as never), ['reverseSequence', 'int32 or uint8', '"l" float32[2]']],
    ['lengths of another batch', () => reverseSequence(x, i), ['reverseSequence', '[4]', '[2]', 'axis 0', '[2, 5, 3]', '"i"']],
    ['lengths with more axes', () => reverseSequence(x, input('l', [2, 1], 'int32') as Indices), ['reverseSequence', '[2, 1]', '[2]']],
    ['one axis for both', () => reverseSequence(x, i, { axis: 0 }), ['reverseSequence', 'axis and batchAxis', '0']],
    ['an axis out of range', () => reverseSequence(x, i, { axis: 3 }), ['reverseSequence', 'axis 3']],
    ['a vector', () => reverseSequence(input('v', [4]), i), ['reverseSequence', 'axis 1']],
  ]
  it.each(rows)('%s', (_, call, parts) => expectFault(call, GraphError, ...parts))
})

describe.each(variants)('indices out of range, %s', (_, options) => {
  const WRONG = [[0, 3], [-1, 0], [0, 2 ** 31 - 1], [-(2 ** 31), 1], [100_000, -100_000]] // prettier-ignore
  const ops = {
    gather: (t: Tensor, at: Tensor) => gather(t, at as Indices),
    'gather of the last axis': (t: Tensor, at: Tensor) => gather(loom.transpose(t), at as Indices, { axis: 1 }),
    takeAlongAxis: (t: Tensor, at: Tensor) => takeAlongAxis(t, loom.expandDims(at, 1) as never, { axis: 0 }),
  }
  it.each(Object.entries(ops))('of %s', (name, take) => {
    for (const how of [(at: Tensor) => at, (at: Tensor) => loom.add(at, loom.mul(at, 0))]) {
      const w = variable(
        'w',
        [3, 4],
        Float32Array.from({ length: 12 }, (_, k) => k),
      )
      const run = compile(
        entry({ at: tensor([2], 'int32') }, ({ at }) => {
          const y = take(w, how(at))
          const [d] = grad(sum(mul(y, y)), [w])
          return { outputs: { y }, updates: [update(w, loom.sub(w, d))] }
        }),
        options,
      )
      const before = run.state.get('w')
      for (const at of WRONG) expectFault(() => run({ at }), FeedError, 'at', name.split(' ')[0]!, '0 to 2')
      expect(run.state.get('w')).toEqual(before)
      expect(Array.from(run({ at: [2, 0] }).y as Float32Array).sort((a, b) => a - b)).toEqual([
        0, 1, 2, 3, 8, 9, 10, 11,
      ])
    }
  })

  const points = (at: Tensor, k: number): Tensor => loom.expandDims(loom.stack(Array.from({ length: k }, () => at), { axis: 1 }), 0) // prettier-ignore
  const flat = (t: Tensor): Tensor => loom.slice(t, [0])
  const named: Readonly<Record<string, (t: Tensor, at: Indices) => Tensor>> = {
    'scatter, set': (t, at) => loom.scatter(t, at, 1),
    'scatter, add': (t, at) => loom.scatter(t, at, 1, { reduce: 'add' }),
    'scatter, max': (t, at) => loom.scatter(t, at, 1, { reduce: 'max' }),
    'putAlongAxis, set': (t, at) => loom.putAlongAxis(flat(t), at, 1),
    'putAlongAxis, min': (t, at) => loom.putAlongAxis(flat(t), at, 1, { reduce: 'min' }),
    'gatherND, one axis': (t, at) => loom.gatherND(t, points(at, 1) as Indices),
    'gatherND, two axes': (t, at) => loom.gatherND(t, points(at, 2) as Indices),
    'scatterND, two axes': (t, at) => loom.scatterND(points(at, 2) as Indices, loom.slice(t, [{ end: 1 }, { end: 2 }]), [3, 3]), // prettier-ignore
    'scatterUpdate, one axis': (t, at) => loom.scatterUpdate(t, points(at, 1) as Indices, 1),
    'segmentSum, ids': (t, at) => loom.segmentSum(loom.slice(t, [{ end: 2 }]), at, 3),
    'segmentMean, ids': (t, at) => loom.segmentMean(loom.slice(t, [{ end: 2 }]), at, 3),
    'segmentMax, ids': (t, at) => loom.segmentMax(loom.slice(t, [{ end: 2 }]), at, 3),
    'segmentMin, ids': (t, at) => loom.segmentMin(loom.slice(t, [{ end: 2 }]), at, 3),
    'inTopK, targets': (t, at) => loom.cast(loom.inTopK(at, loom.slice(t, [{ end: 2 }, { end: 3 }]), 1), 'float32'),
  }
  it.each(Object.entries(named))('of a function that is made of other ops: %s', (name, f) => {
    for (const how of [(at: Tensor) => at, (at: Tensor) => loom.add(at, loom.mul(at, 0))])
      for (const order of [0, 1]) {
        const run = compile(
          entry({ w: tensor([3, 4]), at: tensor([2], 'int32') }, ({ w, at }) => {
            const loss = sum(loom.square(f(w, how(at) as Indices)))
            return { outputs: { y: order === 0 ? loss : grad(loss, [w], { disconnected: 'zeros' })[0] } }
          }),
          options,
        )
        const w = Float32Array.from({ length: 12 }, (_, k) => k)
        run({ w, at: [2, 0] })
        if (order === 1 && name.startsWith('inTopK')) continue
        for (const at of [[0, 4], [-1, 0]]) expectFault(() => run({ w, at }), FeedError, ` ${name.split(',')[0]}: legal`) // prettier-ignore
      }
  })

  it('of lengths', () => {
    const run = compile(
      entry({ x: tensor([2, 3]), n: tensor([2], 'int32'), m: tensor([2], 'int32') }, ({ x, n, m }) => ({
        outputs: { y: reverseSequence(x, n), z: reverseSequence(x, loom.mul(m, m) as Indices) },
      })),
      options,
    )
    const values = [
      [1, 2, 3],
      [4, 5, 6],
    ]
    expectFault(() => run({ x: values, n: [4, 0], m: [0, 1] }), FeedError, '"n"', '4 at position 0', 'reverseSequence', '0 to 3') // prettier-ignore
    expectFault(() => run({ x: values, n: [1, -1], m: [0, 1] }), FeedError, '"n"', '-1 at position 1')
    expectFault(
      () => run({ x: values, n: [1, 1], m: [2, 1] }),
      FeedError,
      'mul',
      'reverseSequence',
      '0 to 3',
      '(1 case)',
    )
    const { y, z } = run({ x: values, n: [3, 2], m: [0, 1] })
    expect([...y]).toEqual([3, 2, 1, 5, 4, 6])
    expect([...z]).toEqual(values.flat())
  })
})

test('constants out of range are found when the graph is compiled', () => {
  const made = (values: number[]) =>
    compile(
      entry({ x: tensor([3]) }, ({ x }) => ({
        outputs: { y: gather(x, constant(Int32Array.from(values), { shape: [values.length] })) },
      })),
    )
  expectFault(() => made([0, 3]), GraphError, 'gather', '3 at position 1', '0 to 2')
  expectFault(() => made([0, 1, -1]), GraphError, 'gather', '-1 at position 2', '0 to 2')
  expect([...made([2, 2])({ x: [1, 2, 3] }).y]).toEqual([3, 3])
  const label = (k: number) =>
    compile(
      entry({ x: tensor([1, 3]) }, ({ x }) => ({
        outputs: { y: loom.sparseSoftmaxCrossEntropy(x, loom.broadcastTo(constant(k, { dtype: 'int32' }), [1])) },
      })),
    )
  expectFault(() => label(3), GraphError, 'sparseSoftmaxCrossEntropy', '3 at position 0', '0 to 2')
})

/** A graph gives the numbers of the reference, however it is compiled. */
function agrees(inputs: Inputs, body: Body, given: Readonly<Record<string, readonly number[]>> = {}): void {
  const random = randomNumbers(5)
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => {
      const size = shape.reduce((n, d) => n * d, 1)
      const drawn = Array.from({ length: size }, () => (dtype === 'int32' ? Math.floor(5 * random()) : Math.fround(4 * random() - 2))) // prettier-ignore
      return [name, given[name] ?? drawn]
    }),
  )
  for (const [variant, options] of variants) {
    const ran = build(inputs, body, options)
    const results = ran.run(feeds)
    const { traced } = ran
    const outputs = [...traced.roots.outputs]
    const bound = new Map([...traced.inputs].map(([name, t]) => [t, feeds[name]!]))
    const expected = evaluateGraph(outputs.map(([, t]) => t), bound) // prettier-ignore
    outputs.forEach(([name], k) => {
      const { data } = expected[k]!
      expect(results[name]!.length).toBe(data.length)
      data.forEach((v, n) => {
        const got = results[name]![n]!
        const near = Object.is(got, v) || got === v || Math.abs(got - v) <= 1e-5 * Math.max(1, Math.abs(v))
        if (!near && !(got !== got && v !== v)) expect.fail(`${variant}: ${name}[${n}] is ${got}, the reference ${v}`)
      })
    })
  }
}

describe('indices meet other kernels', () => {
  const int = (shape: readonly number[]) => ({ shape, dtype: 'int32' as const })
  const float = (shape: readonly number[]) => ({ shape, dtype: 'float32' as const })
  const at = (t: Tensor | undefined): Indices => t as Indices

  it('that compute them from floats', () =>
    agrees({ x: float([6, 4]), u: float([7]) }, ({ x, u }) => {
      const rows = loom.cast(loom.floor(loom.mul(loom.sigmoid(u!), 5.999)), 'int32')
      const y = gather(x!, rows)
      return { outputs: { y, g: grad(sum(mul(y, y)), [x!])[0] } }
    }))

  it('that round them as if they had been stored', () => {
    for (const [, options] of variants) {
      const body: Body = ({ x, y, u }) => {
        const rows = loom.cast(mul(u!, 10), 'int32')
        return { outputs: { taken: gather(x!, rows), d: loom.vjp([gather(x!, rows)], [y!], [x!])[0] } }
      }
      const ran = build({ x: float([8]), y: float([2]), u: float([2]) }, body, options)
      // As float32 this is 7, though 10 times the float32 next to 0.7 is less.
      const { taken, d } = ran.run({ x: [0, 1, 2, 3, 4, 5, 6, 7], y: [3, 4], u: [Math.fround(0.7), 0.5] })
      expect([[...taken!], [...d!]]).toEqual([[7, 5], [0, 0, 0, 0, 0, 4, 0, 3]]) // prettier-ignore
    }
  })

  it('that draw them at random', () => {
    // The same indices on every target; the reference draws none.
    const results = variants.map(([, options]) => {
      const body: Body = ({ x }) => {
        const rows = loom.randint([9], 0, 4)
        const y = gather(x!, rows)
        return { outputs: { y, g: grad(sum(mul(y, y)), [x!])[0] } }
      }
      return build({ x: float([4, 8]) }, body, options).run({ x: Array.from({ length: 32 }, (_, k) => k) })
    })
    for (const r of results.slice(1)) expect(r).toEqual(results[0])
  })

  it('that read what was taken as a contraction, a sum, a border, or taken again', () =>
    agrees({ x: float([5, 8]), w: float([8, 6]), i: int([2, 3]), j: int([4]) }, ({ x, w, i, j }) => {
      const rows = gather(x!, at(i))
      const outputs = {
        rows: loom.matmul(rows, w!),
        columns: loom.matmul(gather(x!, at(j), { axis: 1 }), loom.slice(w!, [{ end: 4 }])),
        total: sum(rows, { axis: 1 }),
        most: loom.max(gather(x!, at(j)), { axis: 1 }),
        padded: loom.pad(rows, [[1, 1], [0, 2], [1, 0]]), // prettier-ignore
        again: gather(gather(x!, at(j)), loom.minimum(at(i), 3)),
        flat: loom.reshape(loom.tanh(rows), [6, 8]),
        joined: loom.concat([gather(x!, at(j)), x!, gather(x!, at(j))]),
        part: loom.slice(rows, [1, { start: 2, step: -1 }]),
      }
      const losses = Object.values<Tensor>(outputs).map((y) => sum(mul(y, loom.sin(y))))
      const [dx, dw] = grad(losses.reduce((a, b) => loom.add(a, b)), [x!, w!]) // prettier-ignore
      return { outputs: { ...outputs, dx: dx, dw: dw } }
    }))

  it('that compute what is added up', () =>
    agrees({ x: float([3, 6, 10]), y: float([3, 4, 10]), i: int([3, 4, 1]), j: int([3, 4, 10]) }, ({ x, y, i, j }) => {
      // Whatever is shared in the cotangent is computed once, not once for each of its readers.
      let g = y!
      for (let k = 0; k < 24; k++) g = loom.mul(loom.add(g, g), loom.sub(loom.mul(g, 0.5), loom.mul(g, 0.01)))
      const [rows] = loom.vjp([takeAlongAxis(x!, at(i), { axis: 1 })], [loom.tanh(g)], [x!])
      const [all] = loom.vjp([takeAlongAxis(x!, at(j), { axis: 1 })], [loom.tanh(g)], [x!])
      return { outputs: { rows: rows, all: all } }
    }))

  it('that are read under a border as wide as memory', () =>
    agrees({ x: float([4, 8]), y: float([40, 8]), i: int([6]) }, ({ x, y, i }) => {
      const most = (t: Tensor, axis: number): Tensor => loom.max(loom.tanh(t), { axis })
      return {
        outputs: {
          before: most(loom.pad(gather(x!, at(i)), [[20_000, 0], [0, 0]]), 0),
          after: most(loom.pad(gather(x!, at(i), { axis: 1 }), [[0, 20_000], [1, 2]]), 0),
          // What lies behind the last row of the last buffer.
          columns: most(loom.pad(gather(y!, at(i)), [[0, 0], [0, 300]]), 1),
        },
      } // prettier-ignore
    }, { i: [0, 3, 2, 1, 3, 0] })) // prettier-ignore

  it('that multiply by zero what is infinite', () =>
    agrees(
      { x: float([3, 4]), m: float([2, 1]), v: float([2, 4]), i: int([2]) },
      ({ x, m, v, i }) => {
        const [d] = loom.vjp([gather(x!, at(i))], [mul(m!, v!)], [x!])
        return { outputs: { d: d } }
      },
      { m: [0, 1], v: [Infinity, 1, NaN, 2, 1, 2, 3, 4], i: [1, 1] },
    ))

  it('that write the state which they add up', () => {
    for (const [, options] of variants) {
      const w = variable('w', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))
      const body: Body = ({ x, i }) => {
        const [next] = loom.vjp([gather(x!, at(i))], [w], [x!])
        return { outputs: {}, updates: [update(w, next)] }
      }
      const ran = build({ x: float([3, 2]), i: int([3]) }, body, options)
      ran.run({ x: [0, 0, 0, 0, 0, 0], i: [2, 0, 2] })
      expect([...ran.state('w')]).toEqual([3, 4, 0, 0, 6, 8])
    }
  })
})

test('a check speaks of what was written, also where only its gradient is left', () => {
  const run = compile(
    entry({ x: tensor([2, 3]), i: tensor([2, 1], 'int32') }, ({ x, i }) => ({
      outputs: { d: grad(sum(takeAlongAxis(x, loom.mul(i, 2) as Indices)), [x])[0] },
    })),
  )
  expectFault(() => run({ x: new Float32Array(6), i: [[1], [2]] }), FeedError, 'mul("i"', 'for takeAlongAxis', '0 to 2')
})

test('rows are read and added to in vectors on WebAssembly', () => {
  const net = compile(
    entry({ x: tensor([9, 64]), i: tensor([2, 5], 'int32') }, ({ x, i }) => {
      const y = loom.named('taken', gather(x, i))
      return { outputs: { y, d: loom.vjp([y], [loom.named('back', mul(y, 2))], [x])[0] } }
    }),
    { target: 'wasm', threads: 1 },
  )
  for (const of of ['taken', 'd']) {
    const text = source(net, { target: 'wasm', schedule: 'fast', of })
    expect(text).toMatch(/v128\.load .*\(; x|v128\.load .*\(; d/)
    expect(text).toMatch(/v128\.store/)
  }
})

test('positions of sequences are written without dimensions of 1', () => {
  const net = compile(
    entry({ x: tensor([3, 5, 4]), n: tensor([3], 'int32') }, ({ x, n }) => ({ outputs: { y: reverseSequence(x, n) } })),
  )
  expect(source(net)).not.toMatch(/imul\(0/)
})
