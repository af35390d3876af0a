import { add, matmul, relu, tensor, type Tensor, variable } from 'gradloom'
import { classifierData, type LayerData } from '../data'
import { type Classifier, MLP } from '../workloads'
import type { Network } from './gradloom-classifier'

export const weightsOf = (name: string, { inputs, units, weights, bias }: LayerData) => ({
  w: variable(`${name}/w`, [inputs, units], weights),
  b: variable(`${name}/b`, [units], bias),
})
type Weights = ReturnType<typeof weightsOf>
export const dense = (x: Tensor, { w, b }: Weights): Tensor => add(matmul(x, w), b)

function logits(x: Tensor, layers: readonly Weights[]): Tensor {
  return layers.reduce((h, layer, i) => (i === 0 ? dense(h, layer) : dense(relu(h), layer)), x)
}

/** A classifier with relu between dense layers. */
export function mlpNetwork(workload: Classifier): Network {
  const { batch, widths } = MLP[workload]
  const { features, classes, x, y, layers } = classifierData(batch, widths)
  const examples = { x, y, xs: tensor([batch, features]), ys: tensor([batch, classes]) }
  const make: Network['make'] = () => {
    const weights = layers.map((layer, i) => weightsOf(`dense${i}`, layer))
    return { variables: weights.flatMap(({ w, b }) => [w, b]), logits: (h) => logits(h, weights) }
  }
  return { examples, make }
}
