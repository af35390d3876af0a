import { FormatError } from '../../formats/error'
import type { StoredTensor } from '../../formats/stored-tensor'
import { GraphError } from '../../ir/errors'
import type { Tensor } from '../../ir/tensor'
import { isFloat, showShape, showType } from '../../ir/type'
import type { GraphProto, NodeProto } from '../proto/messages'
import { UnsupportedError } from '../unsupported'
import { Attributes } from './attributes'
import { isKnown, valuesOf } from './values'

/** Where a node stands: what the names around it mean. */
export interface Surroundings {
  /** The tensor of a name; undefined where there is none. */
  find(name: string): Tensor | undefined
  /** As `find`, of a weight that moves but is not trained, such as a running mean. */
  findStatistic(name: string): Tensor | undefined
  /** The values of a weight, whatever else it is. */
  weight(name: string): StoredTensor | undefined
  /** The results of a graph inside a node, which sees all names around the node. */
  run(graph: GraphProto, inputs: readonly Tensor[]): readonly Tensor[]
}

/** A node of a graph as the rule of its op sees it: operands, attributes, version. */
export class NodeCall {
  readonly attributes: Attributes
  /** How a message speaks of it. */
  readonly title: string

  constructor(
    readonly node: NodeProto,
    /** The version of the op set of its domain. */
    readonly opset: number,
    private readonly around: Surroundings,
  ) {
    this.title = `${node.opType}${node.name ? ` ${JSON.stringify(node.name.slice(0, 80))}` : ''}`
    this.attributes = new Attributes(node, this.title)
  }

  get inputCount(): number {
    return this.node.input?.length ?? 0
  }

  get outputCount(): number {
    return this.node.output?.length ?? 0
  }

  /** Whether anything may read that result. */
  wants(output: number): boolean {
    return (this.node.output?.[output] ?? '') !== ''
  }

  has(input: number): boolean {
    return (this.node.input?.[input] ?? '') !== ''
  }

  input(at: number): Tensor {
    return this.optional(at) ?? this.fail(`operand ${at + 1} is missing`)
  }

  optional(at: number): Tensor | undefined {
    return this.has(at) ? this.found(at, this.around.find(this.node.input![at]!)) : undefined
  }

  /** All operands from one on, none of which may be left out. */
  inputs(from = 0): Tensor[] {
    return Array.from({ length: Math.max(this.inputCount - from, 0) }, (_, i) => this.input(from + i))
  }

  /** An operand that is not trained though it is a weight: a running mean or variance. */
  statistic(at: number): Tensor {
    return this.found(at, this.around.findStatistic(this.node.input?.[at] ?? ''))
  }

  /** The values of an operand that decides about shapes. Throws a ValueNeededError where only the run knows them. */
  values(at: number): StoredTensor {
    return this.optionalValues(at) ?? this.fail(`operand ${at + 1} is missing`)
  }

  optionalValues(at: number): StoredTensor | undefined {
    if (!this.has(at)) return undefined
    const weight = this.around.weight(this.node.input![at]!)
    return weight ?? valuesOf(this.input(at), `${this.title}: operand ${at + 1}`)
  }

  /** Whether the values of an operand are there when the graph is built. */
  knows(at: number): boolean {
    return this.has(at) && (this.around.weight(this.node.input![at]!) !== undefined || isKnown(this.input(at)))
  }

  /** The whole numbers of an operand of rank 0 or 1 that decides about shapes. */
  wholes(at: number): readonly number[] {
    return this.optionalWholes(at) ?? this.fail(`operand ${at + 1} is missing`)
  }

  optionalWholes(at: number): readonly number[] | undefined {
    const stored = this.optionalValues(at)
    if (!stored) return undefined
    if (stored.dtype !== 'int32' || stored.shape.length > 1)
      this.fail(`operand ${at + 1} must be a list of whole numbers, it is ${showType(stored)}`)
    return [...stored.data]
  }

  /** The one number of an operand. */
  optionalNumber(at: number): number | undefined {
    const stored = this.optionalValues(at)
    if (!stored) return undefined
    return stored.data.length === 1
      ? stored.data[0]!
      : this.fail(`operand ${at + 1} must be one number, it is ${showType(stored)}`)
  }

  /** Whole numbers that were an attribute first and an operand from some version on; undefined where neither is there. */
  wholesBefore(opset: number, attribute: string, at: number): readonly number[] | undefined {
    return this.opset < opset ? this.attributes.ints(attribute) : this.optionalWholes(at)
  }

  /** From 0 on; negative ones count from the end. */
  axis(value: number, rank: number): number {
    const axis = value < 0 ? value + rank : value
    return axis >= 0 && axis < rank ? axis : this.fail(`there is no axis ${value} in a tensor of rank ${rank}`)
  }

  axes(values: readonly number[], rank: number): number[] {
    const axes = values.map((value) => this.axis(value, rank))
    return new Set(axes).size === axes.length ? axes : this.fail(`the axes ${showShape(values)} name one twice`)
  }

  requireFloat(at: number): Tensor {
    const t = this.input(at)
    return isFloat(t.dtype) ? t : this.fail(`operand ${at + 1} must be of floating point, it is ${showType(t)}`)
  }

  run(attribute: string, inputs: readonly Tensor[]): readonly Tensor[] {
    return this.around.run(this.attributes.graph(attribute), inputs)
  }

  /** The node makes no sense. */
  fail(what: string): never {
    throw new GraphError(`onnx: ${this.title}: ${what}`)
  }

  /** The node may make sense, but not here. */
  refuse(what: string): never {
    throw new UnsupportedError(this.node.opType ?? '', `${this.title}: ${what} is not supported`)
  }

  private found(at: number, t: Tensor | undefined): Tensor {
    const name = this.node.input?.[at] ?? ''
    if (t) return t
    throw new FormatError(
      'onnx',
      `${this.title} reads ${JSON.stringify(name.slice(0, 80))}, which nothing before it gives`,
      name,
    )
  }
}

/** What an op of ONNX is here: its results, or the only one. Results that are left out are undefined. */
export type OnnxOp = (call: NodeCall) => Tensor | readonly (Tensor | undefined)[]
/** Ops by name; those of other domains than ONNX's own have the domain before the name. */
export type OnnxOps = Readonly<Record<string, OnnxOp>>
