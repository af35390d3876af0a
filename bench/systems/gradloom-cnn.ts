import {
  add,
  compile,
  type CompileOptions,
  conv2d,
  entry,
  matmul,
  maxPool2d,
  mean,
  relu,
  reshape,
  sgd,
  softmaxCrossEntropy,
  tensor,
  type Tensor,
  variable,
} from 'gradloom'
import { CNN, cnnData } from '../cnn'
import { built, type Prepared } from './system'

/** The classifier of images; its training step or its logits. */
export function cnn(options: CompileOptions, phase: 'train' | 'infer'): Prepared {
  const { batch, side, channels, window, pool, classes } = CNN
  const { x, y, convolutions, dense } = cnnData('nhwc')
  const xs = tensor([batch, side, side, channels[0]])
  const ys = tensor([batch, classes])
  const variables = () => ({
    convolutions: convolutions.map(({ inputs, outputs, kernel, bias }, i) => ({
      w: variable(`conv${i}/w`, [window, window, inputs, outputs], kernel),
      b: variable(`conv${i}/b`, [outputs], bias),
    })),
    dense: {
      w: variable('dense/w', [dense.inputs, classes], dense.weights),
      b: variable('dense/b', [classes], dense.bias),
    },
  })
  type Model = ReturnType<typeof variables>
  const logits = (image: Tensor, model: Model): Tensor => {
    const features = model.convolutions.reduce<Tensor>(
      (h, { w, b }) => maxPool2d(relu(add(conv2d(h, w, { padding: 'same' }), b)), { size: pool }),
      image,
    )
    return add(matmul(reshape(features, [batch, dense.inputs]), model.dense.w), model.dense.b)
  }
  if (phase === 'infer') {
    const build = () => {
      const model = variables()
      const body = entry({ x: xs }, (feeds) => ({ outputs: { logits: logits(feeds.x, model) as Tensor<[number]> } }))
      return compile(body, options)
    }
    return built(build, (run) => run({ x }).logits[0]!)
  }
  const build = () => {
    const model = variables()
    const train = entry({ x: xs, y: ys }, (feeds) => {
      const loss = mean(softmaxCrossEntropy(logits(feeds.x, model), feeds.y))
      const all = [...model.convolutions, model.dense].flatMap(({ w, b }) => [w, b])
      return { outputs: { loss }, updates: sgd(loss, all, { learningRate: 0.01 }) }
    })
    return compile(train, options)
  }
  return built(build, (run) => run({ x, y }).loss)
}
