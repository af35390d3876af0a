/**
 * Why gradients: three ways to find better weights for the same small model, and what each of them costs.
 *
 *   npx tsx examples/why-gradients.ts
 *   npx tsx examples/why-gradients.ts --short      fewer weights and steps, to see that everything works
 */
import { compile, constant, entry, grad, matmul, mean, sparseSoftmaxCrossEntropy, tensor, type Tensor } from 'gradloom'
import { readOptions, runAsProgram } from './lib/command'
import { type Digits, loadDigits, PIXELS } from './lib/digits'
import { generator, shuffled } from './lib/shuffle'

const COUNT = 200
/** The digits at half their size, 14 x 14 pixels: way (a) takes long enough with these. */
const INPUTS = 196
const WEIGHTS = INPUTS * 10

const STEP = 0.1
const RATE = 1
const MEASURED_AT = 1e-5

/**
 * The loss of a model without hidden layers, as a function of its weights alone: the digits are constants. In float64,
 * so that the difference of two almost equal losses still means something.
 */
export function program(digits: Digits) {
  const x = constant(halved(digits), { shape: [COUNT, INPUTS], dtype: 'float64' })
  const y = constant([...digits.labels.subarray(0, COUNT)], { shape: [COUNT], dtype: 'int32' })
  const lossOf = (W: Tensor<[typeof INPUTS, 10], 'float64'>) => mean(sparseSoftmaxCrossEntropy(matmul(x, W), y))
  const weights = tensor([INPUTS, 10], 'float64')
  return compile({
    loss: entry({ W: weights }, ({ W }) => ({ outputs: { loss: lossOf(W) } })),
    gradient: entry({ W: weights }, ({ W }) => {
      const loss = lossOf(W)
      const [d_W] = grad(loss, [W])
      return { outputs: { loss, d_W } }
    }),
  })
}
type Net = ReturnType<typeof program>

/** What one of the three ways reached, and its cost. */
export interface Way {
  readonly name: string
  readonly loss: number
  readonly evaluations: number
  readonly milliseconds: number
}

/** A move of one weight by e: what the loss becomes, and what the derivative says that it becomes. */
export interface Approximation {
  readonly e: number
  readonly moved: number
  readonly predicted: number
}

/** (a) Moves one weight after the other, a step up or else a step down, and keeps what lowers the loss. */
export function oneAtATime(net: Net, positions: Int32Array): Way {
  const started = performance.now()
  const W = new Float64Array(WEIGHTS)
  let best = net.loss({ W }).loss
  let evaluations = 1
  for (const i of positions) {
    const before = W[i]!
    for (const step of [STEP, -STEP]) {
      W[i] = before + step
      const { loss } = net.loss({ W })
      evaluations++
      if (loss < best) {
        best = loss
        break
      }
      W[i] = before
    }
  }
  return { name: '(a) one weight at a time', loss: best, evaluations, milliseconds: performance.now() - started }
}

/** The derivative by one weight: f(x + e) beside f(x) + a e, for smaller and smaller e. */
export function approximations(net: Net): { readonly a: number; readonly rows: readonly Approximation[] } {
  const W = new Float64Array(WEIGHTS)
  const { loss, d_W } = net.gradient({ W })
  const steepest = d_W.reduce((best, slope, i) => (Math.abs(slope) > Math.abs(d_W[best]!) ? i : best), 0)
  const a = d_W[steepest]!
  const rows = [1, 0.1, 0.01, 0.001].map((e) => {
    W[steepest] = e
    return { e, moved: net.loss({ W }).loss, predicted: loss + a * e }
  })
  return { a, rows }
}

/** (b) Measures the slope of each weight by moving it a little, then moves all weights downhill at once. */
export function measuredSlopes(net: Net, steps: number): Way {
  const started = performance.now()
  const W = new Float64Array(WEIGHTS)
  let evaluations = 0
  for (let step = 0; step < steps; step++) {
    const { loss } = net.loss({ W })
    const slopes = W.map((before, i) => {
      W[i] = before + MEASURED_AT
      const moved = net.loss({ W }).loss
      W[i] = before
      return (moved - loss) / MEASURED_AT
    })
    evaluations += 1 + WEIGHTS
    slopes.forEach((slope, i) => (W[i]! -= RATE * slope))
  }
  const milliseconds = performance.now() - started
  return { name: '(b) measured slopes', loss: net.loss({ W }).loss, evaluations, milliseconds }
}

