import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as autoencoder from '../../examples/autoencoder'
import * as gan from '../../examples/gan'
import { shiftImages } from '../../examples/lib/shift'
import * as cnn from '../../examples/mnist-cnn'

const out = mkdtempSync(join(tmpdir(), 'gradloom-images-'))
afterAll(() => rmSync(out, { recursive: true }))
const print = (): void => undefined

test('mnist-cnn learns within a few batches, and drops features in training only', () => {
  const result = cnn.run({ seeds: [1], epochs: 1, batches: 200, out, print })
  expect(result.accuracy).toBeGreaterThan(0.88)
  expect(result.heldOut).toBe(2000)
  expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toEqual(result)
  const step = readFileSync(join(out, 'train.plain.js'), 'utf8')
  expect(step).toMatch(/K2/)
  expect(cnn.parse(['--short', '--seeds', '1,2'])).toEqual({ seeds: [1, 2], epochs: 1, batches: 100 })
  const net = cnn.program(1)
  const digits = { x: new Float32Array(784).fill(0.5), y: Int32Array.of(3) }
  expect(net.evaluate(digits)).toEqual(net.evaluate(digits))
  expect(net.train(digits).loss).not.toBe(net.train(digits).loss)
  net.dispose()
})

test('autoencoder draws digits better than their mean within a few batches', () => {
  const { error, errorOfMean } = autoencoder.run({ epochs: 1, batches: 200, out, print })
  expect(error).toBeLessThan(0.8 * errorOfMean)
  expect(readFileSync(join(out, 'digits.pgm')).subarray(0, 15).toString()).toMatch(/^P5\n280 56\n255\n/)
})

test('gan moves both of its networks, each by its own optimiser', () => {
  const result = gan.run({ epochs: 1, batches: 4, out, print })
  for (const value of Object.values(result)) expect(value).toBeGreaterThan(0)
  expect(result.drawn).toBeLessThan(1)
  const net = gan.program(1)
  const weights = (name: 'generator/W' | 'critic/W') => Float32Array.from(net.state.get(name))
  const before = { generator: weights('generator/W'), critic: weights('critic/W') }
  net.generator({})
  expect(weights('critic/W')).toEqual(before.critic)
  expect(weights('generator/W')).not.toEqual(before.generator)
  net.dispose()
})

describe('shiftImages', () => {
  test('moves an image by whole pixels and fills with paper', () => {
    const images = new Float32Array(784)
    images[10 * 28 + 10] = 1
    // The largest draws: two rows down, two columns right.
    shiftImages({ images, labels: Int32Array.of(0) }, 2, () => 0.999)
    expect(images.indexOf(1)).toBe(12 * 28 + 12)
    expect(images.reduce((a, b) => a + b)).toBe(1)
    // The smallest: past the corner it is lost.
    images.fill(0)[29] = 1
    shiftImages({ images, labels: Int32Array.of(0) }, 2, () => 0)
    expect(images.reduce((a, b) => a + b)).toBe(0)
  })
})
