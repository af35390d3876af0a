import { FormatError } from '../../formats/error'
import type { StoredTensor } from '../../formats/stored-tensor'
import { decodeModel } from '../proto/files'
import { storedOf } from '../tensor'

// What the metadata of a file say of its inputs and outputs, by name.

/** The output that is fed to an input the next time. */
export const STATE = 'gradloom.state.'
/** The initializer that an input begins with. */
export const FIRST = 'gradloom.first.'
/** The output that has another name than in the program, for the name was taken. */
export const OUTPUT = 'gradloom.output.'

/** An input that stands for a variable. */
export interface OnnxStateInput {
  /** The output that is its value after a step; absent where the entry only reads it. */
  readonly next?: string
  /** What it begins with. */
  readonly first: StoredTensor
}

/** The inputs of a file of `writeOnnx` that stand for variables. Throws a FormatError for a file that is none. */
export function onnxState(bytes: Uint8Array): Map<string, OnnxStateInput> {
  const { graph, metadataProps = [] } = decodeModel(bytes)
  const stored = new Map((graph?.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]))
  const named = (prefix: string): Map<string, string> =>
    new Map(
      metadataProps.flatMap(({ key = '', value = '' }) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
      ),
    )
  const [next, first] = [named(STATE), named(FIRST)]
  return new Map(
    [...new Set([...next.keys(), ...first.keys()])].map((input) => {
      const tensor = stored.get(first.get(input) ?? input)
      if (!tensor) throw new FormatError('onnx', `nothing is stored for ${JSON.stringify(input)}`, input)
      const after = next.get(input)
      return [input, { ...(after === undefined ? {} : { next: after }), first: storedOf(tensor) }]
    }),
  )
}
