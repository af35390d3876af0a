import type { StoredTensor } from '../../formats/stored-tensor'
import type { Tensor } from '../../ir/tensor'
import { type DType, isFloat, newData, sameShape } from '../../ir/type'
import { computedIn } from './kernels'
import { type Attributes, codeOf, int, ints, type Value, valueLike, type ValueType } from './value'

/** A node whose operands and results have no names yet. */
export interface Draft {
  readonly type: string
  readonly inputs: readonly (Value | undefined)[]
  readonly outputs: readonly Value[]
  readonly attributes: Attributes
  /** Graphs in the node, by the name of their attribute. */
  readonly graphs: Readonly<Record<string, GraphDraft>>
  /** The tensor that it is written for. */
  readonly of: Tensor | undefined
}

/** A graph whose values have no names yet. */
export interface GraphDraft {
  readonly nodes: readonly Draft[]
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
}

/** What is stored in the file, with the tensor it is the value of. */
export interface Stored {
  readonly value: Value
  readonly data: StoredTensor
  readonly of?: Tensor
}

/** What one file is written with: its version, what it stores. */
export class FileDraft {
  readonly stored: Stored[] = []
  /** The least version that has all ops that were written; where it is a later one, the file must be written again. */
  needed: number
  private readonly constants = new Map<string, Value>()

  constructor(readonly opset: number) {
    this.needed = opset
  }

  /** An op is written that came with a version. */
  need(version: number): void {
    this.needed = Math.max(this.needed, version)
  }

  store(type: ValueType, data: StoredTensor, of?: Tensor): Value {
    const value: Value = { type, shape: data.shape }
    this.stored.push({ value, data, ...(of ? { of } : {}) })
    return value
  }

  /** Values that are equal are stored once. */
  constant(type: ValueType, shape: readonly number[], values: readonly number[]): Value {
    const key = `${type}|${shape.join()}|${values.map((x) => (Object.is(x, -0) ? '-0' : x)).join()}`
    const known = this.constants.get(key)
    if (known) return known
    const dtype: DType = type === 'int64' || type === 'uint32' ? 'int32' : type
    const data = newData(dtype, values.length)
    data.set(values)
    const made = this.store(type, { dtype, shape, data })
    this.constants.set(key, made)
    return made
  }
}

/** Writes the nodes of one graph; graphs inside nodes see what those around them have. */
export class GraphWriter {
  readonly nodes: Draft[] = []
  /** On whose behalf nodes are written. */
  of: Tensor | undefined
  private readonly values = new Map<Tensor, Value>()

  constructor(
    readonly file: FileDraft,
    private readonly outer?: GraphWriter,
  ) {}

  find(t: Tensor): Value | undefined {
    return this.values.get(t) ?? this.outer?.find(t)
  }

  valueOf(t: Tensor): Value {
    const found = this.find(t)
    if (found) return found
    throw new Error(`onnx: ${t.op.name} is read before it is written`)
  }

  set(t: Tensor, value: Value): void {
    this.values.set(t, value)
  }

  /** A graph inside a node. */
  inner(): GraphWriter {
    return new GraphWriter(this.file, this)
  }

  /** A node with results of the given types. */
  add(
    type: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly Value[],
    attributes: Attributes = {},
    graphs: Readonly<Record<string, GraphDraft>> = {},
  ): readonly Value[] {
    this.nodes.push({ type, inputs, outputs, attributes, graphs, of: this.of })
    return outputs
  }

  /** A node of one result; its element type is that of the first operand if none is given. */
  node(
    type: string,
    inputs: readonly (Value | undefined)[],
    shape: readonly number[],
    attributes: Attributes = {},
    result: ValueType = inputs[0]!.type,
  ): Value {
    const value: Value = { type: result, shape }
    this.add(type, inputs, [value], attributes)
    return value
  }

  /**
   * A node whose operands have one element type, in a wider one where there is no kernel for theirs; the result is theirs again,
   * or `result`.
   */
  compute(
    type: string,
    inputs: readonly Value[],
    shape: readonly number[],
    attributes: Attributes = {},
    result?: ValueType,
  ): Value {
    const own = inputs[0]!.type
    const wide = computedIn(type, own)
    if (wide === own) return this.node(type, inputs, shape, attributes, result ?? own)
    const made = this.node(type, inputs.map((x) => this.cast(x, wide)), shape, attributes, result ?? wide) // prettier-ignore
    return result ? made : this.cast(made, own)
  }

  cast(x: Value, type: ValueType): Value {
    return x.type === type ? x : this.node('Cast', [x], x.shape, { to: int(codeOf(type)) }, type)
  }

  number(value: number, type: ValueType): Value {
    return this.file.constant(type, [], [value])
  }

  /** A list of whole numbers, as shapes and axes are given. */
  wholes(values: readonly number[]): Value {
    return this.file.constant('int64', [values.length], values)
  }

  constant(type: ValueType, shape: readonly number[], values: readonly number[]): Value {
    return this.file.constant(type, shape, values)
  }

  reshape(x: Value, shape: readonly number[]): Value {
    return sameShape(x.shape, shape) ? x : this.node('Reshape', [x, this.wholes(shape)], shape)
  }

  expand(x: Value, shape: readonly number[]): Value {
    return sameShape(x.shape, shape) ? x : this.node('Expand', [x, this.wholes(shape)], shape)
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    if (permutation.every((p, i) => p === i)) return x
    return this.node('Transpose', [x], permutation.map((p) => x.shape[p]!), { perm: ints(permutation) }) // prettier-ignore
  }

  /** Evenly spaced positions along each axis; negative steps walk backwards. */
  slice(x: Value, start: readonly number[], step: readonly number[], size: readonly number[]): Value {
    const axes = x.shape.flatMap((d, i) => (start[i] === 0 && step[i] === 1 && size[i] === d ? [] : [i]))
    if (axes.length === 0) return x
    const end = (i: number): number => {
      const past = start[i]! + step[i]! * size[i]!
      // Below 0 a position would count from the end.
      return step[i]! < 0 && past < 0 ? -(x.shape[i]! + 1) : past
    }
    const lists = [axes.map((i) => start[i]!), axes.map(end), axes, axes.map((i) => step[i]!)]
    return this.node('Slice', [x, ...lists.map((list) => this.wholes(list))], size)
  }

  /** A reduction; axes are an operand from the version on that made them one. */
  reduce(type: string, x: Value, axes: readonly number[], keepDims: boolean): Value {
    const shape = keepDims
      ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
      : x.shape.filter((_, i) => !axes.includes(i))
    if (axes.length === 0) return x
    const keepdims = int(keepDims ? 1 : 0)
    const own = x.type
    const wide = computedIn(type, own)
    const from = this.cast(x, wide)
    const isOperand = type === 'ReduceSum' || this.file.opset >= 18
    const made = isOperand
      ? this.node(type, [from, this.wholes(axes)], shape, { keepdims })
      : this.node(type, [from], shape, { keepdims, axes: ints(axes) })
    return this.cast(made, own)
  }

  /** One number in all places. */
  filled(value: number, type: ValueType, shape: readonly number[]): Value {
    return this.expand(this.number(value, type), shape)
  }

  /** A value that the graph is given for a tensor. */
  stands(t: Tensor): Value {
    const value = valueLike(t)
    this.set(t, value)
    return value
  }
}

export const isFloatValue = ({ type }: Value): boolean => type !== 'int64' && type !== 'uint32' && isFloat(type)
