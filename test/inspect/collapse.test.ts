import { collapse, type GraphView, inspect, kernelGraph, openAtFirst, type TensorView } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { mlp } from './models'

type Row = Partial<TensorView> & { readonly inputs: readonly number[] }

function view(rows: readonly Row[], outputs: GraphView['outputs'] = {}, updates: GraphView['updates'] = {}): GraphView {
  const tensors = rows.map((row, id): TensorView => {
    const leaf = row.inputs.length === 0
    return {
      id,
      name: `t${id}`,
      named: false,
      op: leaf ? 'input' : 'add',
      shape: [2, 3],
      dtype: 'float32',
      part: leaf ? 'input' : 'forward',
      scope: '',
      formula: '',
      kernels: [id],
      ...row,
    }
  })
  return { tensors, outputs, updates }
}

const line = (line: number) => ({ place: { file: '/a/model.ts', line, column: 1 } })
/** x -> two layers, of which the first has one inside -> loss, and back. */
const scoped = view(
  [
    { inputs: [], name: 'x' },
    { inputs: [], name: 'W', part: 'state', scope: 'a' },
    { inputs: [0, 1], scope: 'a' },
    { inputs: [2], scope: 'a/inner' },
    { inputs: [3], scope: 'a/inner', shape: [] },
    { inputs: [], name: '0.5', part: 'constant', shape: [], op: 'constant' },
    { inputs: [4, 5, 2], scope: 'b' },
    { inputs: [6], name: 'loss', shape: [] },
    { inputs: [7, 6], part: 'backward', scope: 'b' },
    { inputs: [8, 3], part: 'backward', scope: 'a/inner' },
    { inputs: [9, 0], part: 'backward', scope: 'a', name: 'd_W' },
    { inputs: [1, 10], part: 'update' },
  ],
  { loss: 7 },
  { 'a/W': 11 },
)
/** A chain without scopes, as long as wanted. */
const chain = (length: number, at: (i: number) => Partial<TensorView> = () => ({})): GraphView =>
  view(
    Array.from({ length }, (_, i) => ({ inputs: i === 0 ? [] : [i - 1], ...at(i) })),
    { y: length - 1 },
  )

const edgesOf = (graph: ReturnType<typeof collapse>): string[] => graph.edges.map((e) => `${e.from} -> ${e.to}`)

/** Every tensor is in one node, and every edge between nodes is that of its tensors. */
function expectWhole(graph: GraphView, shown: ReturnType<typeof collapse>): void {
  expect(shown.nodes.flatMap((n) => n.tensors).sort((a, b) => a - b)).toEqual(graph.tensors.map((t) => t.id))
  const at = new Map(shown.nodes.flatMap((n) => n.tensors.map((id) => [id, n.key])))
  expect(new Set(shown.nodes.map((n) => n.key)).size).toBe(shown.nodes.length)
  const frames = new Set(shown.frames.map((f) => f.key))
  for (const { frame } of [...shown.nodes, ...shown.frames]) if (frame !== undefined) expect(frames).toContain(frame)
  const numbers = new Set(graph.tensors.filter((t) => t.part === 'constant' && t.shape.length === 0).map((t) => t.id))
  const crossing = graph.tensors.flatMap((t) =>
    t.inputs.filter((x) => !numbers.has(x) && at.get(x) !== at.get(t.id)).map((x) => `${at.get(x)} -> ${at.get(t.id)}`),
  )
  expect(edgesOf(shown).sort()).toEqual([...new Set(crossing)].sort())
  expect(JSON.parse(JSON.stringify(shown))).toEqual(shown)
}

