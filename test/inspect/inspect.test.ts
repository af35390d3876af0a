import {
  add,
  compile,
  entry,
  grad,
  GraphError,
  matmul,
  mean,
  named,
  recordSites,
  relu,
  scan,
  scope,
  square,
  sum,
  tanh,
  tensor,
  type Tensor,
  variable,
  zeros,
} from 'gradloom'
import { type GraphView, inspect, type InspectOptions, source } from 'gradloom/inspect'
import { describe, expect, test } from 'vitest'
import { expectFault } from '../fault'
import { elementwise, float64Model, mlp, reductions, twoLosses, views } from './models'

/** A loop under a scope, and its gradient. */
function recurrent() {
  const U = variable('U', [4, 4], zeros())
  return compile(
    entry({ x: tensor([6, 2, 4]) }, ({ x }) => {
      const { carry } = scope('encoder', () =>
        scan({ over: { x }, carry: { h: zeros2() }, step: ({ h }, { x: row }) => cell(row, h) }),
      )
      const loss = mean(square(carry.h))
      return { outputs: { loss, d_U: grad(loss, [U])[0] } }
    }),
  )
  function zeros2() {
    return variable('h0', [2, 4], zeros())
  }
  function cell(row: Tensor<[2, 4]>, h: Tensor<[2, 4]>) {
    return { carry: { h: tanh(add(row, matmul(h, U))) } }
  }
}

const models: Readonly<Record<string, () => object>> = {
  mlp: () => mlp('adam').train,
  float64: float64Model,
  elementwise,
  reductions,
  views,
  'two losses': twoLosses,
  recurrent,
}
const forms: readonly InspectOptions[] = [
  {},
  { schedule: 'fast' },
  { target: 'wasm' },
  { target: 'wasm', schedule: 'fast', fuse: false },
  { passes: { simplify: false, group: false } },
]
const stages = ['traced', 'expanded', 'simplified'] as const

describe.each(Object.entries(models))('%s', (_, make) => {
  test.each(forms)('holds together: %o', (options) => {
    const seen = inspect(make(), options)
    expect(structuredClone(JSON.parse(JSON.stringify(seen)))).toEqual(seen)
    const lines = seen.code.text.split('\n')
    for (const {
      name,
      lines: [first, last],
    } of seen.kernels) {
      const shown = lines.slice(first - 1, last)
      const head = options.target === 'wasm' ? `(func $${name}` : `function ${name}(`
      expect(shown.filter((line) => line.trimStart().startsWith(head))).toHaveLength(1)
      expect(shown[0]).toMatch(/^ *(\/\/|;;) /)
      expect([lines[first - 2] ?? '', lines[last]!.replace(')', '')]).toEqual(['', ''])
    }
    for (const stage of stages) {
      const { tensors, outputs, updates } = seen.graphs[stage]
      tensors.forEach(({ id, inputs, kernels }, i) => {
        expect(id).toBe(i)
        for (const x of inputs) expect(x).toBeLessThan(id)
        for (const k of kernels) expect(k).toBeLessThan(seen.kernels.length)
      })
      for (const id of [...Object.values(outputs), ...Object.values(updates)]) expect(tensors[id]).toBeDefined()
    }
    const { tensors } = seen.graphs.simplified
    for (const { id, tensors: inside } of seen.kernels)
      for (const t of inside) expect(tensors[t]!.kernels).toContain(id)
    for (const t of tensors) for (const k of t.kernels) expect(seen.kernels[k]!.tensors).toContain(t.id)
    const computed = new Set(seen.kernels.flatMap((k) => k.tensors))
    for (const id of Object.values(seen.graphs.simplified.updates)) expect(computed).toContain(id)
  })

  test('shows the code of source, and leaves what runs as it is', () => {
    const run = make()
    const before = source(run, { schedule: 'fast' })
    expect(inspect(run, { schedule: 'fast' }).code.text).toBe(before)
    expect(inspect(run, { fuse: false }).kernels.length).toBeGreaterThanOrEqual(inspect(run).kernels.length)
    expect(source(run, { schedule: 'fast' })).toBe(before)
    expect(source(run, { target: 'wasm' })).toBe(inspect(run, { target: 'wasm' }).code.text)
  })
})

const tensorsNamed = ({ tensors }: GraphView, name: string) => tensors.filter((t) => t.name === name)

