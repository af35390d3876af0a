import { quoted } from '../../formats/error'
import { GraphError } from '../../ir/errors'
import { convert } from '../../ir/evaluate'
import type { AnyOp } from '../../ir/op'
import type { Origin } from '../../ir/origin'
import { makeTensor, type Tensor } from '../../ir/tensor'
import { bytesOf, sameShape, showType, sizeOf, type TensorType, viewData } from '../../ir/type'
import { bytesOfBase64 } from '../../compile/base64'
import type { Variable } from '../../ir/variable'
import { dataConstant, scalarConstant } from '../../ops/leaf'
import { OPS } from '../../ops/table'
import { fieldsOf, listOf, nameOf, numberOf, refuse, shapeOf, typeOf, wholeOf } from './fields'
import { readAll } from './kinds'
import { partFrom, regionFrom } from './regions'
import { rowOf } from './rows'

/** What leaves of an entry are by name; a body has none. */
export interface Leaves {
  input(name: string): Tensor
  variable(name: string): Variable
}

/** Runs what reads a place, and says of an error where it arose. */
export type At = <T>(where: string, read: () => T) => T

/** What a node is made of, its attributes not yet looked at. */
export interface NodeParts {
  readonly op: string
  readonly inputs: readonly Tensor[]
  readonly attrs: unknown
  readonly type: TensorType
  readonly origin: Origin
  readonly where: string
  readonly at: At
  readonly depth: number
}

/** Nodes in their order: each reads those before it, `first` among them, whose places come first. */
export function nodesFrom(
  where: string,
  json: unknown,
  first: readonly Tensor[],
  at: At,
  leaves?: Leaves,
  depth = 0,
): Tensor[] {
  const nodes = [...first]
  for (const [i, item] of at(where, () => listOf('nodes', json)).entries()) {
    const here = `${where}[${i}]`
    const parts = at(here, () => partsOf(item, nodes))
    nodes.push(nodeFrom({ ...parts, where: here, at, depth }, leaves))
  }
  return nodes
}

function partsOf(json: unknown, nodes: readonly Tensor[]): Omit<NodeParts, 'where' | 'at' | 'depth'> {
  const found = fieldsOf('node', json, ['op', 'shape', 'dtype'], ['inputs', 'attrs', 'name', 'gradientOf'])
  const nodeAt = (place: unknown): Tensor => nodes[wholeOf('a place of a node', place, 0, nodes.length - 1)]!
  const origin: Origin = {
    scope: '',
    ...(found.name === undefined ? {} : { name: nameOf('name', found.name) }),
    ...(found.gradientOf === undefined ? {} : { rule: regionAt(nodeAt(found.gradientOf)) }),
  }
  const inputs = found.inputs === undefined ? [] : listOf('inputs', found.inputs).map(nodeAt)
  return { op: nameOf('op', found.op), inputs, attrs: found.attrs ?? {}, type: typeOf(found), origin }
}

const regionAt = (t: Tensor): Tensor => (t.op.kind === 'region' ? t : refuse('gradientOf must be a loop or a choice'))

function nodeFrom(parts: NodeParts, leaves: Leaves | undefined): Tensor {
  const { op, inputs, where, at, type } = parts
  // Errors inside its bodies have places of their own.
  if (op === 'scan' || op === 'cond') return regionFrom(parts, nodesFrom)
  return at(where, () => {
    if (parts.origin.rule) refuse('gradientOf belongs to loops and choices')
    if (op === 'part') return checked(partFrom(parts), type)
    const readsRegion = inputs.findIndex((x) => x.op.kind === 'region')
    if (readsRegion >= 0) refuse(`input ${readsRegion} is a loop or a choice, of which only parts have values`)
    if (op === 'input' || op === 'variable' || op === 'constant') return checked(leafFrom(parts, leaves), type)
    return checked(opFrom(parts), type)
  })
}

function checked(t: Tensor, type: TensorType): Tensor {
  if (t.dtype === type.dtype && sameShape(t.shape, type.shape)) return t
  return refuse(`${t.op.name} is ${showType(t)}, but ${showType(type)} stands there`)
}

function leafFrom({ op, inputs, attrs, type }: NodeParts, leaves: Leaves | undefined): Tensor {
  if (inputs.length > 0) refuse(`${op} has no inputs`)
  if (op === 'constant') return constantFrom(attrs, type)
  if (!leaves) return refuse(`${op} outside of an entry; a body gets it as captured`)
  const name = nameOf('name', fieldsOf('attrs', attrs, ['name']).name)
  return op === 'input' ? leaves.input(name) : leaves.variable(name)
}

function constantFrom(json: unknown, type: TensorType): Tensor {
  const { value, data } = fieldsOf('attrs', json, [], ['value', 'data'])
  if ((value === undefined) === (data === undefined)) refuse('a constant has a value or data')
  if (value !== undefined) {
    const number = numberOf('value', value)
    if (type.shape.length > 0) refuse('a value has the shape []')
    if (!Object.is(convert(number, type.dtype), number)) refuse(`${number} is no ${type.dtype}`)
    return scalarConstant(number, type.dtype)
  }
  const size = sizeOf(type.shape)
  const length = size * bytesOf(type.dtype)
  if (typeof data !== 'string' || data.length !== 4 * Math.ceil(length / 3))
    refuse(`data is no base64 of ${length} bytes`)
  const bytes = decoded(data)
  if (bytes.length !== length) refuse(`data has ${bytes.length} bytes, ${showType(type)} has ${length}`)
  if (type.dtype === 'bool' && bytes.some((b) => b > 1)) refuse('a bool is 0 or 1')
  return dataConstant(viewData(type.dtype, bytes.buffer, 0, size), type)
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  try {
    return bytesOfBase64(text)
  } catch {
    return refuse('data is no base64')
  }
}

function opFrom({ op, inputs, attrs, origin }: NodeParts): Tensor {
  const row = rowOf(op) ?? refuse(`there is no op ${quoted(op)}`)
  if ('unwritable' in row) return refuse(row.unwritable)
  const [least, most] = row.operands
  if (inputs.length < least || inputs.length > most)
    refuse(`${op} has ${least === most ? least : `${least} to ${most}`} inputs, here are ${inputs.length}`)
  const known = readAll(row.attrs, attrs, inputs, 'attrs')
  row.check?.(known, inputs)
  const found: AnyOp = OPS[op as keyof typeof OPS]
  return makeTensor(found, inputs, known, inferred(found, inputs, known), origin)
}

/** Rules for shapes take much on trust, so whatever they stumble over is refused. */
function inferred(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): TensorType {
  try {
    const { dtype, shape } = op.infer(inputs, attrs)
    return { dtype, shape: shapeOf('the shape', shape) }
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw new GraphError(`${op.name}: ${what}`, { cause: error })
  }
}
