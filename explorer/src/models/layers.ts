// With layers: a model of gradloom/nn is a program with entries too, and each layer is a scope of its graph. How it trains is
// known once it has seen what labels look like, so it takes one step here.
import { layers, sequential } from 'gradloom/nn'

export const net = sequential([
  layers.dense({ units: 64, activation: 'relu', inputShape: [30] }),
  layers.dropout({ rate: 0.2 }),
  layers.dense({ units: 32, activation: 'relu' }),
  layers.dense({ units: 3, activation: 'softmax' }),
])
net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
net.trainOnBatch(new Float32Array(8 * 30), new Int32Array(8))