describe('the tensors', () => {
  const seen = inspect(mlp('adam').train)

  test('say what they serve', () => {
    const { traced } = seen.graphs
    const parts = Object.fromEntries(traced.tensors.map((t) => [t.name, t.part]))
    expect(parts).toMatchObject({ x: 'input', W1: 'state', 'W1/m': 'state', h: 'forward', loss: 'forward' })
    expect(parts).toMatchObject({ d_W1: 'backward', d_h: 'backward', 32: 'constant' })
    for (const id of Object.values(traced.updates)) expect(traced.tensors[id]!.part).toBe('update')
    expect(traced.tensors.filter((t) => t.op === 'pow').map((t) => t.part)).not.toContain('forward')
  })

  test('have formulas in the names of the model, and the op whose gradient they are', () => {
    const [dW] = tensorsNamed(seen.graphs.traced, 'd_W1')
    expect(dW).toMatchObject({
      formula: 'xᵀ · ([h > 0] ⊙ d_h)',
      latex: 'x^{\\top} \\cdot ([h > 0] \\odot d_{h})',
      rule: 'matmul',
      shape: [784, 256],
      dtype: 'float32',
      named: true,
    })
  })

  test('lead to the kernel that computes them at each stage', () => {
    for (const stage of stages) {
      const [dW] = tensorsNamed(seen.graphs[stage], 'd_W1')
      expect(dW!.kernels.map((k) => seen.kernels[k]!.name)).toEqual(['update_W1'])
    }
  })

  test('of a loop stand in a scope with its name, between what it reads and the loop', () => {
    const { tensors } = inspect(recurrent()).graphs.traced
    const inside = tensors.filter((t) => t.scope === 'encoder/scan')
    expect(inside.map((t) => t.op)).toEqual(expect.arrayContaining(['slice', 'carry', 'matmul', 'tanh']))
    const [loop] = tensors.filter((t) => t.op === 'scan' && t.part === 'forward')
    const [tanhOfTurn] = inside.filter((t) => t.op === 'tanh')
    expect(loop!.inputs).toContain(tanhOfTurn!.id)
    expect(inside.filter((t) => t.op === 'slice')[0]!.inputs.map((x) => tensors[x]!.name)).toEqual(['x'])
  })
})

test('tensors and kernels know the line they come from', () => {
  recordSites(true)
  const W = variable('W', [3, 2], zeros())
  const lineOf = (): number => Number(/:(\d+):\d+\)?$/m.exec(new Error().stack!.split('\n')[2]!)![1])
  let line = 0
  const run = compile(
    entry({ x: tensor([4, 3]) }, ({ x }) => {
      line = lineOf()
      const y = named('y', relu(matmul(x, W)))
      return { outputs: { loss: sum(y), d: grad(sum(y), [W])[0] } }
    }),
  )
  recordSites(false)
  const { graphs, kernels } = inspect(run)
  const place = { line: line + 1, file: expect.stringMatching(/inspect\.test\.ts$/) }
  expect(tensorsNamed(graphs.traced, 'y')[0]!.place).toMatchObject(place)
  expect(tensorsNamed(graphs.traced, 'd')[0]!.place).toMatchObject(place)
  const [backward] = kernels.filter((k) => k.part === 'backward')
  expect(backward!.places).toContainEqual(expect.objectContaining(place))
})

describe('what is wrong', () => {
  const { train } = mlp('sgd', 'B')
  test.each([
    ['an unknown pass', { passes: { fusion: false } }, 'inspect: unknown pass "fusion"; known are simplify, '],
    ['a pass that is no boolean', { passes: { group: 1 } }, 'inspect: group must be true or false, it is 1'],
    ['an unknown option', { of: 'x' }, 'inspect: '],
    ['an unknown target', { target: 'c' }, 'inspect: target must be one of js, wasm, it is "c"'],
    ['an unknown schedule', { schedule: 'slow' }, 'inspect: schedule must be one of plain, fast, it is "slow"'],
    ['a missing dimension', { bindings: {} }, 'inspect: bindings lack "B"'],
  ])('%s', (_, options, message) => {
    expectFault(() => inspect(train, options as never), GraphError, message)
  })
  test('no entry', () => expectFault(() => inspect({}), GraphError, 'inspect: expected a compiled entry'))
})
