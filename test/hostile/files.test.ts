import { describe, expect, it } from 'vitest'
import * as formats from '../../src/formats/index'
import { checkFile, type Fate, fileFor, MOST_BYTES, MOST_MILLISECONDS, sampleFaults } from './check'
import { MUTATIONS } from './mutate'
import { randomFor } from './random'
import type { Reader } from './reader'
import * as readers from './readers/index'
import { Tally } from './tally'

const FILES = 2000
const SEED = 7
const all: readonly Reader[] = Object.values(readers)

/** Whose files reach a function of gradloom/formats; one that reads must stand here. */
const READS: Readonly<Record<string, Reader>> = {
  csv: readers.csv,
  decodeIdx: readers.idx,
  decodeNpy: readers.npy,
  decodeNpz: readers.npz,
  decodeSafetensors: readers.safetensors,
  gunzip: readers.gzip,
  openZip: readers.zip,
  readCsv: readers.csv,
  readIdx: readers.idx,
  readZip: readers.zip,
}

describe('files that nobody vouches for', () => {
  it('are made for whatever reads', () => {
    const reading = Object.keys(formats).filter((name) => /^(?:decode|read|open|gunzip|csv|parse|load)/.test(name))
    expect(Object.keys(READS).sort()).toEqual(reading.sort())
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  })

  it.each(all)('$name: each is refused or right, in time and memory', async (reader) => {
    expect(await sampleFaults(reader)).toEqual([])
    const count = reader.few ?? FILES
    const tally = new Tally()
    const faults: string[] = []
    for (let index = 0; index < count; index++) {
      const outcome = await checkFile(reader, fileFor(reader, SEED, index))
      tally.count(outcome)
      if (outcome.message !== '') faults.push(`--seed ${SEED} --from ${index}: ${outcome.fate}: ${outcome.message}`)
    }
    expect(faults).toEqual([])
    expect(tally.of('read') + tally.of('refused')).toBe(count)
    // Files that are all refused at once would say little.
    expect(tally.of('read')).toBeGreaterThan(count / 200)
    expect(tally.of('refused')).toBeGreaterThan(count / 10)
  })
})

describe('the check', () => {
  const sample = Uint8Array.of(1, 2, 3)
  const reading = (read: Reader['read'], verify: Reader['verify'] = () => {}): Reader => ({
    name: 'odd',
    samples: () => [sample],
    read,
    refusals: [RangeError],
    verify,
  })
  const throwing = (error: Error) => (): never => {
    throw error
  }
  const kept: Uint8Array[] = []
  const cases: readonly (readonly [what: string, fate: Fate, reader: Reader])[] = [
    ['a result', 'read', reading(() => 1)],
    ['a refusal', 'refused', reading(throwing(new RangeError('no')))],
    ['a refusal that comes later', 'refused', reading(async () => throwing(new RangeError('no'))())],
    ['another error', 'crash', reading(throwing(new TypeError('undefined has no length')))],
    ['a message that is the file', 'crash', reading(throwing(new RangeError('x'.repeat(1e5))))],
    ['a wrong result', 'wrong', reading(() => 1, throwing(new Error('1 is wrong')))],
    ['a key of every object', 'wrong', reading(() => Object.assign(Object.prototype, { polluted: true }))],
    ['much memory', 'memory', reading(() => void kept.push(new Uint8Array(MOST_BYTES + 2 ** 20)))],
    ['much time', 'hang', reading(() => busy(MOST_MILLISECONDS * 1.1))],
  ]
  function busy(milliseconds: number): void {
    const { user, system } = process.cpuUsage()
    for (let now = { user, system }; now.user + now.system - user - system < 1000 * milliseconds;)
      now = process.cpuUsage()
  }

  it.each(cases)('finds %s: %s', async (_, fate, reader) => {
    const { fate: found } = await checkFile(reader, sample)
    delete (Object.prototype as { polluted?: boolean }).polluted
    expect(found).toBe(fate)
    if (fate !== 'hang') expect((await sampleFaults(reader)).length).toBe(fate === 'read' ? 0 : 1)
    kept.length = 0
    delete (Object.prototype as { polluted?: boolean }).polluted
  })

  it('makes a file again from seed and number, and others from others', () => {
    const made = all.map((reader) => Array.from({ length: 50 }, (_, i) => Buffer.from(fileFor(reader, SEED, i))))
    for (const [r, reader] of all.entries())
      for (const [i, file] of made[r]!.entries()) expect(file.equals(fileFor(reader, SEED, i))).toBe(true)
    for (const files of made) expect(new Set(files.map((file) => file.toString('latin1'))).size).toBeGreaterThan(30)
  })

  it.each(Object.keys(MUTATIONS))('changes files by %s and leaves samples as they are', (name) => {
    const samples = [Buffer.from('{"a": [1, 2.5], "name": true}'), Buffer.from('x(12)"y"')]
    const before = samples.map(String)
    let changed = 0
    for (let i = 0; i < 200; i++) {
      const random = randomFor(SEED, i)
      const file = MUTATIONS[name]!(samples[i % 2]!, random, samples)
      if (!samples[i % 2]!.equals(file)) changed++
    }
    expect(changed).toBeGreaterThan(50)
    expect(samples.map(String)).toEqual(before)
    expect(MUTATIONS[name]!(new Uint8Array(), randomFor(SEED, 1), [new Uint8Array()]).length).toBeLessThan(600)
  })
})
