/**
 * Forecasts the highest temperature of tomorrow from two weeks of weather: a GRU over a window of days, against the forecast
 * that tomorrow is like today.
 *
 *   npx tsx examples/forecast.ts            a few seconds
 *   npx tsx examples/forecast.ts --short    fewer epochs, to see that everything works
 */
import {
  adam,
  add,
  compile,
  entry,
  glorotUniform,
  gru,
  matmul,
  mean,
  named,
  orthogonal,
  reshape,
  slice,
  square,
  sub,
  tensor,
  type Tensor,
  variable,
  zeros,
} from 'gradloom'
import { readOptions, runAsProgram } from './lib/command'
import { type Forecast, loadForecast, QUANTITIES, takeWindows } from './lib/series'
import { generator, shuffled } from './lib/shuffle'

const DAYS = 14
const BATCH = 32
const UNITS = 24
const WIDTH = QUANTITIES.length
const LEARNING_RATE = 0.003

export const program = (seed: number) => {
  // Of three gates; one bias for what comes in and one for the state.
  const kernel = variable('gru/kernel', [WIDTH, 3 * UNITS], glorotUniform())
  const recurrentKernel = variable('gru/recurrentKernel', [UNITS, 3 * UNITS], orthogonal())
  const bias = variable('gru/bias', [2, 3 * UNITS], zeros())
  const W = variable('W', [UNITS, 1], zeros())
  const b = variable('b', [1], zeros())
  const weights = { kernel, recurrentKernel, bias }

  /** The last day's temperature and a change to it: with weights of zero that is the forecast to beat. */
  const forecast = (x: Tensor<[number, number, typeof WIDTH]>) => {
    const today = slice(x, [{}, { start: -1 }, { end: 1 }])
    const change = add(matmul(gru(x, weights).last, W), b)
    return named('forecast', add(reshape(today, [x.shape[0], 1]), change))
  }
  return compile(
    {
      train: entry({ x: tensor(['B', DAYS, WIDTH]), y: tensor(['B', 1]) }, ({ x, y }) => {
        const loss = mean(square(sub(forecast(x), y)))
        const updates = adam(loss, [kernel, recurrentKernel, bias, W, b], { learningRate: LEARNING_RATE })
        return { outputs: { loss }, updates }
      }),
      predict: entry({ x: tensor(['B', DAYS, WIDTH]) }, ({ x }) => ({ outputs: { y: forecast(x) } })),
    },
    { seed },
  )
}

export interface Options {
  readonly epochs: number
  readonly print: (line: string) => void
}

/** Root mean squared errors on the days of the held-out year, in °C. */
export interface Result {
  readonly error: number
  /** Of the forecast that tomorrow is like today. */
  readonly errorOfToday: number
}

export function run({ epochs, print }: Options): Result {
  const data = loadForecast(DAYS)
  const { standardised, train } = data
  const net = program(1)
  const random = generator(1)
  const steps = Math.floor(train.length / BATCH)
  const batch = takeWindows(standardised, train.subarray(0, BATCH), DAYS)
  const held = takeWindows(standardised, data.heldOut, DAYS)
  const errorOfToday = errorOf(data, (window) => held.x[((window + 1) * DAYS - 1) * WIDTH]!)
  print(`${train.length} days to learn from, ${data.heldOut.length} held out`)
  print(`tomorrow is like today: wrong by ${errorOfToday.toFixed(3)} °C (root mean square)`)
  const report = Math.ceil(epochs / 10)
  let error = NaN
  for (let epoch = 0; epoch < epochs; epoch++) {
    net.state.set('learningRate', LEARNING_RATE * (1 - epoch / epochs))
    const order = shuffled(train.length, random).map((i) => train[i]!)
    let loss = 0
    for (let step = 0; step < steps; step++)
      loss +=
        net.train(takeWindows(standardised, order.subarray(step * BATCH, (step + 1) * BATCH), DAYS, batch)).loss / steps
    if ((epoch + 1) % report > 0 && epoch + 1 < epochs) continue
    const { y } = net.predict({ x: held.x })
    error = errorOf(data, (window) => y[window]!)
    print(`epoch ${epoch + 1}/${epochs}  loss ${loss.toFixed(4)}  wrong by ${error.toFixed(3)} °C`)
  }
  net.dispose()
  return { error, errorOfToday }
}

/** Root mean square over the held-out days of what a forecast of standardised values is wrong by, in °C. */
function errorOf({ scaling, standardised, heldOut }: Forecast, forecast: (window: number) => number): number {
  const { y } = takeWindows(standardised, heldOut, DAYS)
  const squares = y.reduce((sum, value, window) => sum + (forecast(window) - value) ** 2, 0)
  return Math.sqrt(squares / y.length) * scaling.deviation[0]!
}

runAsProgram(import.meta.url, (args) => {
  const { short } = readOptions(args, { short: { type: 'boolean', default: false } })
  const { error, errorOfToday } = run({ epochs: short ? 4 : 20, print: console.log })
  console.log(`${(100 * (1 - error / errorOfToday)).toFixed(1)} % less wrong than that tomorrow is like today`)
  if (!(error < errorOfToday)) throw new Error('the forecast is no better than that tomorrow is like today')
})
