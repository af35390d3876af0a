import { FeedError } from '../../ir/errors'
import { type Data, sameShape, showType } from '../../ir/type'
import { decodeSafetensors, encodeSafetensors } from '../../formats/safetensors'
import type { StoredTensor } from '../../formats/stored-tensor'
import type { Weight } from '../../layers/weight'
import { type Accept, PROGRESS_KEY, progressIn } from '../checkpoint'
import { writeJson } from '../json'
import type { Progress } from '../run'
import type { Slot } from '../session'
import type { Kept, Trainer } from '../trainer'
import { valuedWeights } from '../weight-names'

const bytesOf = ({ buffer, byteOffset, byteLength }: Data): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

/** By bits: NaN is itself, and 0 is not -0. */
function isSame(a: Data, b: Data): boolean {
  const [own, other] = [bytesOf(a), bytesOf(b)]
  if (own.length !== other.length) return false
  for (let i = 0; i < own.length; i++) if (own[i] !== other[i]) return false
  return true
}

/** A model whose training goes on in a worker: it gets the state of there, and what is changed here is found. */
export class ModelCopy {
  /** State as it is in the worker. */
  private there: Map<string, StoredTensor> = new Map()
  private metadata: Readonly<Record<string, string>> = {}
  private progressThere: Progress | undefined
  private readonly weights: ReadonlyMap<string, Weight>
  private readonly before: { readonly weights: ReadonlyMap<Weight, Data>; readonly state: Kept | undefined }
  /** Names of the state of metrics. */
  meters: ReadonlySet<string> = new Set()

  constructor(private readonly trainer: Trainer) {
    this.weights = valuedWeights(trainer)
    const values = new Map([...this.weights.values()].map((w) => [w, w.read()!]))
    this.before = { weights: values, state: trainer.state }
  }

  get progress(): Progress {
    return this.progressThere!
  }

  /** Everything as a checkpoint from there has it. */
  take(checkpoint: Uint8Array): void {
    const { tensors, metadata } = decodeSafetensors(checkpoint)
    this.progressThere = progressIn(metadata)
    this.there = tensors
    this.metadata = metadata
    for (const [name, w] of this.weights) if (tensors.has(name)) w.write(tensors.get(name)!.data)
    const isKept = (name: string): boolean => !this.weights.has(name) && !this.meters.has(name)
    const kept = [...tensors].filter(([name]) => isKept(name))
    this.trainer.state = {
      tensors: new Map(kept.map(([name, t]) => [name, { ...t, data: t.data.slice() }])),
      isWhole: true,
    }
  }

  /** The same with a checkpoint of before. Throws a FeedError where it is of another model; `accept` may refuse it, too. */
  restore(checkpoint: Uint8Array, accept: Accept): Progress {
    const { tensors, metadata } = decodeSafetensors(checkpoint)
    const progress = progressIn(metadata)
    const faults = [...this.there].flatMap(([name, own]) => {
      const found = tensors.get(name)
      if (!found) return [`"${name}" ${showType(own)} is missing`]
      const fits = found.dtype === own.dtype && sameShape(found.shape, own.shape)
      return fits ? [] : [`"${name}" is ${showType(found)} in the file and ${showType(own)} in the program`]
    })
    for (const name of tensors.keys()) if (!this.there.has(name)) faults.push(`"${name}" is no variable of the program`)
    if (faults.length > 0) throw new FeedError(`restore: ${faults.slice(0, 8).join('; ')}. Nothing was changed.`)
    accept(progress)
    this.take(checkpoint)
    return progress
  }

  /** What has another value here, which is taken to be known there from now on. */
  changed(): Map<string, StoredTensor> {
    const now = this.now()
    const changed = [...now].filter(([name, { data }]) => !isSame(data, this.there.get(name)!.data))
    for (const [name, tensor] of changed) this.there.set(name, { ...tensor, data: tensor.data.slice() })
    return new Map(changed)
  }

  checkpoint(progress: Progress): Uint8Array {
    return encodeSafetensors(this.now(), { ...this.metadata, [PROGRESS_KEY]: writeJson(progress) })
  }

  /** What the optimiser keeps beside weights under a word. */
  slots(kind: string): Slot[] {
    const { name: path } = this.trainer.settings.optimizer
    const kept = this.trainer.state?.tensors
    return [...this.weights].flatMap(([name, weight]) => {
      const found = kept?.get(`${path}/${name}/${kind}`)
      return found ? [{ weight, read: () => found.data.slice(), write: (value) => found.data.set(value) }] : []
    })
  }

  /** The model as it was before. */
  reset(): void {
    for (const [w, value] of this.before.weights) w.write(value)
    this.trainer.state = this.before.state
  }

  private now(): Map<string, StoredTensor> {
    const kept = this.trainer.state?.tensors
    return new Map(
      [...this.there].map(([name, tensor]) => {
        const data = this.weights.get(name)?.read() ?? kept?.get(name)?.data ?? tensor.data
        return [name, { ...tensor, data }]
      }),
    )
  }
}
