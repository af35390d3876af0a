import { onnxState, writeOnnx, type WriteOnnxOptions } from 'gradloom/onnx'
import * as ort from 'onnxruntime-web'
import { expect } from 'vitest'
import { specialisedOf } from '../../src/compile/inspected'
import { type Data, newData } from '../../src/ir/type'
import { decodeModel } from '../../src/onnx/proto/files'
import type { StoredTensor } from '../../src/formats/stored-tensor'

ort.env.wasm.numThreads = 1
ort.env.logLevel = 'fatal'

/** A file in onnxruntime; what is state is handed on from run to run. */
export class OrtModel {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly next: ReadonlyMap<string, string | undefined>,
    /** Outputs that have other names in the file. */
    private readonly renamed: ReadonlyMap<string, string>,
    readonly state: Map<string, StoredTensor>,
  ) {}

  static async load(bytes: Uint8Array): Promise<OrtModel> {
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 4 })
    const state = [...onnxState(bytes)]
    return new OrtModel(
      session,
      new Map(state.map(([name, { next }]) => [name, next])),
      renamedOutputs(bytes),
      new Map(state.map(([name, { first }]) => [name, first])),
    )
  }

  get inputs(): readonly string[] {
    return this.session.inputNames
  }

  async run(feeds: Readonly<Record<string, StoredTensor>>): Promise<Record<string, Data>> {
    const tensors = [...Object.entries(feeds), ...this.state].map(([name, { dtype, shape, data }]) => {
      return [name, new ort.Tensor(dtype, data as never, shape)] as const
    })
    const results = await this.session.run(Object.fromEntries(tensors))
    const data = Object.fromEntries(Object.entries(results).map(([name, t]) => [name, t.data as Data]))
    for (const [name, next] of this.next)
      if (next !== undefined) this.state.set(name, { ...this.state.get(name)!, data: data[next]! })
    for (const [name, given] of this.renamed) data[name] = data[given]!
    for (const given of this.renamed.values()) delete data[given]
    return data
  }

  async release(): Promise<void> {
    await this.session.release()
  }
}

function renamedOutputs(bytes: Uint8Array): Map<string, string> {
  const prefix = 'gradloom.output.'
  const entries = (decodeModel(bytes).metadataProps ?? []).filter(({ key }) => key!.startsWith(prefix))
  return new Map(entries.map(({ key, value }) => [key!.slice(prefix.length), value!]))
}

/** A compiled entry in onnxruntime. */
export const exported = async (run: object, options: WriteOnnxOptions = {}): Promise<OrtModel> =>
  OrtModel.load(writeOnnx(run, options))

/** Arrays in the types of an entry's inputs; inputs of which nothing is left are not fed. */
export function fed(
  run: object,
  names: readonly string[],
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): Record<string, StoredTensor> {
  const { inputs } = specialisedOf('test', run, {}).compilation.traced
  const own = [...inputs].filter(([name]) => names.includes(name))
  return Object.fromEntries(
    own.map(([name, { dtype, shape }]) => {
      const data = newData(dtype, feeds[name]!.length)
      data.set(feeds[name]!)
      return [name, { dtype, shape, data }]
    }),
  )
}

/** Equal up to a share of the value, or of a part of the largest. */
export function expectClose(
  actual: Data,
  expected: ArrayLike<number>,
  relative: number,
  label: string,
  part = 1 / 20,
): void {
  expect(actual.length, label).toBe(expected.length)
  const ours = Array.from(expected)
  const top = ours.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0)
  ours.forEach((b, i) => {
    const a = actual[i]!
    const isClose = Math.abs(a - b) <= relative * Math.max(Math.abs(b), top * part)
    if (!(a === b || (a !== a && b !== b) || isClose)) expect.fail(`${label}[${i}] is ${a}, ours is ${b}`)
  })
}
