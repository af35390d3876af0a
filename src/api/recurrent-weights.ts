import { GraphError } from '../ir/errors'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { addT } from '../ops/arith'
import { partT } from '../ops/pieces'
import { reshapeT, transposeT } from '../ops/view'
import { checkPart } from './recurrent-checks'

/** As Keras has them: gates side by side in columns, of the LSTM i f c o, of the GRU z r h. */
export interface RecurrentWeights {
  /** [features, gates * units] */
  readonly kernel: Tensor
  /** [units, gates * units] */
  readonly recurrentKernel: Tensor
  /** [gates * units]; of a GRU with resetAfter [2, 3 * units], one for each kernel. */
  readonly bias?: Tensor
}

/** As PyTorch has them: gates one below the other in rows, of the LSTM i f g o, of the GRU r z n. */
export interface TorchRecurrentWeights {
  /** [gates * units, features] */
  readonly weightIh: Tensor
  /** [gates * units, units] */
  readonly weightHh: Tensor
  /** [gates * units] */
  readonly biasIh?: Tensor
  /** [gates * units] */
  readonly biasHh?: Tensor
}

export type Convention = 'keras' | 'torch'
export type AnyWeights = RecurrentWeights | TorchRecurrentWeights

/** How many units weights are of. */
export type Units<W> = W extends { readonly recurrentKernel: Tensor<infer S> }
  ? S extends readonly [infer H extends number, ...unknown[]]
    ? H
    : number
  : W extends { readonly weightHh: Tensor<infer S> }
    ? S extends readonly [unknown, infer H extends number]
      ? H
      : number
    : number

/** Both projections with gates in columns, whatever the convention. */
export interface Projections {
  readonly convention: Convention
  readonly units: number
  readonly kernel: Tensor
  readonly recurrentKernel: Tensor
  /** Of the input's projection. */
  readonly bias: Tensor | undefined
  /** Of the state's projection. */
  readonly recurrentBias: Tensor | undefined
  readonly inputFactors?: readonly Tensor[] | undefined
  readonly stateFactors?: readonly Tensor[] | undefined
}

const NAMES = {
  keras: ['kernel', 'recurrentKernel', 'bias'],
  torch: ['weightIh', 'weightHh', 'biasIh', 'biasHh'],
} as const

/** What is multiplied before it is projected: dropout draws such factors once for all steps. */
export interface FactorOptions {
  /** Of the input, [batch, features] or what stretches to it: one for all gates, or one for each in the order of the gates. */
  readonly inputFactors?: readonly Tensor[]
  /** Of the state where it is projected, [batch, units] or what stretches to it, in the same way. */
  readonly stateFactors?: readonly Tensor[]
}

/** The factors of projections, checked as far as their extents are known. */
export function factorsOf(
  op: string,
  { inputFactors, stateFactors }: FactorOptions,
  gates: number,
  dtype: Tensor['dtype'],
  shapes: { readonly input: readonly (number | null)[]; readonly state: readonly (number | null)[] },
): FactorOptions {
  const check = (name: string, given: readonly Tensor[] | undefined, shape: readonly (number | null)[]): void => {
    if (given === undefined) return
    if (!Array.isArray(given) || (given.length !== 1 && given.length !== gates))
      throw new GraphError(`${op}: ${name} must be a list of one tensor${gates > 1 ? ` or ${gates}` : ''}`)
    for (const t of given as unknown[]) {
      const want = isTensor(t) ? shape.map((d, i) => (t.shape[i] === 1 ? 1 : d)) : shape
      checkPart(op, name, t, dtype, want, 'or stretch to it')
    }
  }
  check('inputFactors', inputFactors, shapes.input)
  check('stateFactors', stateFactors, shapes.state)
  return { ...(inputFactors ? { inputFactors } : {}), ...(stateFactors ? { stateFactors } : {}) }
}

/** Checked against x, whose last axis are the features; `twoRows` is a bias for each projection. */
export function projectionsOf(
  op: string,
  x: Tensor,
  weights: AnyWeights,
  gates: number,
  convention: Convention,
  twoRows = false,
): Projections {
  checkNames(op, weights, convention)
  const features = x.shape.at(-1)!
  const check = (name: string, part: unknown, shape: readonly (number | null)[]): void =>
    checkPart(op, name, part, x.dtype, shape, `for x ${describe(x)}`)
  if (convention === 'torch') {
    const { weightIh, weightHh, biasIh, biasHh } = weights as TorchRecurrentWeights
    check('weightHh', weightHh, [null, null])
    const units = weightHh.shape[1]!
    check('weightHh', weightHh, [gates * units, units])
    check('weightIh', weightIh, [gates * units, features])
    if (biasIh) check('biasIh', biasIh, [gates * units])
    if (biasHh) check('biasHh', biasHh, [gates * units])
    const [kernel, recurrentKernel] = [turned(weightIh), turned(weightHh)]
    return { convention, units, kernel, recurrentKernel, bias: biasIh, recurrentBias: biasHh }
  }
  const { kernel, recurrentKernel, bias } = weights as RecurrentWeights
  check('recurrentKernel', recurrentKernel, [null, null])
  const units = recurrentKernel.shape[0]!
  const width = gates * units
  check('recurrentKernel', recurrentKernel, [units, width])
  check('kernel', kernel, [features, width])
  const plain = { convention, units, kernel, recurrentKernel }
  if (!bias) return { ...plain, bias: undefined, recurrentBias: undefined }
  if (!twoRows) {
    check('bias', bias, [width])
    return { ...plain, bias, recurrentBias: undefined }
  }
  check('bias', bias, [2, width])
  const row = (i: number): Tensor => reshapeT(partT(bias, 0, i, 1), [width])
  return { ...plain, bias: row(0), recurrentBias: row(1) }
}

function checkNames(op: string, weights: unknown, convention: Convention): void {
  if (convention !== 'keras' && convention !== 'torch')
    throw new GraphError(`${op}: convention must be 'keras' or 'torch', it is ${String(convention)}`)
  if (typeof weights !== 'object' || weights === null || isTensor(weights))
    throw new GraphError(`${op}: weights are a record { ${NAMES[convention].join(', ')} }`)
  const other = convention === 'keras' ? 'torch' : 'keras'
  for (const name of Object.keys(weights)) {
    if ((NAMES[convention] as readonly string[]).includes(name)) continue
    const remedy = (NAMES[other] as readonly string[]).includes(name)
      ? `; it is one of convention: '${other}'`
      : `, which are ${NAMES[convention].join(', ')}`
    throw new GraphError(`${op}: "${name}" is none of the weights of convention: '${convention}'${remedy}`)
  }
}

const turned = (w: Tensor): Tensor => transposeT(w, [1, 0])

/** Both biases in one, for layers that add both projections. */
export const wholeBias = ({ bias, recurrentBias }: Projections): Tensor | undefined =>
  bias && recurrentBias ? addT(bias, recurrentBias) : (bias ?? recurrentBias)
