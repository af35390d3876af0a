import type { Inspection, KernelView } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import type { DrawnNode } from '../../explorer/src/protocol'
import { marksOf, NO_MARKS, type Target } from '../../explorer/src/state/links'

const kernel = (id: number, lines: readonly number[]): KernelView =>
  ({ id, places: lines.map((line) => ({ file: 'model.ts', line, column: 1 })) }) as unknown as KernelView
const node = (key: string, places: readonly number[], kernels: readonly number[], readBy: readonly number[] = []) =>
  ({ key, places, kernels, readBy }) as unknown as DrawnNode

// W on line 1 is read by both kernels; line 2 is computed in both, line 3 in the second; a closed scope spans lines 4 and 5.
const inspection = { kernels: [kernel(0, [2]), kernel(1, [2, 3]), kernel(2, [4])] } as unknown as Inspection
const drawing = {
  nodes: [node('W', [1], [], [0, 1]), node('z', [2], [0, 1]), node('h', [3], [1]), node('scope', [4, 5], [2])],
}

describe('pointing at something lights up what belongs to it', () => {
  it.each<[Target, { lines: number[]; nodes: string[]; kernels: number[] }]>([
    [
      { kind: 'line', line: 2 },
      { lines: [2], nodes: ['z'], kernels: [0, 1] },
    ],
    [
      { kind: 'line', line: 1 },
      { lines: [1], nodes: ['W'], kernels: [0, 1] },
    ],
    [
      { kind: 'line', line: 5 },
      { lines: [5], nodes: ['scope'], kernels: [] },
    ],
    [
      { kind: 'line', line: 9 },
      { lines: [9], nodes: [], kernels: [] },
    ],
    [
      { kind: 'node', key: 'h' },
      { lines: [3], nodes: ['h'], kernels: [1] },
    ],
    [
      { kind: 'node', key: 'W' },
      { lines: [1], nodes: ['W'], kernels: [0, 1] },
    ],
    [
      { kind: 'node', key: 'scope' },
      { lines: [4, 5], nodes: ['scope'], kernels: [2] },
    ],
    [
      { kind: 'kernel', kernel: 1 },
      { lines: [2, 3], nodes: ['z', 'h'], kernels: [1] },
    ],
  ])('%o', (target, expected) => {
    const marks = marksOf(target, inspection, drawing)
    expect({ lines: [...marks.lines], nodes: [...marks.nodes], kernels: [...marks.kernels] }).toEqual(expected)
  })

  it('and nothing where it is gone, or nothing is known yet', () => {
    expect(marksOf({ kind: 'node', key: 'gone' }, inspection, drawing)).toBe(NO_MARKS)
    expect(marksOf({ kind: 'kernel', kernel: 7 }, inspection, drawing)).toBe(NO_MARKS)
    expect(marksOf({ kind: 'line', line: 2 }, undefined, drawing)).toBe(NO_MARKS)
    expect(marksOf(undefined, inspection, drawing)).toBe(NO_MARKS)
  })
})
