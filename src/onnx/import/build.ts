import { FormatError, quoted } from '../../formats/error'
import type { StoredTensor } from '../../formats/stored-tensor'
import type { Tensor } from '../../ir/tensor'
import type { GraphProto, NodeProto } from '../proto/messages'
import { UnsupportedError } from '../unsupported'
import { NodeCall, type Surroundings } from './node-call'
import { ONNX_OPS } from './ops/index'
import { requireSize } from './size'
import { Weights } from './weights'

const DEFAULT_DOMAIN = 'ai.onnx'
export const domainOf = (domain: string | undefined): string =>
  domain === undefined || domain === '' ? DEFAULT_DOMAIN : domain

/** The most nodes of graphs inside nodes, each time that they are built: loops in loops may be written out. */
const MOST_INNER_NODES = 1500

/** What one graph is built in: weights, versions of op sets, names that are known. */
export class GraphBuilder implements Surroundings {
  private readonly values = new Map<string, Tensor>()

  constructor(
    private readonly graph: GraphProto,
    private readonly weights: Weights,
    private readonly opsets: ReadonlyMap<string, number>,
    private readonly outer?: Surroundings,
    /** How many nodes of graphs inside nodes have been built. */
    private readonly inner = { nodes: 0 },
  ) {}

  /** The results of the graph for those values of its inputs, by name. */
  build(inputs: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
    for (const [name, t] of inputs) this.values.set(name, t)
    for (const node of this.graph.node ?? []) this.add(node)
    return new Map(
      (this.graph.output ?? []).map(({ name = '' }) => {
        const found = this.find(name)
        if (found) return [name, found]
        throw new FormatError('onnx', `nothing gives the output ${quoted(name)}`, name)
      }),
    )
  }

  find(name: string): Tensor | undefined {
    return this.values.get(name) ?? this.weights.find(name) ?? this.outer?.find(name)
  }

  findStatistic(name: string): Tensor | undefined {
    return this.values.get(name) ?? this.weights.find(name, true) ?? this.outer?.findStatistic(name)
  }

  weight(name: string): StoredTensor | undefined {
    if (this.values.has(name)) return undefined
    return this.weights.values(name) ?? this.outer?.weight(name)
  }

  run(graph: GraphProto, inputs: readonly Tensor[]): readonly Tensor[] {
    const names = (graph.input ?? []).map(({ name = '' }) => name)
    if (names.length !== inputs.length)
      throw new FormatError('onnx', `a graph of ${names.length} inputs is given ${inputs.length}`, graph.name)
    // What a graph inside a node holds belongs to the node, as its constants do.
    this.inner.nodes += (graph.node ?? []).length + 1
    if (this.inner.nodes > MOST_INNER_NODES)
      throw new UnsupportedError('size', `graphs inside nodes come to more than ${MOST_INNER_NODES} nodes`)
    const inner = new GraphBuilder(graph, new Weights(graph, false, true), this.opsets, this, this.inner)
    const results = inner.build(new Map(inputs.map((t, i) => [names[i]!, t])))
    return (graph.output ?? []).map(({ name = '' }) => results.get(name)!)
  }

  private add(node: NodeProto): void {
    const domain = domainOf(node.domain)
    const opset = this.opsets.get(domain)
    const type = node.opType ?? ''
    const key = domain === DEFAULT_DOMAIN ? type : `${domain}.${type}`
    const op = Object.hasOwn(ONNX_OPS, key) ? ONNX_OPS[key] : undefined
    if (!op) throw new UnsupportedError(key, `there is no op ${quoted(key)} here`)
    if (opset === undefined)
      throw new FormatError('onnx', `the file has nodes of ${quoted(domain)} and does not say of which version`, domain)
    const call = new NodeCall(node, opset, this)
    const made = op(call)
    call.attributes.requireAllRead()
    const results = Array.isArray(made) ? (made as readonly (Tensor | undefined)[]) : [made as Tensor]
    for (const [i, name] of (node.output ?? []).entries()) {
      if (name === '') continue
      const result = results[i] ?? call.refuse(`result ${i + 1}`)
      requireSize(call, result.shape)
      if (this.values.has(name)) throw new FormatError('onnx', `${quoted(name)} is given twice`, name)
      this.values.set(name, result)
    }
  }
}
