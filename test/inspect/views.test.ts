import {
  add,
  compile,
  type CompileOptions,
  constant,
  entry,
  grad,
  GraphError,
  matmul,
  mul,
  named,
  reshape,
  square,
  sum,
  tanh,
  tensor,
  variable,
} from 'gradloom'
import { cycles, dot, explain, graph, memory, type MemoryRow, type NodeLabel, passes, print } from 'gradloom/inspect'
import { describe, expect, test } from 'vitest'
import { expectFault } from '../fault'
import { elementwise, float64Model, mlp, reductions, twoLosses, views } from './models'

const models: Readonly<Record<string, () => object>> = {
  mlp: () => mlp('adam').train,
  float64: float64Model,
  elementwise,
  reductions,
  views,
  'two losses': twoLosses,
}
const all = Object.entries(models)

describe('explain', () => {
  test('counts the work and the traffic of a product', () => {
    const run = compile(
      entry({ a: tensor([4, 8]), b: tensor([8, 6]) }, ({ a, b }) => ({ outputs: { c: matmul(a, b) } })),
    )
    const told = explain(run)
    expect(told.kernels).toEqual([
      {
        kernel: 'compute_c',
        formulas: ['c float32[4, 6] = a · b'],
        reads: ['a float32[4, 8]', 'b float32[8, 6]'],
        writes: ['c float32[4, 6]'],
        flops: 2 * 4 * 8 * 6,
        bytes: 4 * (4 * 8 + 8 * 6 + 4 * 6),
        stored: [],
        apart: [],
        origin: 'matmul',
      },
    ])
    expect([told.flops, told.bytes]).toEqual([384, 416])
    expect(String(told)).toBe(
      [
        'compute_c   384 flop, 416 B   matmul',
        '    c float32[4, 6] = a · b',
        '    reads  a float32[4, 8], b float32[8, 6]',
        '    writes c float32[4, 6]',
      ].join('\n'),
    )
  })

  test('says what was not fused, and why', () => {
    const body = entry({ x: tensor([4, 8]), w: tensor([8, 8]) }, ({ x, w }) => {
      const h = named('h', tanh(x))
      const rows = named('rows', sum(x, { axis: 1 }))
      const y = named('y', matmul(h, w))
      return { outputs: { z: add(y, 1), scaled: mul(x, reshape(rows, [4, 1])) } }
    })
    const said = (options: CompileOptions): string => {
      const { kernels } = explain(compile(body, options))
      return kernels.flatMap((k) => [...k.stored, ...k.apart]).join('; ')
    }
    const fused = said({})
    expect(fused).toContain('h: a contraction reads each element many times')
    expect(fused).toContain('scaled is not in the kernel of rows: one runs over [4, 8], the other over [4]')
    expect(fused).not.toContain('y:')
    expect(said({ passes: { epilogue: false } })).toContain('z is not in the kernel of y: epilogues are switched off')
    expect(said({ fuse: false })).toContain('h: inlining is switched off')
  })

  test.each(all)('totals of %s are the sums of its kernels', (_, model) => {
    const { kernels, flops, bytes } = explain(model())
    expect(kernels.length).toBeGreaterThan(0)
    expect(flops).toBe(kernels.reduce((total, k) => total + k.flops, 0))
    expect(bytes).toBe(kernels.reduce((total, k) => total + k.bytes, 0))
    for (const k of kernels) {
      expect(k.formulas.length, k.kernel).toBeGreaterThan(0)
      expect(k.writes.length, k.kernel).toBeGreaterThan(0)
      expect(k.bytes, k.kernel).toBeGreaterThan(0)
      expect(Number.isInteger(k.flops), k.kernel).toBe(true)
    }
    expect(new Set(kernels.map((k) => k.kernel)).size).toBe(kernels.length)
  })

  test('a training step is about three forward products', () => {
    const product = 2 * 32 * (784 * 256 + 256 * 10)
    // Forward, gradient of both weights, and of the hidden layer.
    const expected = 2 * product + 2 * 32 * 256 * 10
    const { flops } = explain(mlp('sgd').train)
    expect(flops).toBeGreaterThan(expected)
    expect(flops).toBeLessThan(1.05 * expected)
  })
})

