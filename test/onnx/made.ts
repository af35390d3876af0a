import { compile, entry, type Tensor } from 'gradloom'
import { type ConstantValue, type OnnxModel, readOnnx, type StoredTensor } from 'gradloom/onnx'
import type { DType, Data } from '../../src/ir/type'
import { newData } from '../../src/ir/type'
import { encodeModel } from '../../src/onnx/proto/files'
import type { AttributeProto, NodeProto, ValueInfo } from '../../src/onnx/proto/messages'
import { tensorProto } from '../../src/onnx/tensor'
import { elementCode, elementOfDType } from '../../src/onnx/types'

/** An input or an output of a file. */
export const info = (name: string, { dtype, shape }: Pick<StoredTensor, 'dtype' | 'shape'>): ValueInfo => ({
  name,
  type: {
    tensorType: {
      elemType: elementCode(elementOfDType(dtype)),
      shape: { dim: shape.map((dimValue) => ({ dimValue })) },
    },
  },
})

// Models of one node, made by hand.

export const tensorOf = (dtype: DType, shape: readonly number[], values: readonly number[]): StoredTensor => {
  const data = newData(dtype, values.length)
  data.set(values)
  return { dtype, shape, data }
}
export const float = (shape: readonly number[], ...values: readonly number[]): StoredTensor =>
  tensorOf('float32', shape, values)
export const int = (shape: readonly number[], ...values: readonly number[]): StoredTensor =>
  tensorOf('int32', shape, values)
export const byte = (shape: readonly number[], ...values: readonly number[]): StoredTensor =>
  tensorOf('uint8', shape, values)
export const bool = (shape: readonly number[], ...values: readonly number[]): StoredTensor =>
  tensorOf('bool', shape, values)

/** An operand that the file holds. */
export interface Held {
  readonly held: StoredTensor
}
export const held = (t: StoredTensor): Held => ({ held: t })
/** Whole numbers that the file holds. */
export const wholes = (...values: readonly number[]): Held => held(int([values.length], ...values))
export const whole = (value: number): Held => held(int([], value))

export type Operand = StoredTensor | Held | undefined
/** A text, a tensor, a list of numbers or a number: an int where it is whole and not marked as `f`. */
export type AttributeValue =
  string | number | readonly number[] | StoredTensor | { readonly f: number | readonly number[] }

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) }
  if (typeof value === 'number')
    return Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value }
  if (Array.isArray(value)) return { name, type: 7, ints: value as readonly number[] }
  if ('data' in value) return { name, type: 4, t: tensorProto('', value) }
  const { f } = value as { readonly f: number | readonly number[] }
  return typeof f === 'number' ? { name, type: 1, f } : { name, type: 6, floats: f }
}

export interface MadeNode {
  readonly op: string
  readonly opset?: number
  readonly operands?: readonly Operand[]
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  /** How many results are asked for. */
  readonly outputs?: number
}

const LATEST = 21
const isHeld = (operand: Operand): operand is Held => operand !== undefined && 'held' in operand
export const inputName = (i: number): string => `in${i}`
export const outputName = (i: number): string => `out${i}`

/** The file of one node; its operands are inputs unless they are held. */
export function modelOf({ op, opset = LATEST, operands = [], attributes = {}, outputs = 1 }: MadeNode): Uint8Array {
  const domain = op.includes('.') ? op.slice(0, op.lastIndexOf('.')) : ''
  const names = Array.from({ length: outputs }, (_, i) => outputName(i))
  const node: NodeProto = {
    opType: op.slice(op.lastIndexOf('.') + 1),
    domain,
    input: operands.map((operand, i) => (operand ? inputName(i) : '')),
    output: names,
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  }
  return encodeModel({
    irVersion: 10,
    opsetImport: [{ domain: '', version: opset }, ...(domain ? [{ domain, version: 1 }] : [])],
    graph: {
      name: 'made',
      node: [node],
      initializer: operands.flatMap((operand, i) => (isHeld(operand) ? [tensorProto(inputName(i), operand.held)] : [])),
      input: operands.flatMap((operand, i) => (operand && !isHeld(operand) ? [info(inputName(i), operand)] : [])),
      output: names.map((name) => ({ name })),
    },
  })
}

export type Target = 'js' | 'wasm'

/** What a model gives for its inputs, by name. */
export function resultsOf(
  model: OnnxModel,
  inputs: Readonly<Record<string, StoredTensor>>,
  target: Target,
): Readonly<Record<string, StoredTensor>> {
  let types: Readonly<Record<string, Tensor>> = {}
  const program = compile(
    entry(model.inputs, (given: Readonly<Record<string, Tensor>>) => ({ outputs: (types = model.call(given)) })),
    { target, threads: 1 },
  )
  const feeds = Object.entries(inputs).map(([name, { shape, data }]) => [name, shape.length === 0 ? data[0]! : data])
  const found = program(Object.fromEntries(feeds)) as Readonly<Record<string, number | Data>>
  const results = Object.entries(found).map(([name, value]) => {
    const { dtype, shape } = types[name]!
    return [name, { dtype, shape, data: typeof value === 'number' ? newData(dtype, 1).fill(value) : value.slice() }]
  })
  program.dispose()
  return Object.fromEntries(results) as Readonly<Record<string, StoredTensor>>
}

/** The results of a node in order. */
export function run(
  node: MadeNode,
  target: Target,
  constants: Readonly<Record<string, ConstantValue>> = {},
): StoredTensor[] {
  const model = readOnnx(modelOf(node), { constants })
  const given = (node.operands ?? []).flatMap((operand, i) =>
    operand && !isHeld(operand) && !(inputName(i) in constants) ? [[inputName(i), operand] as const] : [],
  )
  const results = resultsOf(model, Object.fromEntries(given), target)
  return Array.from({ length: node.outputs ?? 1 }, (_, i) => results[outputName(i)]!)
}
