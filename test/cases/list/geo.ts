import {
  averagePool2d,
  conv1d,
  conv1dTranspose,
  conv2d,
  entry,
  grad,
  maxPool1d,
  reshape,
  sum,
  tensor,
  type Tensor,
  transpose,
  variable,
} from 'gradloom'
import { type Case, floats, numeric } from '../case'

const row = (x: Tensor): Tensor => reshape(x, [x.shape[0]!])
/** A line of one channel, and a kernel of one channel in and out. */
const line = (x: Tensor): Tensor => reshape(x, [1, x.shape[0]!, 1])
const taps = (w: Tensor): Tensor => reshape(w, [w.shape[0]!, 1, 1])
const flat = (y: Tensor): Tensor => reshape(y, [y.shape[1]!])

const SPIKE = [...Array.from({ length: 9 }, () => 0), 1, ...Array.from({ length: 6 }, () => 0)]

export const cases: readonly Case[] = [
  numeric('GEO-1', {
    build: (dtype) =>
      entry({ x: tensor([4], dtype), w: tensor([3], dtype) }, ({ x, w }) => {
        const y = conv1d(line(x), taps(w), { strides: 2, padding: 'same' })
        const [gx, gw] = grad(sum(y), [x, w])
        const symmetric = conv1d(line(x), taps(w), { strides: 2, padding: 1 })
        return { outputs: { y: flat(y), gx, gw, symmetric: flat(symmetric) } }
      }),
    feeds: { x: [1, 2, 3, 4], w: [1, 10, 100] },
    expected: { y: [321, 43], gx: [1, 10, 101, 10], gw: [4, 6, 3], symmetric: [210, 432] },
  }),
  numeric('GEO-2', {
    build: (dtype) =>
      entry({ x: tensor([4], dtype), w: tensor([2], dtype) }, ({ x, w }) => ({
        outputs: { y: flat(conv1d(line(x), taps(w), { padding: 'same' })) },
      })),
    feeds: { x: [1, 2, 3, 4], w: [1, 10] },
    expected: { y: [21, 32, 43, 4] },
  }),
  numeric('GEO-5', {
    build: (dtype) =>
      entry({ x: tensor([7], dtype), w: tensor([3], dtype) }, ({ x, w }) => {
        const y = conv1d(line(x), taps(w), { dilations: 2 })
        return { outputs: { y: flat(y), g: grad(sum(y), [x])[0] } }
      }),
    feeds: { x: [1, 2, 3, 4, 5, 6, 7], w: [1, 10, 100] },
    expected: { y: [531, 642, 753], g: [1, 1, 11, 10, 110, 100, 100] },
  }),
  numeric('GEO-6', {
    build: (dtype) =>
      entry({ x: tensor([2], dtype), w: tensor([3], dtype) }, ({ x, w }) => {
        const y = conv1dTranspose(line(x), taps(w), { strides: 2, padding: 'same' })
        return { outputs: { y: flat(y), g: grad(sum(y), [x])[0] } }
      }),
    feeds: { x: [1, 2], w: [1, 10, 100] },
    expected: { y: [1, 10, 102, 20], g: [111, 11] },
  }),
  numeric('GEO-7', {
    build: (dtype) =>
      entry({ x: tensor([16], dtype) }, ({ x }) => {
        const y = averagePool2d(reshape(x, [1, 4, 4, 1]), { size: 3, strides: 1, padding: 'same' })
        return { outputs: { y: reshape(y, [4, 4]), g: reshape(grad(sum(y), [x])[0], [4, 4]) } }
      }),
    feeds: (dtype) => ({ x: floats(dtype, SPIKE) }),
    expected: {
      y: [
        [0, 0, 0, 0],
        [1 / 6, 1 / 9, 1 / 9, 0],
        [1 / 6, 1 / 9, 1 / 9, 0],
        [1 / 4, 1 / 6, 1 / 6, 0],
      ],
      g: [
        [25 / 36, 35 / 36, 35 / 36, 25 / 36],
        [35 / 36, 49 / 36, 49 / 36, 35 / 36],
        [35 / 36, 49 / 36, 49 / 36, 35 / 36],
        [25 / 36, 35 / 36, 35 / 36, 25 / 36],
      ],
    },
  }),
  numeric('GEO-8', {
    build: (dtype) =>
      entry({ x: tensor([3], dtype) }, ({ x }) => {
        const y = maxPool1d(line(x), { size: 2, strides: 2, padding: 'same' })
        return { outputs: { y: flat(y), g: grad(sum(y), [x])[0] } }
      }),
    feeds: { x: [-1, -2, -3] },
    expected: { y: [-1, -3], g: [1, 0, 1] },
  }),
  {
    id: 'GEO-10',
    run: (trial) => {
      const w: Tensor = variable('w', [10, 10, 1, 1], 0)
      trial.buildError('a kernel larger than x', { x: tensor([1, 4, 4, 1]) }, ({ x }) => conv2d(x, w), [
        'conv2d',
        /\b10\b/,
        /\b4\b/,
      ])
    },
  },
  numeric('GEO-11', {
    build: (dtype) =>
      entry({ x: tensor([8], dtype), w: tensor([2], dtype) }, ({ x, w }) => {
        const [first, kernel]: Tensor[] = [reshape(x, [1, 2, 2, 2]), reshape(w, [1, 1, 2, 1])]
        const last: Tensor = transpose(first!, [0, 2, 3, 1])
        const y = conv2d(first!, kernel!, { dataFormat: 'channelsFirst' })
        const z = conv2d(last, kernel!)
        return { outputs: { first: reshape(y, [2, 2]), last: reshape(z, [2, 2]), g: row(grad(sum(y), [x])[0]) } }
      }),
    feeds: { x: [1, 2, 3, 4, 5, 6, 7, 8], w: [1, 10] },
    expected: {
      first: [[51, 62], [73, 84]], // prettier-ignore
      last: [[51, 62], [73, 84]], // prettier-ignore
      g: [1, 1, 1, 1, 10, 10, 10, 10],
    },
  }),
]