describe('memory', () => {
  const overlap = (a: MemoryRow, b: MemoryRow): boolean =>
    a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes
  const meet = (a: MemoryRow, b: MemoryRow): boolean => a.live[0] <= b.live[1] && b.live[0] <= a.live[1]

  test.each(all)('no two buffers of %s that live at once share an address', (_, model) => {
    const map = memory(model())
    const state = map.buffers.filter((b) => b.region === 'state')
    const work = map.buffers.filter((b) => b.region !== 'state')
    for (const rows of [state, work]) {
      for (const [i, a] of rows.entries()) {
        for (const b of rows.slice(i + 1)) {
          const clash = overlap(a, b) && (a.region !== 'scratch' || b.region !== 'scratch' || meet(a, b))
          expect(clash, `${a.name} ${a.live} and ${b.name} ${b.live} at ${a.offset} and ${b.offset}`).toBe(false)
        }
      }
    }
    for (const b of work) {
      const end = map.workBytes + (b.region === 'constant' ? map.constantBytes : 0)
      expect(b.offset + b.bytes, b.name).toBeLessThanOrEqual(end)
    }
    expect(map.stateBytes).toBe(state.reduce((total, b) => total + b.bytes, 0))
    expect(map.workBytes).toBeLessThanOrEqual(map.withoutReuseBytes + 64)
    expect(String(map).split('\n')).toHaveLength(1 + map.buffers.length)
  })

  test('memory is reused in a training step, and parameters lie side by side', () => {
    const map = memory(mlp('adam').train)
    const scratch = map.buffers.filter((b) => b.region === 'scratch')
    expect(scratch.some((a, i) => scratch.some((b, j) => i < j && overlap(a, b)))).toBe(true)
    expect(map.workBytes).toBeLessThan(map.withoutReuseBytes)
    const names = map.buffers.filter((b) => b.region === 'state').map((b) => b.name)
    expect(names.slice(0, 4)).toEqual(['W1', 'b1', 'W2', 'b2'])
    expect(names.slice(4, 8)).toEqual(['W1/m', 'b1/m', 'W2/m', 'b2/m'])
    expect(names).toContain('learningRate')
  })
})

describe('passes', () => {
  test('in their order, with what they leave', () => {
    const table = passes(mlp('sgd').train)
    const names = table.map((row) => row.pass)
    expect(names.filter((name) => ['simplify', 'fuse', 'plan', 'print', 'evaluate'].includes(name))).toEqual([
      ...['simplify', 'fuse', 'plan', 'print', 'evaluate'],
    ])
    for (const { milliseconds, nodes } of table) {
      expect(milliseconds).toBeGreaterThanOrEqual(0)
      expect(nodes).toBeGreaterThan(20)
    }
    const fuse = table.find((row) => row.pass === 'fuse')
    expect(fuse?.kernels).toBe(explain(mlp('sgd').train).kernels.length)
    expect(String(table).split('\n')).toHaveLength(table.length)
    expect(String(table)).toMatch(/^simplify +[\d.]+ ms +\d+ tensors$/m)
    expect(String(table)).toMatch(/^fuse +[\d.]+ ms +\d+ tensors +\d+ kernels$/m)
  })
})

