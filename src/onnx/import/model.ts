import { tensor } from '../../api/entry'
import type { Spec } from '../../api/types'
import { requireBytes } from '../../formats/bytes'
import { FormatError, quoted } from '../../formats/error'
import type { StoredTensor } from '../../formats/stored-tensor'
import { GraphError } from '../../ir/errors'
import { toposort } from '../../ir/graph'
import { checkKeys } from '../../ir/names-of'
import { describe, requireTensor, type Tensor } from '../../ir/tensor'
import { sameShape, showType } from '../../ir/type'
import { type Variable, variableAttrs } from '../../ir/variable'
import { decodeModel } from '../proto/files'
import type { GraphProto, ModelProto, ValueInfo } from '../proto/messages'
import { dtypeOfElement, type ElementType, elementType } from '../types'
import { UnsupportedError } from '../unsupported'
import { domainOf, GraphBuilder } from './build'
import { constantOf, type ConstantValue, storedValue } from './values'
import { requireSizes } from './size'
import { isUnchanged, OPSETS } from './versions'
import { type TrainableRule, Weights } from './weights'

/** Options of `readOnnx`. */
export interface OnnxOptions {
  /** Inputs that decide about shapes and so are part of the graph, by name. */
  readonly constants?: Readonly<Record<string, ConstantValue>>
  /** Which weights of floating point are trained: all by default. Running statistics never are. */
  readonly trainable?: TrainableRule
}

/** A tensor that a model is given or gives, as the file has it: int64 is computed in int32. */
export interface OnnxValue extends Spec {
  readonly elementType: ElementType
}

/** The dimensions of a file: numbers, names, and for those it says nothing of names of our own. */
function valueOf({ name = '', type }: ValueInfo, known?: StoredTensor): OnnxValue {
  const { elemType, shape } = type?.tensorType ?? {}
  if (!type?.tensorType)
    throw new UnsupportedError('sequence', `${quoted(name)} is no tensor, and only tensors are read`)
  if (!shape && !known) throw new UnsupportedError('unknown rank', `the file does not say the rank of ${quoted(name)}`)
  const dims =
    known?.shape ??
    (shape!.dim ?? []).map(({ dimValue, dimParam }, i) => {
      if (dimValue === undefined || dimValue < 0) return dimParam || `${name}_${i}`
      return Number.isSafeInteger(dimValue) ? dimValue : fail(`a dimension of ${quoted(name)} is ${dimValue}`, name)
    })
  return { ...tensor(dims as number[], dtypeOfElement(elemType)), elementType: elementType(elemType) }
}

const fail = (what: string, at: string): never => {
  throw new FormatError('onnx', what, at)
}

/** A model of a file, to be built into the entries of a program. */
export class OnnxModel {
  /** Inputs as an entry declares them, by name. */
  readonly inputs: Readonly<Record<string, OnnxValue>>
  /** The names of what the model gives. */
  readonly outputs: readonly string[]
  private readonly graph: GraphProto
  private readonly weights: Weights
  private readonly constants: ReadonlyMap<string, StoredTensor>
  private readonly opsets: ReadonlyMap<string, number>
  private wasCalled = false

  constructor(model: ModelProto, { constants = {}, trainable = true }: OnnxOptions) {
    if (!model.graph) throw new FormatError('onnx', 'the file has no graph')
    this.graph = model.graph
    this.opsets = opsetsOf(model)
    this.weights = new Weights(this.graph, trainable)
    const named = new Map((this.graph.input ?? []).map((info) => [info.name ?? '', info]))
    if (named.size !== (this.graph.input ?? []).length) throw new FormatError('onnx', 'two inputs have one name')
    checkKeys('readOnnx', constants, [...named.keys()], 'input')
    this.constants = new Map(
      Object.entries(constants).map(([name, value]) => {
        const { elemType } = named.get(name)?.type?.tensorType ?? {}
        return [name, storedValue(value, dtypeOfElement(elemType))]
      }),
    )
    // Files of old versions list weights among the inputs.
    const isGiven = new Set([...this.weights.names, ...this.constants.keys()])
    const free = [...named].filter(([name]) => !isGiven.has(name))
    this.inputs = Object.fromEntries(free.map(([name, info]) => [name, valueOf(info)]))
    this.outputs = (this.graph.output ?? []).map(({ name = '' }) => name)
  }

  /**
   * The results for those inputs, by name; to be called in the body of an entry, once or several times: weights are shared.
   * Throws an UnsupportedError for an op that is not known here, a ValueNeededError where a shape hangs on an input.
   */
  call(inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    checkKeys('onnx', inputs, Object.keys(this.inputs), 'input')
    const given = new Map<string, Tensor>([...this.constants].map(([name, value]) => [name, constantOf(value)]))
    for (const [name, spec] of Object.entries(this.inputs)) given.set(name, checkedInput(name, spec, inputs[name]))
    const results = new GraphBuilder(this.graph, this.weights, this.opsets).build(given)
    // A node may be made of several tensors, and inputs may be as large as a file says.
    requireSizes(toposort([...results.values()]))
    this.wasCalled = true
    return Object.fromEntries(results)
  }

  /** The weights that the model computes with. Throws before the first call, which shows what they are. */
  get variables(): readonly Variable[] {
    if (!this.wasCalled && [...this.weights.names].length > 0)
      throw new GraphError('onnx: which weights there are shows when the model is called; ask afterwards')
    return this.weights.variables
  }

  /** Those that an optimiser takes. */
  get trainable(): readonly Variable[] {
    return this.variables.filter((v) => variableAttrs(v).role.kind === 'parameter')
  }
}

function opsetsOf(model: ModelProto): ReadonlyMap<string, number> {
  const opsets = new Map((model.opsetImport ?? []).map(({ domain, version = 0 }) => [domainOf(domain), version]))
  const own = opsets.get(domainOf('')) ?? OPSETS.from
  const changed =
    own < OPSETS.from &&
    model.graph?.node?.find(({ opType = '', domain }) => domainOf(domain) === domainOf('') && !isUnchanged(opType, own))
  if (own > OPSETS.to || changed)
    throw new UnsupportedError(
      `opset ${own}`,
      `the file has opset ${own}; ${OPSETS.from} to ${OPSETS.to} are read` +
        (changed ? `, and of older ones what has not changed, unlike ${quoted(changed.opType ?? '')}` : ''),
    )
  return opsets
}

function checkedInput(name: string, { dims, dtype }: Spec, given: Tensor | undefined): Tensor {
  requireTensor(`onnx: input ${quoted(name)}`, given)
  const fits =
    given.dtype === dtype &&
    sameShape(
      given.shape,
      dims.map((d, i) => (typeof d === 'number' ? d : (given.shape[i] ?? -1))),
    )
  if (fits) return given
  throw new GraphError(
    `onnx: input ${quoted(name)} is ${dtype}[${dims.join(', ')}], it is given ${showType(given)}: ${describe(given)}`,
  )
}

/**
 * Reads an ONNX file, opset 7 to 21 and older nodes that mean the same there: a model whose weights can be trained. Throws a
 * FormatError for a file that is damaged and an UnsupportedError for element types that there are none of here; nodes are
 * looked at by `call`.
 */
export function readOnnx(bytes: Uint8Array, options: OnnxOptions = {}): OnnxModel {
  requireBytes('readOnnx', bytes)
  checkKeys('readOnnx', options, ['constants', 'trainable'])
  return new OnnxModel(decodeModel(bytes), options)
}
