import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as autoencoder from '../../examples/autoencoder-fit'
import * as dqn from '../../examples/dqn'
import * as functional from '../../examples/functional'
import { bestReturn, move, TASKS } from '../../examples/lib/grid-world'
import { countedNats, drawn } from '../../examples/lib/next-character'
import * as optimizers from '../../examples/optimizers'
import * as transformer from '../../examples/transformer'

const out = mkdtempSync(join(tmpdir(), 'gradloom-layers-'))
afterAll(() => rmSync(out, { recursive: true }))
const print = (): void => undefined

test('transformer knows more within a few batches than that every character is as likely', async () => {
  const { heldOut, unigram, bigram, written } = await transformer.run({ epochs: 1, batches: 15, count: 20 })
  expect(heldOut).toBeLessThan(3.5) // ln 69 is 4.23
  expect(heldOut).toBeGreaterThan(bigram - 0.5)
  expect(unigram).toBeCloseTo(3.185, 3)
  expect(bigram).toBeCloseTo(2.471, 3)
  expect(written).toMatch(/^Alice was /)
  expect([...written]).toHaveLength(10 + 20)
})

test('transformer sees no later character', () => {
  const net = transformer.transformer(5, 1)
  const codes = Int32Array.from({ length: 64 }, (_, i) => i % 5)
  const scores = net.predictOnBatch(codes).slice()
  const others = net.predictOnBatch(codes.map((code, i) => (i < 20 ? code : 0)))
  expect(scores.subarray(0, 100)).toEqual(others.subarray(0, 100))
  expect(scores.subarray(100)).not.toEqual(others.subarray(100))
  net.dispose()
})

describe('the next character', () => {
  test('costs by counting what add-one smoothing says', () => {
    const held = { x: Int32Array.of(0, 1), y: Int32Array.of(1, 1) }
    // Of 0 1 0: singles 1 and 2 of 0 and 1 behind the first, pairs 01 and 10 once each.
    const { unigram, bigram } = countedNats(Int32Array.of(0, 1, 0), held, 2)
    expect(unigram).toBeCloseTo(-Math.log(2 / 4), 12)
    expect(bigram).toBeCloseTo(-(Math.log(2 / 3) + Math.log(1 / 3)) / 2, 12)
  })

  test('is drawn as often as its score says', () => {
    const counts = [0, 0, 0]
    for (let i = 0; i < 700; i++) counts[drawn([0, Math.log(4), Math.log(2)], 1, () => (i + 0.5) / 700)]!++
    expect(counts).toEqual([100, 400, 200])
    expect(drawn([1000, 0], 0.1, () => 0.999)).toBe(0)
  })
})

test('dqn finds more within a few thousand moves than by chance', () => {
  const { learnt, random, best } = dqn.run({ moves: 4000, print })
  expect(learnt).toBeGreaterThan(random + 0.3)
  expect(best).toBeCloseTo(0.8325, 4)
  expect(learnt).toBeLessThan(best)
})

describe('the world of the treasure', () => {
  test('has ways between all its fields, and ends at the treasure and in the pit', () => {
    expect(TASKS).toHaveLength(19 * 18)
    for (const task of TASKS) {
      const best = bestReturn(task)
      expect(best).toBeGreaterThan(0.3)
      expect(best).toBeLessThanOrEqual(0.96)
    }
    expect(move({ at: 0, treasure: 1 }, 1)).toEqual({ after: { at: 1, treasure: 1 }, reward: 0.96, isOver: true })
    expect(move({ at: 0, treasure: 1 }, 0)).toEqual({ after: { at: 0, treasure: 1 }, reward: -0.04, isOver: false })
    expect(move({ at: 22, treasure: 1 }, 3)).toMatchObject({ after: { at: 22 }, reward: -0.04 }) // into a wall
    expect(move({ at: 24, treasure: 1 }, 3)).toEqual({ after: { at: 23, treasure: 1 }, reward: -1.04, isOver: true })
  })
})

test('optimizers: momentum is faster on digits and leaves the valley that plain descent ends in', async () => {
  const lines: string[] = []
  const result = await optimizers.run({ points: 2, out, print: (line) => lines.push(line) })
  const { SGD, momentum } = result
  expect(SGD.rest).toBeCloseTo(-1.5, 2)
  expect(momentum.rest).toBeCloseTo(2, 2)
  expect(optimizers.height(momentum.rest)).toBeLessThan(optimizers.height(SGD.rest) - 5)
  for (const { loss, accuracy } of Object.values(result)) {
    expect(loss).toBeLessThanOrEqual(SGD.loss)
    expect(accuracy).toBeGreaterThan(0.5)
  }
  expect(momentum.loss).toBeLessThan(SGD.loss / 2)
  expect(lines).toHaveLength(1 + 6 + 1)
  const paths = readFileSync(join(out, 'paths.svg'), 'utf8')
  for (const name of Object.keys(result)) expect(paths).toContain(`>${name}: ends at `)
  expect(paths).not.toMatch(/NaN|undefined|Infinity/)
  expect(readFileSync(join(out, 'loss.svg'), 'utf8').match(/<path stroke="#/g)).toHaveLength(12) // six curves, and a legend
})

test('autoencoder-fit draws digits better than their mean, and its halves know what it learnt', async () => {
  const { error, errorOfMean, apart, bestEpoch } = await autoencoder.run({ epochs: 2, count: 3000, out })
  expect(error).toBeLessThan(0.9 * errorOfMean)
  expect(errorOfMean).toBeCloseTo(0.0673, 3)
  expect(apart).toBeLessThan(1e-6)
  expect([1, 2]).toContain(bestEpoch)
  expect(readFileSync(join(out, 'digits.pgm')).subarray(0, 15).toString()).toMatch(/^P5\n280 56\n255\n/)
})

test('functional tells species and mass of penguins by one body', async () => {
  const lines: string[] = []
  const { accuracy, majority, error, errorOfMean } = await functional.run({ epochs: 10, print: (t) => lines.push(t) })
  expect(majority).toBeLessThan(0.5)
  expect(accuracy).toBeGreaterThan(0.9)
  expect(error).toBeLessThan(0.7 * errorOfMean)
  expect(errorOfMean).toBeCloseTo(0.792, 3)
  expect(lines).toHaveLength(1)
  for (const name of ['measures', 'island', 'sex', 'species', 'mass']) expect(lines[0]).toContain(`│ ${name} (`)
})