describe('graph', () => {
  const STAGES = ['traced', 'expanded', 'simplified', 'kernels'] as const
  test.each(all)('every stage of %s is acyclic and complete', (_, model) => {
    const run = model()
    for (const stage of STAGES) {
      const g = graph(run, { stage })
      expect(cycles(g), stage).toEqual([])
      expect(g.nodeCount(), stage).toBeGreaterThan(2)
      expect(g.edgeCount(), stage).toBeGreaterThanOrEqual(g.nodeCount() / 2)
      const labels = g.nodes().map((id) => g.node(id) as NodeLabel)
      for (const { label, type, part } of labels) {
        expect(label.length).toBeGreaterThan(0)
        expect(type).toMatch(/^(float32|float64|int32|uint8|bool)\[[\d, ]*\]/)
        expect(['input', 'state', 'constant', 'forward', 'backward', 'update']).toContain(part)
      }
      // Leaves and only leaves have no operands.
      for (const id of g.nodes()) {
        const { part, op } = g.node(id) as NodeLabel
        const isLeaf = part === 'input' || part === 'state' || part === 'constant'
        expect(g.predecessors(id)?.length === 0, `${stage} ${op}`).toBe(isLeaf)
      }
    }
    const kernels = graph(run, { stage: 'kernels' })
    expect(kernels.nodes().filter((id) => (kernels.node(id) as NodeLabel).op === 'kernel')).toHaveLength(
      explain(run).kernels.length,
    )
  })

  test('counts of a graph that can be counted by hand', () => {
    const w = variable('w', [3], 1)
    const run = compile(entry({ x: tensor([3]) }, ({ x }) => ({ outputs: { y: sum(mul(tanh(x), add(w, w))) } })))
    const traced = graph(run, { stage: 'traced' })
    // x, tanh, w, add, mul, sum; the two operands of add are one edge.
    expect([traced.nodeCount(), traced.edgeCount()]).toEqual([6, 5])
    expect(traced.edges().map((e) => traced.edge(e) as string).sort()).toEqual(['0', '0', '0', '0, 1', '1']) // prettier-ignore
    const kernels = graph(run, { stage: 'kernels' })
    expect([kernels.nodeCount(), kernels.edgeCount()]).toEqual([3, 2])
    expectFault(() => graph(run, { stage: 'fused' as never }), GraphError, 'fused', 'traced', 'kernels')
  })

  test('the kernel that updates a variable carries its name', () => {
    const g = graph(mlp('sgd').train, { stage: 'kernels' })
    const updates = g.nodes().filter((id) => (g.node(id) as NodeLabel).part === 'update')
    expect(updates.map((id) => (g.node(id) as NodeLabel).label)).toEqual(['W1', 'b1', 'W2', 'b2'])
  })

  test.each(all)('dot of %s has a line for each node and edge', (_, model) => {
    const run = model()
    for (const stage of STAGES) {
      const g = graph(run, { stage })
      const lines = dot(run, { stage }).trimEnd().split('\n')
      expect([lines[0], lines.at(-1)]).toEqual(['digraph {', '}'])
      const nodes = lines.filter((line) => /^ {2}"[^"]+" \[label="(?:[^"\\]|\\.)*", fillcolor="#\w{6}"\]$/.test(line))
      const edges = lines.filter((line) => /^ {2}"[^"]+" -> "[^"]+"$/.test(line))
      expect([nodes.length, edges.length, lines.length]).toEqual([
        g.nodeCount(),
        g.edgeCount(),
        3 + nodes.length + edges.length,
      ])
    }
  })
})

describe('print', () => {
  test('shows shared parts once', () => {
    const x = constant([1, 2])
    const t = tanh(x)
    expect(print(mul(add(t, 1), named('q', square(t))))).toBe(
      `mul float32[2]
  add float32[2]
    (1) tanh float32[2]
      constant float32[2]
    1 float32[]
  q = square float32[2]
    (1) as above`,
    )
  })

  test('shows gradients by name, and several roots over one numbering', () => {
    const W = variable('W', [3], 2)
    const loss = named('loss', sum(square(W)))
    const [g] = grad(loss, [W])
    expect(() => print(compile(entry({}, () => ({ outputs: {} }))) as never)).toThrow(
      'print: expected a tensor, got function',
    )
    const lines = print([g, loss]).split('\n')
    expect(lines[0]).toMatch(/^d_W = mul/)
    expect(lines.filter((line) => line.includes('W = variable'))).toHaveLength(1)
    expect(lines.some((line) => line.startsWith('loss = sum {"axes":[0]'))).toBe(true)
  })

  test('a graph of doublings is as long as it is deep, and one of 3,000 layers prints', () => {
    let y = named('x', tanh(constant([1])))
    for (let i = 0; i < 40; i++) y = add(y, y)
    expect(print(y).split('\n')).toHaveLength(2 * 40 + 2)
    let z = constant(1)
    for (let i = 0; i < 3000; i++) z = tanh(z)
    const lines = print(z).split('\n')
    expect(lines).toHaveLength(3001)
    expect(lines.at(-1)).toBe(`${'  '.repeat(3000)}1 float32[]`)
  })
})

test('what is no compiled entry is named as such', () => {
  const net = mlp('sgd')
  for (const show of [explain, memory, passes, graph, dot])
    for (const garbage of [net, {}, null, () => 1])
      expectFault(() => show(garbage as object), GraphError, 'compiled entry such as net.train')
})
