import { expect, it } from 'vitest'
import { Patience } from '../../src/runtime/patience'

/** Jobs done alone in a row. */
function alone(patience: Patience): number {
  let n = 0
  while (patience.isAlone()) n++
  return n
}
const notes = (patience: Patience, times: number, waited: number): void => {
  for (let i = 0; i < times; i++) patience.note(1, waited)
}

it('ends after eight late workers in a row, for longer each time, and comes back with one in time', () => {
  const patience = new Patience(false)
  notes(patience, 7, 2)
  expect(alone(patience)).toBe(0)
  notes(patience, 1, 0.5)
  notes(patience, 7, 2)
  expect(alone(patience)).toBe(0)
  notes(patience, 1, 2)
  expect(alone(patience)).toBe(64)
  for (const expected of [128, 256, 512, 1024, 2048, 4096, 4096]) {
    notes(patience, 8, 2)
    expect(alone(patience)).toBe(expected)
  }
  notes(patience, 1, 0)
  notes(patience, 8, 2)
  expect(alone(patience)).toBe(64)
})

it('does not end where every job is to be divided', () => {
  const patience = new Patience(true)
  notes(patience, 100, 1e3)
  expect(alone(patience)).toBe(0)
})
