import { compile, entry, gather, mean, slice, sum, tensor, variable } from 'gradloom'
import { describe, expect, test } from 'vitest'
import { randomFeeds } from '../../src/cli/feeds'
import { rates } from '../../src/cli/rates'
import { entryInternals } from '../../src/compile/internals'

describe('random feeds', () => {
  const table = variable('table', [5, 3], 1)
  const labels = variable('labels', [7], 1)
  const net = compile(
    entry(
      {
        x: tensor(['B', 4]),
        id: tensor(['B'], 'int32'),
        label: tensor(['B', 2], 'int32'),
        free: tensor(['B'], 'int32'),
        mask: tensor([6], 'bool'),
        rate: tensor([]),
      },
      ({ x, id, label, free, mask, rate }) => ({
        outputs: {
          a: mean(gather(table, id)),
          // Of each, a part is an index.
          b: sum(gather(labels, slice(label, [null, { start: 0, end: 1 }]))),
          c: sum(x),
          d: sum(free),
          e: sum(mask),
          f: rate,
        },
      }),
    ),
  )
  const { compilation } = entryInternals('test', net).specialise(new Map([['B', 500]]))
  const feeds = randomFeeds(compilation.traced) as Record<string, Float32Array>
  const range = (name: string): number[] => [Math.min(...feeds[name]!), Math.max(...feeds[name]!)]

  test('keep to the ranges of indices, and fill them', () => {
    expect(range('id')).toEqual([0, 4])
    expect(range('label')).toEqual([0, 6])
    expect(range('free')).toEqual([0, 1])
    expect(range('mask')).toEqual([0, 1])
    const [least, most] = range('x')
    expect(least).toBeGreaterThanOrEqual(0)
    expect(most).toBeLessThan(1)
    expect(new Set(feeds['x']).size).toBeGreaterThan(1900)
  })

  test('are what the entry takes, and always the same', () => {
    expect(net(feeds as never).a).toBe(1)
    expect(randomFeeds(compilation.traced)).toEqual(feeds)
  })
})

test('rates are medians over rounds, by a clock that is seldom looked at', () => {
  let [time, looks] = [0, 0]
  const now = (): number => (looks++, time)
  let slow = 0
  // The second takes twice as long, and in one of its rounds ten times as long again.
  const runs = [() => void (time += 0.01), () => void (time += slow++ > 20_000 && slow < 21_000 ? 0.2 : 0.02)]
  const [first, second] = rates(runs, 1, now)
  expect(first).toBeCloseTo(100_000, 0)
  expect(second).toBeCloseTo(50_000, 0)
  // Some 2 ms of 2.2 seconds each.
  expect(looks).toBeLessThan(2500)
})
