import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import { isFloat, sizeOf } from '../../src/ir/type'
import { type Body, type Feeds, type Inputs, randomNumbers, sample } from '../ops/cases'

type Rank = 1 | 2 | 3
/** A convolution, what follows it, and a pooling, at which the placed forms of its gradients arise. */
export interface Net {
  readonly name: string
  /** [batch, ...spatial, channels], whatever the format. */
  readonly x: readonly number[]
  /** Taps and channels out. */
  readonly kernel: readonly number[]
  readonly conv?: loom.ConvOptions
  readonly bias?: boolean
  readonly activation?: 'relu' | 'tanh' | 'leakyRelu' | 'sigmoid'
  readonly pool?: loom.PoolOptions
  /** What reads the pooled tensor, and what reads the one that was pooled. */
  readonly then?: 'conv' | 'dense' | 'pool' | 'sum'
  readonly readers?: 'pooled' | 'unpooled'
  /** The loss is made of gradients. */
  readonly second?: boolean
  /** Which of both forms the compiler is to find; both by default. */
  readonly forms?: readonly ('gather' | 'scatter')[]
}

const convolutions = { 1: loom.conv1d, 2: loom.conv2d, 3: loom.conv3d } as unknown as Readonly<
  Record<Rank, (x: Tensor, w: Tensor, options?: loom.ConvOptions) => Tensor>
>
const poolings = { 1: loom.maxPool1d, 2: loom.maxPool2d, 3: loom.maxPool3d } as unknown as Readonly<
  Record<Rank, (x: Tensor, options?: loom.PoolOptions) => Tensor>
>

/** Inputs, feeds and the graph of a net: the loss and its gradient by every operand. */
export function netOf(
  net: Net,
  dtype: DType,
  seed = 1,
): { readonly inputs: Inputs; readonly feeds: Feeds; readonly body: Body } {
  const { x, kernel, conv = {}, pool = {}, activation, bias = true, then = 'dense', readers, second } = net
  const rank = (x.length - 2) as Rank
  const groups = conv.groups ?? 1
  const format = conv.dataFormat ?? 'channelsLast'
  const [batch, channels, outputs] = [x[0]!, x.at(-1)!, kernel.at(-1)!]
  const laid = format === 'channelsLast' ? x : [batch, channels, ...x.slice(1, -1)]
  const inputs: Record<string, Inputs[string]> = {
    x: { shape: laid, dtype },
    w: { shape: [...kernel.slice(0, -1), channels / groups, outputs], dtype },
    b: { shape: format === 'channelsLast' ? [outputs] : [outputs, ...kernel.slice(0, -1).map(() => 1)], dtype },
  }
  const pooled = (h: Tensor): Tensor => poolings[rank](h, { dataFormat: format, ...pool })
  const activated = (z: Tensor): Tensor => (activation ? loom[activation](z) : z)
  /** Everything up to the output, with the weights behind the pool made to fit. */
  const output = (xs: Record<string, Tensor>): readonly Tensor[] => {
    const z = convolutions[rank](xs['x']!, xs['w']!, conv)
    const h = activated(bias ? loom.add(z, xs['b']!) : z)
    const p = pooled(h)
    const made = then === 'pool' ? poolings[rank](p, { dataFormat: format, size: 2, strides: 1 }) : p
    const wide = loom.mul(made, loom.add(made, 0.5))
    const y =
      then === 'conv'
        ? convolutions[rank](wide, second ? loom.slice(xs['v']!, []) : xs['v']!, {
            dataFormat: format,
            padding: 'same',
          })
        : then === 'dense'
          ? loom.matmul(loom.reshape(wide, [batch, -1]), xs['v']!)
          : wide
    return [y, ...(readers === 'pooled' ? [loom.square(p)] : readers === 'unpooled' ? [loom.square(h)] : [])]
  }
  // The extents behind the pool follow from a trial with inputs that nobody feeds.
  const trial = pooled(convolutions[rank](loom.fill(laid, 0), loom.fill(inputs['w']!.shape, 0), conv))
  inputs['v'] = {
    shape: then === 'conv' ? [...kernel.slice(0, -1), outputs, 3] : [sizeOf(trial.shape.slice(1)), 4],
    dtype,
  }
  inputs['c'] = { shape: [], dtype }
  const random = randomNumbers(seed)
  const feeds = Object.fromEntries(
    // Small weights: functions that saturate would leave nothing but rounding.
    Object.entries(inputs).map(([name, { shape }]) => [
      name,
      sample({ shape, domain: 'any' }, random).map((v) => (name === 'w' ? v / 8 : v)),
    ]),
  )
  const body: Body = (xs) => {
    const loss = output(xs)
      .map((y) => loom.sum(loom.mul(loom.square(y), xs['c']!)))
      .reduce((a, b) => loom.add(a, b))
    const names = ['x', 'w', ...(bias ? ['b'] : []), ...(then === 'conv' || then === 'dense' ? ['v'] : [])]
    const by = names.map((name) => xs[name]!)
    const gradients = loom.grad(loss, by)
    const of = second
      ? loom.grad(gradients.map((g) => loom.sum(loom.square(g))).reduce((a, b) => loom.add(a, b)), by) // prettier-ignore
      : gradients
    return { outputs: { loss, ...Object.fromEntries(names.map((name, i) => [`d_${name}`, of[i]!])) } }
  }
  if (!isFloat(dtype)) throw new Error(`no gradients in ${dtype}`)
  return { inputs, feeds, body }
}

