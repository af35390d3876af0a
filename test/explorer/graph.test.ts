import { describe, expect, it } from 'vitest'
import { fitted, opening, showing, zoomed } from '../../explorer/src/graph/camera'
import { type Direction, travel } from '../../explorer/src/graph/travel'
import type { DrawnEdge, DrawnNode } from '../../explorer/src/protocol'
import { nearest } from '../../explorer/src/worker/nearest'

const node = (key: string, x: number, y: number) => ({ key, x, y, width: 40, height: 20 }) as unknown as DrawnNode
const edge = (from: string, to: string) => ({ from, to }) as unknown as DrawnEdge

describe('arrow keys', () => {
  //    a   b
  //     \ / \
  //      c   d
  const drawing = {
    nodes: [node('a', 0, 0), node('b', 100, 0), node('c', 50, 60), node('d', 150, 60)],
    edges: [edge('a', 'c'), edge('b', 'c'), edge('b', 'd')],
  }
  it.each<[from: string, to: Direction, expected: string | undefined]>([
    ['a', 'down', 'c'],
    ['b', 'down', 'c'],
    ['d', 'up', 'b'],
    ['a', 'up', undefined],
    ['a', 'right', 'b'],
    ['b', 'left', 'a'],
    ['b', 'right', undefined],
    ['c', 'right', 'd'],
    ['gone', 'down', 'a'],
  ])('from %s %s lead to %s', (from, to, expected) => {
    expect(travel(drawing, from, to)).toBe(expected)
  })
})

describe('the camera', () => {
  const pane = { width: 400, height: 300 }
  it('fits a drawing into the middle of the pane, and does not enlarge a small one', () => {
    expect(fitted({ width: 800, height: 300 }, pane)).toEqual({ x: 0, y: 75, scale: 0.5 })
    expect(fitted({ width: 100, height: 100 }, pane)).toEqual({ x: 150, y: 100, scale: 1 })
  })

  it('opens a large drawing where its beginning can be read', () => {
    const { x, y, scale } = opening({ width: 9000, height: 9000 }, pane, { x: 4000, y: 30 })
    expect(scale).toBeGreaterThan(0.6)
    expect(scale * 4000 + x).toBeCloseTo(200)
    expect(scale * 30 + y).toBeGreaterThan(0)
  })

  it('zooms about a point that stays where it is', () => {
    const about = { x: 120, y: 40 }
    const before = { x: 10, y: -20, scale: 0.8 }
    const after = zoomed(before, 1.5, about)
    expect(after.scale).toBeCloseTo(1.2)
    const under = ({ x, y, scale }: typeof before) => [(about.x - x) / scale, (about.y - y) / scale]
    under(after).forEach((v, i) => expect(v).toBeCloseTo(under(before)[i]!))
  })

  it('moves no farther than it must to show a point', () => {
    const camera = { x: 0, y: 0, scale: 1 }
    expect(showing(camera, { x: 200, y: 150 }, pane)).toEqual(camera)
    const moved = showing(camera, { x: 1000, y: 150 }, pane)
    expect(moved.x + 1000).toBeLessThan(pane.width)
    expect(moved.x + 1000).toBeGreaterThan(pane.width / 2)
    expect(moved.y).toBe(0)
  })
})

it('a name that is nearly right is found, and nothing is guessed from afar', () => {
  const names = ['matmul', 'mean', 'sigmoid', 'softmax']
  expect(nearest('matmull', names)).toBe('matmul')
  expect(nearest('softMax', names)).toBe('softmax')
  expect(nearest('convolve', names)).toBeUndefined()
})
