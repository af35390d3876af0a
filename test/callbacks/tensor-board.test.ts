import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { optimizers, schedules } from 'gradloom/nn'
import { tensorBoard } from 'gradloom/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { histogram } from '../../src/files/histogram'
import { crc32c, framed } from '../../src/files/records'
import { classifier, TARGETS, x, y } from './models'

// A decoder that shares nothing with the encoder: CRC-32C bit by bit, and fields by number, as in the .proto files.

function crc(bytes: Uint8Array): bigint {
  let c = 0xffffffffn
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((c ^ (BigInt(byte) >> BigInt(bit))) & 1n) === 1n
      c = (c >> 1n) ^ (isOdd ? 0x82f63b78n : 0n)
    }
  return c ^ 0xffffffffn
}
const unmasked = (stored: bigint): bigint => {
  const rotated = (stored - 0xa282ead8n) & 0xffffffffn
  return ((rotated >> 17n) | (rotated << 15n)) & 0xffffffffn
}

function recordsOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  let at = 0
  while (at < bytes.length) {
    const length = Number(bytes.readBigUInt64LE(at))
    expect(unmasked(BigInt(bytes.readUInt32LE(at + 8)))).toBe(crc(bytes.subarray(at, at + 8)))
    const data = bytes.subarray(at + 12, at + 12 + length)
    expect(unmasked(BigInt(bytes.readUInt32LE(at + 12 + length)))).toBe(crc(data))
    found.push(data)
    at += length + 16
  }
  expect(at).toBe(bytes.length)
  return found
}

type Field = bigint | number | Buffer
function fieldsOf(bytes: Buffer): Map<number, Field[]> {
  const fields = new Map<number, Field[]>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++]!)
      value |= (byte & 127n) << shift
      if (byte < 128n) return value
    }
  }
  while (at < bytes.length) {
    const head = Number(varint())
    const put = (value: Field): void => void fields.set(head >> 3, [...(fields.get(head >> 3) ?? []), value])
    if ((head & 7) === 0) put(varint())
    else if ((head & 7) === 1) {
      put(bytes.readDoubleLE(at))
      at += 8
    } else if ((head & 7) === 2) {
      const length = Number(varint())
      expect(at + length).toBeLessThanOrEqual(bytes.length)
      put(bytes.subarray(at, at + length))
      at += length
    } else throw new Error(`wire type ${head & 7}`)
  }
  return fields
}
const only = (fields: Map<number, Field[]>, number: number): Field => {
  expect(fields.get(number)?.length, `field ${number}`).toBe(1)
  return fields.get(number)![0]!
}
const inside = (fields: Map<number, Field[]>, ...path: readonly number[]): Map<number, Field[]> =>
  path.reduce((f, number) => fieldsOf(only(f, number) as Buffer), fields)

interface Summary {
  readonly tag: string
  readonly step: number
  readonly plugin: string
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

/** The summaries of the one file in a folder, in the order written. */
function summariesIn(folder: string): Summary[] {
  const files = readdirSync(folder)
  expect(files.length).toBe(1)
  expect(files[0]).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.v2$/)
  const [first, ...events] = recordsOf(readFileSync(join(folder, files[0]!))).map(fieldsOf)
  expect(String(only(first!, 3))).toBe('brain.Event:2')
  return events.map((event) => {
    expect(Math.abs((only(event, 1) as number) - Date.now() / 1000)).toBeLessThan(600)
    const value = inside(event, 5, 1)
    const tensor = inside(value, 8)
    expect(only(tensor, 1)).toBe(2n)
    const content = only(tensor, 4) as Buffer
    const plugin = String(only(inside(value, 9, 1), 1))
    expect(only(inside(value, 9), 4)).toBe(plugin === 'scalars' ? 1n : 2n)
    return {
      tag: String(only(value, 1)),
      step: Number(only(event, 2)),
      plugin,
      shape: (inside(tensor, 2).get(2) ?? []).map((dim) => Number(only(fieldsOf(dim as Buffer), 1))),
      values: Array.from({ length: content.length / 8 }, (_, i) => content.readDoubleLE(i * 8)),
    }
  })
}
const scalars = (list: readonly Summary[], tag: string): [number, number][] =>
  list
    .filter((s) => s.tag === tag)
    .map((s) => (expect([s.plugin, s.shape]).toEqual(['scalars', []]), [s.step, s.values[0]!]))

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'board-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('records', () => {
  it('have the checksum of RFC 3720', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  })

  it('come back whatever they hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(crc32c(bytes)).toBe(Number(crc(bytes)))
        expect(recordsOf(Buffer.from(framed(bytes)))).toEqual([Buffer.from(bytes)])
      }),
    )
  })
})