const plane = { x: [2, 8, 7, 3], kernel: [3, 3, 5] } as const
export const NETS: readonly Net[] = [
  { name: 'two by two', ...plane },
  { name: 'no bias', ...plane, bias: false },
  { name: 'relu', ...plane, activation: 'relu' },
  { name: 'tanh', ...plane, activation: 'tanh' },
  { name: 'leaky relu', ...plane, activation: 'leakyRelu' },
  { name: 'leaky relu, more than sixteen taps', ...plane, activation: 'leakyRelu', pool: { size: 5, strides: 1 } },
  { name: 'sigmoid', ...plane, activation: 'sigmoid' },
  { name: 'a convolution behind', ...plane, activation: 'relu', then: 'conv' },
  { name: 'nothing behind', ...plane, activation: 'relu', then: 'sum' },
  { name: 'overlapping', ...plane, activation: 'relu', pool: { size: 3, strides: 2 } },
  { name: 'overlapping by all but one', ...plane, activation: 'tanh', pool: { size: 3, strides: 1 } },
  { name: 'padded', ...plane, activation: 'relu', pool: { size: 3, strides: 2, padding: 'same' } },
  { name: 'padded by hand', ...plane, pool: { size: [3, 2], strides: [2, 1], padding: [[1, 0], [0, 1]] } }, // prettier-ignore
  { name: 'with gaps', ...plane, activation: 'relu', pool: { size: 2, strides: 1, dilations: 2 } },
  { name: 'with gaps and strides', ...plane, pool: { size: 2, strides: 2, dilations: [2, 1], padding: 'same' } },
  { name: 'windows apart', ...plane, activation: 'relu', pool: { size: 2, strides: 3 } },
  { name: 'more than sixteen taps', ...plane, activation: 'relu', pool: { size: 5, strides: 1 } },
  { name: 'more than sixteen taps, padded', ...plane, pool: { size: 5, strides: 2, padding: 2 } },
  { name: 'same padding', ...plane, activation: 'relu', conv: { padding: 'same' } },
  { name: 'strides', ...plane, activation: 'relu', conv: { strides: 2, padding: 'same' } },
  { name: 'strides that leave a rest', ...plane, conv: { strides: [2, 1] }, pool: { size: [1, 2] } },
  { name: 'dilations', ...plane, activation: 'relu', conv: { dilations: 2 } },
  { name: 'dilations and padding', ...plane, conv: { dilations: [1, 2], padding: [[0, 2], [3, 1]] } }, // prettier-ignore
  {
    name: 'strides and dilations',
    ...plane,
    conv: { dilations: 2, strides: [1, 3], padding: 2 },
    pool: { size: 2, strides: 1 },
  },
  { name: 'one tap', x: [2, 4, 4, 3], kernel: [1, 1, 5], activation: 'relu' },
  { name: 'one tap and strides', x: [2, 8, 8, 3], kernel: [1, 1, 5], conv: { strides: 2 } },
  { name: 'one channel', x: [2, 6, 6, 1], kernel: [3, 3, 1], activation: 'relu' },
  { name: 'one channel, far taps', x: [2, 14, 12, 1], kernel: [5, 4, 4], activation: 'relu', conv: { dilations: 2 } },
  { name: 'one channel, many rows of far taps', x: [1, 24, 9, 1], kernel: [7, 2, 4], conv: { dilations: [1, 3] } },
  { name: 'a batch of one', x: [1, 6, 6, 2], kernel: [3, 3, 3], activation: 'relu' },
  { name: 'many channels', x: [2, 6, 6, 9], kernel: [3, 3, 17], activation: 'relu' },
  { name: 'a line', x: [3, 11, 2], kernel: [3, 4], activation: 'relu' },
  { name: 'a line, overlapping and padded', x: [2, 12, 3], kernel: [4, 5], activation: 'tanh', conv: { padding: 'same' }, pool: { size: 3, strides: 2, padding: 'same' }, then: 'conv' }, // prettier-ignore
  { name: 'space', x: [1, 5, 4, 6, 2], kernel: [2, 2, 3, 3], activation: 'relu' },
  { name: 'space, overlapping', x: [2, 4, 4, 4, 2], kernel: [2, 1, 2, 3], pool: { size: 2, strides: 1 }, then: 'conv' },
  { name: 'two readers of what is pooled', ...plane, activation: 'relu', readers: 'pooled' },
  { name: 'two readers of what is not', ...plane, activation: 'relu', readers: 'unpooled', forms: [] },
  { name: 'a pool of a pool', ...plane, activation: 'relu', then: 'pool' },
  { name: 'groups', x: [2, 6, 6, 4], kernel: [3, 3, 6], activation: 'relu', conv: { groups: 2 }, forms: [] },
  { name: 'channels first', ...plane, activation: 'relu', conv: { dataFormat: 'channelsFirst' }, forms: [] },
  { name: 'second order', x: [2, 5, 6, 2], kernel: [2, 3, 3], second: true },
  { name: 'second order behind tanh', x: [1, 5, 6, 2], kernel: [2, 3, 3], activation: 'tanh', second: true },
  { name: 'second order, overlapping', x: [1, 7, 6, 2], kernel: [2, 2, 3], activation: 'relu', pool: { size: 3, strides: 2, padding: 'same' }, second: true }, // prettier-ignore
]
