import { mutated } from './mutate'
import { randomFor } from './random'
import type { Reader } from './reader'

/** What became of a file: refused and read are well. */
export const FATES = ['refused', 'read', 'crash', 'hang', 'memory', 'wrong'] as const
export type Fate = (typeof FATES)[number]
export const FAULTS: readonly Fate[] = ['crash', 'hang', 'memory', 'wrong']

export interface Outcome {
  readonly fate: Fate
  /** What is wrong, for a fault. */
  readonly message: string
  readonly milliseconds: number
  /** By how much array buffers and other memory outside the heap grew. */
  readonly bytes: number
}

export const MOST_MILLISECONDS = 1000
export const MOST_BYTES = 256 * 2 ** 20

// A message is for people: it quotes the file, but is not flooded by it.
const MOST_CHARACTERS = 4000

/** A part of the files, where a reader has such, are made and not found by changing others. */
const FORGED = 0.4

const samples = new WeakMap<Reader, readonly Uint8Array[]>()
function samplesOf(reader: Reader): readonly Uint8Array[] {
  const known = samples.get(reader) ?? reader.samples()
  samples.set(reader, known)
  return known
}

/** The file of this number; the same for the same seed. */
export function fileFor(reader: Reader, seed: number, index: number): Uint8Array {
  const random = randomFor(seed, index)
  return reader.forged && random() < FORGED ? reader.forged(random) : mutated(samplesOf(reader), random)
}

function outside(): number {
  const { external, arrayBuffers } = process.memoryUsage()
  return external + arrayBuffers
}

const OWN_KEYS = Object.getOwnPropertyNames(Object.prototype).length
/** What a key such as __proto__ left behind, which every object would have from then on. */
const polluted = (): boolean => Object.getOwnPropertyNames(Object.prototype).length !== OWN_KEYS

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? String(error)) : String(error))

async function fateOf(reader: Reader, bytes: Uint8Array): Promise<{ fate: Fate; message: string; result?: unknown }> {
  try {
    return { fate: 'read', message: '', result: await reader.read(bytes) }
  } catch (error) {
    const known = reader.refusals.some((kind) => error instanceof kind)
    if (!known) return { fate: 'crash', message: textOf(error) }
    const { length } = (error as Error).message
    return length > MOST_CHARACTERS
      ? { fate: 'crash', message: `a message of ${length} characters: ${textOf(error).slice(0, 200)}` }
      : { fate: 'refused', message: '' }
  }
}

/** Reads a file and says what became of it. Time is that of the processor, so that a busy machine is no fault. */
export async function checkFile(reader: Reader, bytes: Uint8Array): Promise<Outcome> {
  const before = outside()
  const started = process.cpuUsage()
  let { fate, message, result } = await fateOf(reader, bytes) // eslint-disable-line prefer-const
  const { user, system } = process.cpuUsage(started)
  const milliseconds = (user + system) / 1000
  const grown = Math.max(0, outside() - before)
  if (fate === 'read')
    try {
      reader.verify(result)
    } catch (error) {
      ;[fate, message] = ['wrong', textOf(error)]
    }
  if (polluted()) [fate, message] = ['wrong', 'Object.prototype has other keys than before']
  if (grown > MOST_BYTES) [fate, message] = ['memory', `${Math.round(grown / 2 ** 20)} MiB more`]
  if (milliseconds > MOST_MILLISECONDS) [fate, message] = ['hang', `${Math.round(milliseconds)} ms`]
  return { fate, message, milliseconds, bytes: grown }
}

/** Faults of a reader in its samples: each has to be read, and to be what `verify` wants. */
export async function sampleFaults(reader: Reader): Promise<string[]> {
  const faults: string[] = []
  for (const [i, bytes] of samplesOf(reader).entries()) {
    const { fate, message } = await checkFile(reader, new Uint8Array(bytes))
    if (fate !== 'read') faults.push(`sample ${i}: ${fate} ${message}`)
  }
  return faults
}
