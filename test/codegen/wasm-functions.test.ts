import { describe, expect, it } from 'vitest'
import { emitModule } from '../../src/codegen/wasm/module'
import { addScaled, type Axis, axisIndex, constIndex } from '../../src/ir/affine'
import { evaluate } from '../../src/ir/evaluate'
import type { Kernel, Param, Stmt } from '../../src/ir/loop'
import { axisValue, call, castTo, type Fn, literal, type Scalar } from '../../src/ir/scalar'
import { loop } from '../../src/schedule/loops'
import { vectorLoop } from '../../src/schedule/vector-nest'
import { vectorizer, vectorLanes } from '../../src/schedule/vectorize'
import { engine } from './wasm-harness'

const i: Axis = { name: 'i', extent: 8, kind: 'space' }
const param = (name: string, offset: number, access: Param['access'] = 'read'): Param => ({
  buffer: { name, dtype: 'float32', shape: [8], size: 8, region: 'io', offset, of: undefined as never, live: [0, 0] },
  access,
})
const [X, Y, OUT] = [param('x', 0), param('y', 64), param('out', 128, 'update')]
const load = (from: Param, stride = 1, base = 0): Scalar => ({
  kind: 'element',
  dtype: 'float32',
  from,
  at: { index: addScaled(constIndex(base), axisIndex(i), stride) },
  lanes: 1,
})
const storing = (value: Scalar): Stmt[] => [{ kind: 'store', to: OUT, at: { index: axisIndex(i) }, value, lanes: 1 }]
function runBody(body: readonly Stmt[], x: readonly number[], y: readonly number[]): number[] {
  const kernel: Kernel = { name: 'test', doc: [], params: [X, Y, OUT], body }
  const memory = new engine.Memory({ initial: 1 })
  new Float32Array(memory.buffer).set([...x, ...Array<number>(8).fill(0), ...y])
  const items = [{ kind: 'run', kernel: 0 }] as const
  const { bytes } = emitModule({
    kernels: [kernel],
    items,
    addressOf: (b) => b.offset,
    memory: { minPages: 1 },
    validate: true,
  })
  new engine.Instance(new engine.Module(bytes), { env: { memory } }).exports['step']!()
  return [...new Float32Array(memory.buffer, 128, 8)]
}

describe('scalar functions in scalars and vectors', () => {
  const xs = [1.5, -2, 0, NaN, 4, -0, Infinity, 2.25]
  const ys = [1.5, 3, 2, 1, NaN, 1, 1, -8]
  const x = load(X)
  const y = load(Y)
  const less = call('lt', x, y)
  const other = call('le', y, literal(1, 'float32'))
  const unary: readonly Fn[] = ['neg', 'abs', 'sqrt', 'round']
  const binary: readonly Fn[] = ['add', 'sub', 'mul', 'div', 'max', 'min', 'lt', 'le', 'eq', 'ne']
  const logical: readonly Fn[] = ['and', 'or', 'eq', 'ne']
  it.each<readonly [string, Scalar]>([
    ...unary.map((fn) => [fn, call(fn as 'neg', x)] as const),
    ...binary.map((fn) => [fn, call(fn as 'add', x, y)] as const),
    ...logical.map((fn) => [`${fn} of conditions`, call(fn as 'and', less, other)] as const),
    ['not', call('not', less)],
    ['select', call('select', other, x, y)],
  ])('%s', (_, value) => {
    const stored = value.dtype === 'bool' ? call('select', value, literal(1, 'float32'), literal(0, 'float32')) : value
    const want = xs.map((_, at) => evaluate(substituted(value, xs[at]!, ys[at]!)))
    expect(runBody([loop(i, storing(stored))], xs, ys)).toEqual(want)
    expect(runBody(vectorLoop(i, storing(stored), { from: 0, to: 8, step: 4 }, 4), xs, ys)).toEqual(want)
  })

  it('select by a condition that all points share', () => {
    for (const [at, want] of [xs, ys].entries()) {
      const condition = call('eq', load(X, 0), literal(xs[0]! + at, 'float32'))
      const body = vectorLoop(i, storing(call('select', condition, x, y)), { from: 0, to: 8, step: 4 }, 4)
      expect(runBody(body, xs, ys)).toEqual(want)
    }
  })

  it('reads backwards, where no immediate holds the end of a buffer', () => {
    expect(runBody([loop(i, storing(load(X, -1, 7)))], xs, ys)).toEqual(xs.toReversed())
  })
})

/** The scalar with numbers for both loads. */
function substituted(s: Scalar, x: number, y: number): Scalar {
  if (s.kind === 'element') return literal(s.from === X ? x : y, 'float32')
  return s.kind === 'call' ? { ...s, args: s.args.map((a) => substituted(a, x, y)) } : s
}

describe('vectorize', () => {
  it.each<readonly [string, readonly Stmt[]]>([
    ['neighbours in x lie 2 apart', storing(load(X, 2))],
    ['neighbours in x lie -1 apart', storing(load(X, -1, 7))],
    ['a call is float64', storing(castTo('float32', castTo('float64', load(X))))],
    ['a condition differs between its points', [{ kind: 'if', condition: call('lt', load(X), load(Y)), body: [] }]],
  ])('no vectors where %s', (reason, body) => {
    expect(() => vectorizer(i, 4).body(body)).toThrow(`axis i cannot be taken in vectors: ${reason}`)
  })

  it.each<readonly [boolean, string, Scalar]>([
    [true, 'neighbours', load(X)],
    [true, 'the axis itself', castTo('float32', axisValue(i))],
    [true, 'integers', castTo('float32', castTo('int32', load(X)))],
    [false, 'strides', call('add', load(X), load(Y, 2))],
    [false, 'other dtypes', castTo('float32', castTo('float64', load(X)))],
    // What all points share is computed once, but from what may be a vector.
    [
      false,
      'other dtypes of what all points share',
      call('mul', load(X), castTo('float32', castTo('float64', load(Y, 0)))),
    ],
  ])('%s for %s', (suits, _, value) => {
    const store = { tensor: undefined as never, to: OUT, at: axisIndex(i), value }
    const kernel = { axes: [i], reduceAxes: [], accumulators: [], values: [], params: [X, Y, OUT], stores: [store] }
    expect(vectorLanes(kernel, i)).toBe(suits ? 4 : undefined)
  })
})
