import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoredTensor } from '../../src/formats/stored-tensor'
import { decodeModel, decodeTensor } from '../../src/onnx/proto/files'
import type { ModelProto } from '../../src/onnx/proto/messages'
import { storedOf } from '../../src/onnx/tensor'

/** Where Debian's package libonnx-testdata puts the backend tests of ONNX; ONNX_TESTDATA says another place. */
const ROOT = process.env.ONNX_TESTDATA ?? '/usr/share/libonnx-testdata/data'
/** The tests of single nodes and the few of small models. */
export const FOLDERS = ['node', 'simple', 'pytorch-converted', 'pytorch-operator'] as const
export type Folder = (typeof FOLDERS)[number]

/** What to say where the tests are missing. */
export const MISSING = `The backend tests of ONNX are not in ${ROOT}: apt-get install libonnx-testdata, or set ONNX_TESTDATA.`
export const isInstalled = (): boolean => existsSync(join(ROOT, 'node'))

/** The names of all tests of a folder. */
export const testNames = (folder: Folder = 'node'): string[] => readdirSync(join(ROOT, folder)).sort()

/** One test: a model and sets of tensors. Expected tensors are read only when they are asked for. */
export interface NodeTest {
  readonly name: string
  readonly bytes: Uint8Array
  readonly model: ModelProto
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly sets: readonly TestSet[]
}

export interface TestSet {
  input(at: number): StoredTensor
  expected(at: number): StoredTensor
}

export function readTest(name: string, of: Folder = 'node'): NodeTest {
  const folder = join(ROOT, of, name)
  const bytes = readFileSync(join(folder, 'model.onnx'))
  const model = decodeModel(bytes)
  const names = (list: readonly { readonly name?: string }[] | undefined): string[] =>
    (list ?? []).map((info) => info.name ?? '')
  const weights = new Set(names(model.graph?.initializer))
  const sets = readdirSync(folder, { withFileTypes: true }).filter((f) => f.isDirectory())
  if (sets.length === 0) throw new Error(`${name} has no data`)
  return {
    name,
    bytes,
    model,
    // Files of old versions list weights among the inputs, and data are there for the others alone.
    inputs: names(model.graph?.input).filter((name) => !weights.has(name)),
    outputs: names(model.graph?.output),
    sets: sets.map((set) => {
      const read = (file: string): StoredTensor => storedOf(decodeTensor(readFileSync(join(folder, set.name, file))))
      return { input: (at) => read(`input_${at}.pb`), expected: (at) => read(`output_${at}.pb`) }
    }),
  }
}

/** The kinds of ops in a test: its subject. Tests of what ONNX writes as other ops have several. */
export const opsOf = ({ model }: NodeTest): string[] => [
  ...new Set((model.graph?.node ?? []).map(({ opType = '', domain }) => (domain ? `${domain}.${opType}` : opType))),
]
