// What most programs do first: a dense classifier is compiled and takes a step. The build asks which functions that needs.
import * as g from '../dist/index.js'

const { add, compile, entry, glorotUniform, matmul, mean, relu, sgd, softmaxCrossEntropy, tensor, variable, zeros } = g
const dense = (name, inputs, units) => ({
  w: variable(`${name}/w`, [inputs, units], glorotUniform()),
  b: variable(`${name}/b`, [units], zeros()),
})
const layers = [dense('hidden', 64, 32), dense('logits', 32, 10)]
const train = compile(
  entry({ x: tensor([32, 64]), y: tensor([32, 10]) }, ({ x, y }) => {
    const hidden = relu(add(matmul(x, layers[0].w), layers[0].b))
    const loss = mean(softmaxCrossEntropy(add(matmul(hidden, layers[1].w), layers[1].b), y))
    const weights = layers.flatMap(({ w, b }) => [w, b])
    return { outputs: { loss }, updates: sgd(loss, weights, { learningRate: 0.01 }) }
  }),
)
const { loss } = train({ x: new Float32Array(32 * 64), y: new Float32Array(32 * 10).fill(0.1) })
if (!(Math.abs(loss - Math.log(10)) < 1e-5)) throw new Error(`the loss of equal logits is log 10, not ${loss}`)
