import { describe, expect, test } from 'vitest'
import { tell } from '../../examples/why-gradients'

describe('why-gradients --short', () => {
  const lines: string[] = []
  const { start, a, rows, tried, measured, same, further } = tell({ short: true, print: (line) => lines.push(line) })

  test('starts where all digits are equally likely', () => {
    expect(start).toBeCloseTo(Math.log(10), 12)
  })

  test('lowers the loss in every way, and most by gradients', () => {
    expect(tried.loss).toBeLessThan(start)
    expect(measured.loss).toBeLessThan(tried.loss)
    expect(further.loss).toBeLessThan(0.7)
  })

  test('counts the evaluations of each way', () => {
    expect(tried.evaluations).toBeGreaterThan(100)
    expect(tried.evaluations).toBeLessThanOrEqual(201)
    expect([measured.evaluations, same.evaluations, further.evaluations]).toEqual([1961, 1, 20])
  })

  test('measures the slopes that the gradient gives', () => {
    expect(measured.loss).toBeCloseTo(same.loss, 4)
  })

  test('has differences that shrink as the square of e', () => {
    expect(a).not.toBe(0)
    const perSquare = rows.map(({ e, moved, predicted }) => (moved - predicted) / e ** 2)
    for (const [i, value] of perSquare.entries()) expect(value / perSquare[3]!).toBeCloseTo(1, i === 0 ? 0 : 1)
  })

  test('ends with a table of the ways', () => {
    expect(lines.slice(-5)[0]).toMatch(/^way +evaluations +ms +loss$/)
    for (const line of lines.slice(-4)) expect(line).toMatch(/^\([abc]\) [a-z ]+ \d+ +\d+\.\d +\d\.\d{4}$/)
  })
})
