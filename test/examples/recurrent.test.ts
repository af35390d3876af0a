import { describe, expect, test } from 'vitest'
import * as writer from '../../examples/char-lstm'
import * as forecast from '../../examples/forecast'
import { UsageError } from '../../examples/lib/command'

test('forecast is less wrong than that tomorrow is like today', () => {
  const lines: string[] = []
  const { error, errorOfToday } = forecast.run({ epochs: 4, print: (line) => lines.push(line) })
  expect(errorOfToday).toBeCloseTo(3.812, 3)
  expect(error).toBeLessThan(0.95 * errorOfToday)
  expect(lines.join('\n')).toMatch(/epoch 4\/4 {2}loss 0\.\d{4} {2}wrong by 3\.\d{3} °C/)
})

test('char-lstm gets better at the book within a few pieces, and writes', () => {
  const lines: string[] = []
  const length = { units: 48, epochs: 2, batches: 8, write: 30 }
  const { losses, heldOut, written } = writer.run({ ...length, temperature: 0.7, print: (line) => lines.push(line) })
  expect(losses).toHaveLength(2)
  // Knowing nothing costs ln 69 = 4.23.
  expect(losses[0]).toBeLessThan(4)
  expect(losses[1]).toBeLessThan(losses[0]! - 0.2)
  expect(heldOut).toBeLessThan(losses[0]!)
  expect(written).toMatch(/^Alice was /)
  expect([...written]).toHaveLength(10 + 30)
  expect(lines[2]).toMatch(/^epoch 2\/2 +loss \d\.\d{3} {2}held out \d\.\d{3} {2}█+$/)
})

describe('char-lstm', () => {
  test('remembers what it read until it is told to forget', () => {
    const net = writer.program(5, 8, 1)
    const feed = { code: Int32Array.of(3), temperature: 1 }
    const state = () => [...net.state.get('writing/h')]
    net.next(feed)
    const once = state()
    net.next(feed)
    expect(state()).not.toEqual(once)
    net.forget({})
    net.next(feed)
    expect(state()).toEqual(once)
    net.dispose()
  })

  test('takes a temperature', () => {
    expect(writer.parse(['--short', '--temperature', '0.5'])).toEqual({
      units: 64,
      epochs: 3,
      batches: 10,
      write: 100,
      temperature: 0.5,
    })
    for (const wrong of ['0', '-1', 'warm']) expect(() => writer.parse([`--temperature=${wrong}`])).toThrow(UsageError)
  })
})
