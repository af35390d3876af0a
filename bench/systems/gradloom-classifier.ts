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

/** The training step of a classifier, by cross-entropy and SGD, or its logits. */
export function classifying(
  options: CompileOptions,
  phase: 'train' | 'infer',
  { x, y, xs, ys }: Examples,
  make: () => Model,
): Prepared {
  if (phase === 'infer') {
    const build = () => {
      const { logits } = make()
      return compile(
        entry({ x: xs }, (feeds) => ({ outputs: { logits: logits(feeds.x) as Tensor<[number]> } })),
        options,
      )
    }
    return built(build, (run) => run({ x }).logits[0]!)
  }
  const build = () => {
    const { logits, variables } = make()
    const train = entry({ x: xs, y: ys }, (feeds) => {
      const loss = mean(softmaxCrossEntropy(logits(feeds.x), feeds.y))
      return { outputs: { loss }, updates: sgd(loss, variables, { learningRate: 0.01 }) }
    })
    return compile(train, options)
  }
  return built(build, (run) => run({ x, y }).loss)
}
