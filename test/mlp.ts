import { add, entry, matmul, mean, relu, sgd, softmaxCrossEntropy, tensor, type Tensor, variable } from 'gradloom'
import { classifierData } from '../bench/data'
import { type Classifier, MLP } from '../bench/workloads'

/** A training step of the bench, W1 or W2, with its data and first weights. */
export function mlp(workload: Classifier) {
  const { batch, widths } = MLP[workload]
  const { features, classes, x, y, layers } = classifierData(batch, widths)
  const model = layers.map(({ inputs, units, weights, bias }, i) => ({
    w: variable(`w${i}`, [inputs, units], weights),
    b: variable(`b${i}`, [units], bias),
  }))
  const logits = (x: Tensor): Tensor => model.reduce((h, { w, b }, i) => add(matmul(i === 0 ? h : relu(h), w), b), x)
  const train = entry({ x: tensor([batch, features]), y: tensor([batch, classes]) }, ({ x, y }) => {
    const loss = mean(softmaxCrossEntropy(logits(x), y))
    const all = model.flatMap(({ w, b }) => [w, b])
    return { outputs: { loss }, updates: sgd(loss, all, { learningRate: 0.01 }) }
  })
  return { train, feeds: { x, y } }
}
