import {
  compile,
  type CompileOptions,
  entry,
  mean,
  sgd,
  softmaxCrossEntropy,
  type Spec,
  type Tensor,
  type Variable,
} from 'gradloom'
import { built, type Prepared } from './system'

/** A network that classifies, with variables of its own. */
export interface Model {
  readonly variables: readonly Variable[]
  logits(x: Tensor): Tensor
}

/** What it is fed. */
export interface Examples {
  readonly x: Float32Array
  readonly y: Float32Array
  readonly xs: Spec
  readonly ys: Spec
}

/** A network with what it is fed; `make` makes its variables anew. */
export interface Network {
  readonly examples: Examples
  make(): Model
}

/** The logits of a batch. */
export function inferenceEntry({ examples: { xs }, make }: Network) {
  const { logits } = make()
  return entry({ x: xs }, (feeds) => ({ outputs: { logits: logits(feeds.x) as Tensor<[number]> } }))
}

/** A training step by cross-entropy and SGD. */
export function trainingEntry({ examples: { xs, ys }, make }: Network) {
  const { logits, variables } = make()
  return entry({ x: xs, y: ys }, (feeds) => {
    const loss = mean(softmaxCrossEntropy(logits(feeds.x), feeds.y))
    return { outputs: { loss }, updates: sgd(loss, variables, { learningRate: 0.01 }) }
  })
}

/** The training step of a classifier or its logits, compiled. */
export function classifying(options: CompileOptions, phase: 'train' | 'infer', network: Network): Prepared {
  const { x, y } = network.examples
  if (phase === 'infer') return built(() => compile(inferenceEntry(network), options), (run) => run({ x }).logits[0]!) // prettier-ignore
  return built(() => compile(trainingEntry(network), options), (run) => run({ x, y }).loss) // prettier-ignore
}
