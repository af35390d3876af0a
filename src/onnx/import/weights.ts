import { variable } from '../../api/leaf'
import { FormatError } from '../../formats/error'
import type { StoredTensor } from '../../formats/stored-tensor'
import type { Tensor } from '../../ir/tensor'
import { withoutTrace } from '../../ir/trace'
import { isFloat } from '../../ir/type'
import type { Variable } from '../../ir/variable'
import type { GraphProto } from '../proto/messages'
import { denseOf } from '../sparse'
import { storedOf } from '../tensor'
import { constantOf } from './values'

/** Whether a weight of a file is to be trained. */
export type TrainableRule = boolean | ((name: string, weight: StoredTensor) => boolean)

/**
 * The initial values that a file holds. Those of floating point and of rank 1 or more become variables as soon as something
 * computes with them, others are constants of the graph.
 */
export class Weights {
  private readonly stored = new Map<string, StoredTensor>()
  private readonly leaves = new Map<string, Tensor>()
  private readonly made: Variable[] = []

  constructor(
    graph: GraphProto,
    private readonly trainable: TrainableRule,
    /** Of a graph inside a node, which may be built many times: nothing of it becomes a variable. */
    private readonly isInner = false,
  ) {
    for (const tensor of graph.initializer ?? []) this.add(tensor.name, () => storedOf(tensor))
    for (const sparse of graph.sparseInitializer ?? []) this.add(sparse.values?.name, () => denseOf(sparse))
  }

  get names(): Iterable<string> {
    return this.stored.keys()
  }

  /** Those that something has computed with, in that order. */
  get variables(): readonly Variable[] {
    return this.made
  }

  values(name: string): StoredTensor | undefined {
    return this.stored.get(name)
  }

  /** The tensor of a weight. A statistic is never trained. */
  find(name: string, isStatistic = false): Tensor | undefined {
    const found = this.leaves.get(name)
    const stored = this.stored.get(name)
    if (found || !stored) return found
    const isVariable = !this.isInner && isFloat(stored.dtype) && stored.shape.length > 0
    const leaf = isVariable ? this.variable(name, stored, isStatistic) : constantOf(stored)
    this.leaves.set(name, leaf)
    return leaf
  }

  private variable(name: string, stored: StoredTensor, isStatistic: boolean): Variable {
    const rule = this.trainable
    const trainable = !isStatistic && (typeof rule === 'boolean' ? rule : rule(name, stored))
    const { dtype, shape, data } = stored
    // A model may be built in several programs: its weights belong to no trace.
    const made: Variable = withoutTrace(() => variable(name, shape as number[], data, { dtype, trainable }))
    this.made.push(made)
    return made
  }

  private add(name = '', read: () => StoredTensor): void {
    if (name === '') throw new FormatError('onnx', 'a weight has no name')
    if (this.stored.has(name)) throw new FormatError('onnx', `the weight ${JSON.stringify(name)} stands twice`, name)
    this.stored.set(name, read())
  }
}
