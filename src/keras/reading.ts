import type { AnyLayer } from '../layers/layer'
import type { Json, Part } from './part'

/** Something that a file holds and that was not taken over. */
export interface Note {
  /** A layer by its name, or the part of the file. */
  readonly at: string
  readonly key: string
  readonly value: unknown
  readonly why: string
}

/** What became of a file. */
export interface Report {
  /** What wrote it, such as "3.0.5" or "tfjs-layers 4.22.0"; undefined where it does not say. */
  readonly version: string | undefined
  readonly notes: readonly Note[]
}

/** Makes a layer of a class that is not known here from the config that the file has, keys as they stand there. */
export type LayerMaker = (config: Json) => AnyLayer

/** What a reader is given beside the file. */
export interface ReadOptions {
  /** Layers of one's own, and of others, by the name of the class that the file has. */
  readonly layers?: Readonly<Record<string, LayerMaker>>
}

/** Which Keras wrote a file: names mean other things in its generations. */
export interface Generation {
  readonly version: string | undefined
  readonly major: 2 | 3
  readonly isTfjs: boolean
}

/** What is known while a file is read. */
export interface Reading {
  readonly format: string
  readonly generation: Generation
  readonly makers: ReadonlyMap<string, LayerMaker>
  readonly notes: Note[]
  /** The layers of a model in the order of the file, inputs aside. */
  readonly orders: Map<AnyLayer, readonly AnyLayer[]>
}

export const reading = (format: string, generation: Generation, options: ReadOptions): Reading => ({
  format,
  generation,
  makers: new Map(Object.entries(options.layers ?? {})),
  notes: [],
  orders: new Map(),
})

/** By the version that a file gives; where it gives none, by how its config is written. */
export function generationOf(version: unknown, config: Part): Generation {
  const text = typeof version === 'string' ? version.slice(0, 40) : undefined
  const isTfjs = text?.startsWith('tfjs') ?? false
  const major = /^(\d+)\./.exec(text ?? '')?.[1]
  const looksNew =
    config.isObject && ['module', 'registered_name', 'build_config'].some((key) => !config.get(key).isNothing)
  const isNew = major === undefined ? looksNew && !isTfjs : Number(major) >= 3
  return { version: text, major: isNew ? 3 : 2, isTfjs }
}
