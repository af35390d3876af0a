import type { Data } from '../ir/type'

/** What callbacks may do with a model. */
export interface ModelHandle {
  readonly name: string
  getWeights(): readonly ArrayLike<number>[]
  setWeights(values: readonly ArrayLike<number>[]): void
  /** The number that the optimiser multiplies steps by; undefined where a schedule gives it. Settable. */
  learningRate: number | undefined
  /** Weights alone, or with the state of the optimiser, as one safetensors file. */
  saveWeights(): Uint8Array
  readonly weights: readonly { readonly name: string; readonly variable?: { readonly name: string } | undefined; read(): Data | undefined }[]
  getConfig(): unknown
}