/** (c) Takes all slopes from one evaluation of the loss and its gradient, then moves as (b) does. */
export function gradientSteps(net: Net, steps: number): Way {
  const started = performance.now()
  const W = new Float64Array(WEIGHTS)
  for (let step = 0; step < steps; step++) {
    const { d_W } = net.gradient({ W })
    d_W.forEach((slope, i) => (W[i]! -= RATE * slope))
  }
  const milliseconds = performance.now() - started
  return { name: '(c) gradient', loss: net.loss({ W }).loss, evaluations: steps, milliseconds }
}

export interface Options {
  readonly short: boolean
  readonly print: (line: string) => void
}

/** Tells the story, and returns its numbers. */
export function tell({ short, print }: Options) {
  const net = program(loadDigits().train)
  const start = net.loss({ W: new Float64Array(WEIGHTS) }).loss
  print(`A model with ${WEIGHTS} weights reads ${COUNT} digits. With all weights 0 its loss is ${start.toFixed(4)}.\n`)

  print(`(a) Move one weight by ${STEP}, up or else down, and keep the move if the loss is lower. Then the next one.`)
  const random = shuffled(WEIGHTS, generator(1))
  const tried = oneAtATime(net, short ? random.subarray(0, 100) : random)
  print(`    ${describe(tried)}\n`)

  print('(b) Near a point a smooth function is almost a line: f(x + e) is close to f(x) + a e, with the derivative a.')
  const { a, rows } = approximations(net)
  print(`    For the weight of the steepest slope, a = ${a.toFixed(6)}:\n`)
  print('          e      f(x + e)    f(x) + a e    difference')
  for (const { e, moved, predicted } of rows) {
    const difference = (moved - predicted).toExponential(2).padStart(12)
    print(`    ${String(e).padStart(7)}  ${moved.toFixed(9)}  ${predicted.toFixed(9)}  ${difference}`)
  }
  print(
    '\n    A tenth of e leaves a hundredth of the difference: it shrinks as e². So a tells which way to move a weight,',
  )
  print('    and how much that pays. Measure it for every weight by one small move, then move all weights at once:')
  const measured = measuredSlopes(net, short ? 1 : 2)
  print(`    ${describe(measured)}\n`)

  print('(c) The derivatives by all weights together are the gradient. grad builds it as a graph like any other,')
  print('    and one evaluation gives all slopes at once:')
  const same = gradientSteps(net, short ? 1 : 2)
  print(`    ${describe(same)}, the same way down as (b)`)
  const further = gradientSteps(net, short ? 20 : 100)
  print(`    ${describe(further)}\n`)

  const ways = [tried, measured, same, further]
  print(`${'way'.padEnd(26)}${'evaluations'.padStart(12)}${'ms'.padStart(10)}${'loss'.padStart(10)}`)
  for (const { name, evaluations, milliseconds, loss } of ways) {
    const numbers = [`${evaluations}`.padStart(12), milliseconds.toFixed(1).padStart(10), loss.toFixed(4).padStart(10)]
    print(`${name.padEnd(26)}${numbers.join('')}`)
  }
  return { start, a, rows, tried, measured, same, further }
}

const describe = ({ loss, evaluations, milliseconds }: Way): string =>
  `${evaluations} evaluation${evaluations === 1 ? '' : 's'} in ${milliseconds.toFixed(0)} ms: loss ${loss.toFixed(4)}`

/** The first digits with each square of 2 x 2 pixels averaged into one. */
function halved({ images }: Digits): number[] {
  return Array.from({ length: COUNT * INPUTS }, (_, k) => {
    const [image, row, column] = [Math.floor(k / INPUTS), Math.floor((k % INPUTS) / 14), k % 14]
    const corner = image * PIXELS + row * 56 + column * 2
    return (images[corner]! + images[corner + 1]! + images[corner + 28]! + images[corner + 29]!) / 4
  })
}

runAsProgram(import.meta.url, (args) => {
  const { short } = readOptions(args, { short: { type: 'boolean', default: false } })
  tell({ short, print: console.log })
})