describe('histogram', () => {
  it('counts every finite value once, between edges that join', () => {
    const number = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((v) => (Math.abs(v) < 1e-300 ? 0 : v)),
      fc.constantFrom(0, 1, -1, NaN, Infinity),
    )
    fc.assert(
      fc.property(fc.array(number, { maxLength: 200 }), (values) => {
        const rows = histogram(values)
        const finite = values.filter(Number.isFinite)
        // -0 and 0 are one edge.
        const at = (i: number): number[] => Array.from(rows.subarray(i * 3, i * 3 + 3), (v) => v + 0)
        const all = Array.from({ length: 30 }, (_, i) => at(i))
        expect(all.reduce((sum, [, , count]) => sum + count!, 0)).toBe(finite.length)
        if (finite.length === 0) return
        expect([all[0]![0], all[29]![1]]).toEqual([Math.min(...finite) + 0, Math.max(...finite) + 0])
        for (let i = 1; i < 30; i++) expect(all[i]![0]).toBeCloseTo(all[i - 1]![1]!, 6)
        const width = (Math.max(...finite) - Math.min(...finite)) / 30
        const margin = width * 1e-6
        for (const [left, right, count] of all.slice(0, 29))
          if (width > 1e-6)
            expect(finite.filter((v) => v >= left! - margin && v < right! + margin).length).toBeGreaterThanOrEqual(
              count!,
            )
      }),
    )
  })
})

describe.each(TARGETS)('tensorBoard on %s', (target) => {
  const learningRate = schedules.exponentialDecay({ initialLearningRate: 0.5, decaySteps: 3, decayRate: 0.5 })

  it('writes epochs, evaluations and weights, in the folders and under the names of Keras', async () => {
    const net = classifier(target, { optimizer: optimizers.adam({ learningRate }) })
    const board = tensorBoard({ logDir: directory, histogramFreq: 2 })
    const { history } = await net.fit(x, y, { epochs: 3, batchSize: 3, validationData: [x, y], callbacks: [board] })
    const pairs = (name: string): [number, number][] => history[name]!.map((v, i) => [i, v])
    const train = summariesIn(join(directory, 'train'))
    for (const name of ['loss', 'accuracy']) expect(scalars(train, `epoch_${name}`)).toEqual(pairs(name))
    expect(scalars(train, 'epoch_learning_rate')).toEqual([0, 1, 2].map((i) => [i, learningRate.at((i + 1) * 3)]))
    const histograms = train.filter((s) => s.plugin === 'histograms')
    const names = net.weights.map((w) => `${w.variable!.name}/histogram`)
    expect(histograms.map((s) => [s.tag, s.step])).toEqual([0, 2].flatMap((step) => names.map((name) => [name, step])))
    for (const [i, w] of net.weights.entries()) {
      const last = histograms[names.length + i]!
      expect([last.shape, last.values]).toEqual([[30, 3], Array.from(histogram(w.read()!))])
    }
    const validation = summariesIn(join(directory, 'validation'))
    for (const name of ['loss', 'accuracy']) {
      expect(scalars(validation, `epoch_${name}`)).toEqual(pairs(`val_${name}`))
      expect(scalars(validation, `evaluation_${name}_vs_iterations`)).toEqual(
        history[`val_${name}`]!.map((v, i) => [(i + 1) * 3, v]),
      )
    }
    expect(train.length + validation.length).toBe(9 + 8 + 12)
  })

  it('writes batches, all or every so many', async () => {
    for (const [updateFreq, steps] of [
      ['batch', [1, 2, 3, 4, 5, 6]],
      [4, [4]],
    ] as const) {
      const logDir = join(directory, String(updateFreq))
      const seen: number[] = []
      const spy = {
        onTrainBatchEnd: (_: number, logs: Readonly<Record<string, number>>) => void seen.push(logs['loss']!),
      }
      await classifier(target).fit(x, y, {
        epochs: 2,
        batchSize: 3,
        callbacks: [tensorBoard({ logDir, updateFreq }), spy],
      })
      const train = summariesIn(join(logDir, 'train'))
      expect(scalars(train, 'batch_loss')).toEqual(steps.map((step) => [step, seen[step - 1]]))
      expect(scalars(train, 'batch_accuracy').map(([step]) => step)).toEqual([...steps])
      expect(readdirSync(logDir)).toEqual(['train'])
    }
  })

  it('writes evaluations by themselves', async () => {
    const net = classifier(target)
    const found = await net.evaluate(x, y, { callbacks: [tensorBoard({ logDir: directory })] })
    const validation = summariesIn(join(directory, 'validation'))
    expect(scalars(validation, 'evaluation_loss_vs_iterations')).toEqual([[0, found['loss']]])
  })
})
