import * as dagre from '@dagrejs/dagre'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dagre } from '../../src/drawing/dagre'
import { type Box, type Diagram, layOut, type LayoutOptions } from '../../src/drawing/layout'
import { layOutNested } from '../../src/drawing/nested'
import { ranksOf } from '../../src/drawing/ranks'
import { curve, escaped } from '../../src/drawing/svg'

const sizes = { box: () => ({ width: 100, height: 40 }), label: () => ({ width: 30, height: 14 }) }
const lay = (diagram: Diagram, options: LayoutOptions = {}) =>
  layOut(dagre as unknown as Dagre, diagram, sizes, options)
const edge = (from: string, to: string) => ({ from, to, label: '' })
const nodesOf = (...ids: string[]) => ids.map((id) => ({ id }))
const [top, bottom] = [({ y, height }: Box) => y - height / 2, ({ y, height }: Box) => y + height / 2]

/** A graph without cycles, some of whose edges reach far. */
const graphs = fc
  .array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 200 })), { minLength: 1, maxLength: 25 })
  .map((pairs) => {
    const chain = Array.from({ length: 8 }, (_, i) => i)
    const edges = chain.slice(1).map((i) => [i - 1, i] as const)
    for (const [a, b] of pairs) {
      const [from, to] = [a % 8, 8 + (b % 8)]
      edges.push([from, to])
    }
    return edges
  })

describe('ranks', () => {
  it('lead every step down far enough, and leaves to just above what reads them', () => {
    fc.assert(
      fc.property(graphs, (edges) => {
        const steps = edges.map(([from, to], i) => ({ from, to, least: 1 + (i % 3) }))
        const ranks = ranksOf(Array.from({ length: 16 }, (_, i) => i), steps) // prettier-ignore
        for (const { from, to, least } of steps) expect(ranks.get(to)! - ranks.get(from)!).toBeGreaterThanOrEqual(least)
      }),
    )
    const ranks = ranksOf(['x', 'a', 'b', 'W', 'c'], [
      { from: 'x', to: 'a', least: 1 },
      { from: 'a', to: 'b', least: 1 },
      { from: 'b', to: 'c', least: 2 },
      { from: 'W', to: 'c', least: 1 },
    ]) // prettier-ignore
    expect(Object.fromEntries(ranks)).toEqual({ x: 0, a: 1, b: 2, W: 3, c: 4 })
  })
})

describe('a layout with far edges', () => {
  const chain = nodesOf('a', 'b', 'c', 'd', 'e')
  const along = [edge('a', 'b'), edge('b', 'c'), edge('c', 'd'), edge('d', 'e')]

  it('has operands above what reads them, apart from one another, and every line from box to box', () => {
    fc.assert(
      fc.property(graphs, fc.nat({ max: 4 }), (edges, far) => {
        const ids = [...new Set(edges.flat())].sort((a, b) => a - b)
        const diagram = {
          nodes: nodesOf(...ids.map(String)),
          edges: edges.map(([a, b]) => edge(String(a), String(b))),
        }
        const { places, ways, width, height } = lay(diagram, { far })
        diagram.edges.forEach(({ from, to }, i) => {
          const [a, b] = [places.get(from)!, places.get(to)!]
          expect(bottom(a)).toBeLessThan(top(b))
          const { points } = ways[i]!
          expect(Math.abs(points[0]!.y - a.y)).toBeLessThanOrEqual(a.height / 2 + 0.01)
          expect(Math.abs(points.at(-1)!.y - b.y)).toBeLessThanOrEqual(b.height / 2 + 0.01)
        })
        const boxes = [...places.values()]
        boxes.forEach((a, i) => {
          expect(top(a)).toBeGreaterThanOrEqual(0)
          expect(bottom(a)).toBeLessThanOrEqual(height)
          expect(a.x + a.width / 2).toBeLessThanOrEqual(width)
          for (const b of boxes.slice(i + 1)) expect(Math.abs(a.x - b.x) >= 100 || Math.abs(a.y - b.y) >= 40).toBe(true)
        })
      }),
      { numRuns: 40 },
    )
  })

  it('tells which they are', () => {
    const { ways } = lay({ nodes: chain, edges: [...along, edge('a', 'c'), edge('a', 'e')] }, { far: 2 })
    expect(ways.map((w) => w.far)).toEqual([false, false, false, false, false, true])
    const all = lay({ nodes: chain, edges: [...along, edge('a', 'e')] })
    expect(all.ways.map((w) => w.far)).toEqual([false, false, false, false, false])
  })

  it('leads back up where a graph goes round', () => {
    const { places, ways } = lay({ nodes: chain, edges: [...along, edge('c', 'b'), edge('e', 'a')] }, { far: 3 })
    const [near, far] = [ways[4]!, ways[5]!]
    expect(far).toMatchObject({ far: true })
    for (const [{ points }, from, to] of [
      [near, 'c', 'b'],
      [far, 'e', 'a'],
    ] as const) {
      expect(points[0]!.y).toBeCloseTo(top(places.get(from)!), 5)
      expect(points.at(-1)!.y).toBeCloseTo(bottom(places.get(to)!), 5)
    }
  })

  it('keeps boxes in their frames', () => {
    const nodes = [
      { id: 'f', frame: true },
      { id: 'g', frame: true, parent: 'f' },
      ...['a', 'b'].map((id) => ({ id, parent: 'f' })),
      ...['c', 'd'].map((id) => ({ id, parent: 'g' })),
      { id: 'e' },
    ]
    const edges = [...along, edge('a', 'e'), edge('a', 'd'), edge('d', 'c')]
    const { places, ways } = layOutNested(dagre as unknown as Dagre, { nodes, edges }, sizes, { far: 2 })
    for (const { id, parent } of nodes as readonly { id: string; parent?: string }[]) {
      if (parent === undefined) continue
      const [box, frame] = [places.get(id)!, places.get(parent)!]
      expect(top(box)).toBeGreaterThan(top(frame))
      expect(bottom(box)).toBeLessThan(bottom(frame))
      expect(Math.abs(box.x - frame.x)).toBeLessThan((frame.width - box.width) / 2)
    }
    expect(top(places.get('e')!)).toBeGreaterThan(bottom(places.get('f')!))
    edges.forEach(({ from, to }, i) => {
      const { points } = ways[i]!
      for (const [point, box] of [
        [points[0]!, places.get(from)!],
        [points.at(-1)!, places.get(to)!],
      ] as const) {
        expect(Math.abs(point.y - box.y)).toBeLessThanOrEqual(box.height / 2 + 0.01)
        expect(Math.abs(point.x - box.x)).toBeLessThanOrEqual(box.width / 2 + 0.01)
      }
    })
  })
})

it('curves begin and end where their points do', () => {
  const points = [1, 2, 3, 4].map((i) => ({ x: i * 10.04, y: i }))
  expect(curve(points)).toBe('M10 1Q20.1 2 25.1 2.5Q30.1 3 40.2 4')
  expect(curve(points.slice(0, 2))).toBe('M10 1L20.1 2')
})

it('no markup comes of a name', () => {
  expect(escaped('<a href="x">&\u0001\u2028')).toBe('&#60;a href=&#34;x&#34;&#62;&#38;\ufffd\u2028')
})