describe('a graph with scopes', () => {
  it('shows each closed scope as one node, with what goes in and out', () => {
    const shown = collapse(scoped, new Set())
    expectWhole(scoped, shown)
    expect(shown.nodes.map((n) => [n.key, n.kind, n.part, n.title])).toEqual([
      ['#0', 'tensor', 'input', 'x'],
      ['a', 'group', 'forward', 'a'],
      ['b', 'group', 'forward', 'b'],
      ['#7', 'tensor', 'forward', 'loss'],
    ])
    expect(shown.nodes[1]).toMatchObject({
      subtitle: '3 forward, 2 gradient, 1 update, 1 state',
      counts: { forward: 3, backward: 2, update: 1, state: 1 },
      tensors: [1, 2, 3, 4, 9, 10, 11],
      inputs: ['x float32[2, 3]', 't8 float32[2, 3]'],
      outputs: ['t4 float32[]', 't2 float32[2, 3]', 't11 float32[2, 3]'],
    })
    expect(shown.edges.find((e) => e.from === 'a' && e.to === 'b')).toEqual({
      from: 'a',
      to: 'b',
      tensors: [4, 2],
      carries: ['t4 float32[]', 't2 float32[2, 3]'],
      label: '2 tensors',
    })
    expect(edgesOf(shown)).toContain('b -> a')
    expect(shown.edges[0]).toMatchObject({ from: '#0', to: 'a', label: '[2, 3]' })
  })

  it('frames what is open, where all around it is', () => {
    const shown = collapse(scoped, new Set(['a']))
    expectWhole(scoped, shown)
    expect(shown.frames).toEqual([{ key: 'a', kind: 'scope', title: 'a' }])
    expect(shown.nodes.filter((n) => n.frame === 'a').map((n) => n.key)).toEqual(['#1', '#2', 'a/inner', '#10', '#11'])
    expect(collapse(scoped, new Set(['a/inner']))).toEqual(collapse(scoped, new Set()))
    const both = collapse(scoped, new Set(['a', 'a/inner']))
    expect(both.frames).toEqual([
      { key: 'a', kind: 'scope', title: 'a' },
      { key: 'a/inner', kind: 'scope', title: 'inner', frame: 'a' },
    ])
  })

  it('keeps numbers with what reads them', () => {
    const shown = collapse(scoped, new Set(['b']))
    expect(shown.nodes.find((n) => n.key === '#6')?.tensors).toEqual([5, 6])
  })

  it('is opened as far as it stays small', () => {
    expect(openAtFirst(scoped)).toEqual(new Set(['b', 'a', 'a/inner']))
    expect(openAtFirst(scoped, 5)).toEqual(new Set(['b']))
    expect(openAtFirst(scoped, 4)).toEqual(new Set())
  })

  it('has layers of one size all open, or all closed', () => {
    const rows = Array.from({ length: 30 }, (_, i): Row => ({ inputs: i === 0 ? [] : [i - 1], scope: `l${i % 10}` }))
    expect(openAtFirst(view(rows), 29)).toEqual(new Set())
    expect(openAtFirst(view(rows), 30).size).toBe(10)
  })

  it('has much arithmetic of updates apart, by what is updated', () => {
    const many = Array.from({ length: 20 }, (_, i): Row => ({ inputs: [i % 2 === 0 ? 10 : 8], part: 'update' }))
    const graph = view([...scoped.tensors.slice(0, 11), ...many])
    expect(collapse(graph, new Set()).nodes.at(-1)).toMatchObject({ key: '(updates)', counts: { update: 20 } })
    const inside = collapse(graph, new Set(['(updates)'])).nodes.filter((n) => n.frame === '(updates)')
    expect(inside.map((n) => [n.key, n.tensors.length])).toEqual([
      ['(updates)/a', 10],
      ['(updates)/b', 10],
    ])
  })
})

describe('a graph without scopes', () => {
  it.each([
    ['parts', (i: number) => ({ part: (['forward', 'backward', 'update'] as const)[Math.floor(i / 100)]! })],
    ['lines', (i: number) => line(Math.floor(i / 10))],
    ['lines in turn', (i: number) => line(i % 40)],
    ['a line for each', (i: number) => line(i)],
    ['nothing', () => ({})],
  ] as const)('is grouped by %s to what can be read', (_, at) => {
    const graph = chain(300, at)
    const open = openAtFirst(graph)
    const shown = collapse(graph, open)
    expectWhole(graph, shown)
    expect(shown.nodes.length).toBeLessThanOrEqual(150)
    expect(shown.nodes.length).toBeGreaterThan(2)
    expect(collapse(graph, openAtFirst(graph))).toEqual(shown)
  })

  it('names groups by lines and by first and last', () => {
    const titles = (graph: GraphView) => collapse(graph, new Set()).nodes.map((n) => n.title)
    expect(titles(chain(300, (i) => line(Math.floor(i / 100))))).toEqual(['model.ts:0', 'model.ts:1', 'model.ts:2'])
    expect(titles(chain(110)).slice(0, 2)).toEqual(['t0 … t19', 't20 … t39'])
  })

  it('shows every tensor where there are few', () => {
    expect(collapse(chain(90), new Set()).nodes).toHaveLength(90)
  })

  it.each([5_000, 40_000])('takes %d tensors, deep as they are', (length) => {
    const deep = chain(length, (i) => ({ scope: Array.from({ length: i % 7 }, (_, k) => `s${k}`).join('/') }))
    const shown = collapse(deep, openAtFirst(deep))
    expect(shown.nodes.length).toBeLessThanOrEqual(150)
    expect(shown.nodes.flatMap((n) => n.tensors)).toHaveLength(length)
    const nested = view([{ inputs: [], scope: Array.from({ length: length / 10 }, () => 's').join('/') }], { y: 0 })
    expect(collapse(nested, openAtFirst(nested)).nodes).toHaveLength(1)
  })
})

describe('an inspection', () => {
  const seen = inspect(mlp('adam').train)

  it.each(['traced', 'expanded', 'simplified'] as const)('is shown whole, %s', (stage) => {
    for (const open of [new Set<string>(), openAtFirst(seen.graphs[stage])])
      expectWhole(seen.graphs[stage], collapse(seen.graphs[stage], open))
  })

  it('has kernels as a graph of its own', () => {
    const graph = kernelGraph(seen)
    expect(graph.tensors.filter((t) => t.kernels.length > 0).map((t) => t.op)).toEqual(seen.kernels.map((k) => k.name))
    const at = (name: string) => graph.tensors.findIndex((t) => t.op === name || t.name === name)
    const update = graph.tensors[at('update_W1')]!
    expect(update.name).toBe('W1/m, W1/v, W1')
    expect(update).toMatchObject({ part: 'update', shape: [784, 256], dtype: 'float32' })
    expect(update.inputs).toEqual(expect.arrayContaining([at('x'), at('W1'), at('W1/m')]))
    expect(graph.updates['W1']).toBe(update.id)
    expectWhole(graph, collapse(graph, openAtFirst(graph)))
  })
})
