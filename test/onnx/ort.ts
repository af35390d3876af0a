import * as ort from 'onnxruntime-web'
import type { Data, DType } from '../../src/ir/type'

ort.env.wasm.numThreads = 1
ort.env.logLevel = 'fatal'

const TYPES = { float32: 'float32', float64: 'float64', int32: 'int32', uint8: 'uint8', bool: 'bool' } as const

export interface Fed {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: Data
}

/** A file in onnxruntime: from feeds to results by name. */
export class OrtModel {
  private constructor(private readonly session: ort.InferenceSession) {}

  static async load(bytes: Uint8Array): Promise<OrtModel> {
    const options = { executionProviders: ['wasm'], logSeverityLevel: 4 } as const
    return new OrtModel(await ort.InferenceSession.create(bytes, options))
  }

  get inputs(): readonly string[] {
    return this.session.inputNames
  }

  get outputs(): readonly string[] {
    return this.session.outputNames
  }

  async run(feeds: Readonly<Record<string, Fed>>): Promise<Record<string, Data>> {
    const tensors = Object.entries(feeds).map(([name, { dtype, shape, data }]) => {
      return [name, new ort.Tensor(TYPES[dtype], data as never, shape)] as const
    })
    const results = await this.session.run(Object.fromEntries(tensors))
    return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, t.data as Data]))
  }

  async release(): Promise<void> {
    await this.session.release()
  }
}
