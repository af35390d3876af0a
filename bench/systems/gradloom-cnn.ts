import { add, conv2d, matmul, maxPool2d, relu, reshape, tensor, type Tensor, variable } from 'gradloom'
import { CNN, cnnData } from '../cnn'
import type { Network } from './gradloom-classifier'

/** The classifier of images. */
export function cnnNetwork(): Network {
  const { batch, side, channels, window, pool, classes } = CNN
  const { x, y, convolutions, dense } = cnnData('nhwc')
  const examples = {
    x,
    y,
    xs: tensor([batch, side, side, channels[0]]),
    ys: tensor([batch, classes]),
  }
  const make: Network['make'] = () => {
    const layers = convolutions.map(({ inputs, outputs, kernel, bias }, i) => ({
      w: variable(`conv${i}/w`, [window, window, inputs, outputs], kernel),
      b: variable(`conv${i}/b`, [outputs], bias),
    }))
    const w = variable('dense/w', [dense.inputs, classes], dense.weights)
    const b = variable('dense/b', [classes], dense.bias)
    return {
      variables: [...layers.flatMap((layer) => [layer.w, layer.b]), w, b],
      logits: (image) => {
        const features = layers.reduce<Tensor>(
          (h, layer) => maxPool2d(relu(add(conv2d(h, layer.w, { padding: 'same' }), layer.b)), { size: pool }),
          image,
        )
        return add(matmul(reshape(features, [batch, dense.inputs]), w), b)
      },
    }
  }
  return { examples, make }
}
