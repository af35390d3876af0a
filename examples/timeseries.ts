/**
 * Forecasts the warmest and the coldest temperature of tomorrow in Seattle from two weeks of weather: a time series [samples,
 * timesteps, features] cut into windows by `dataset.timeSeries`, and an LSTM. The forecast to beat: tomorrow is like today.
 *
 *   npx tsx examples/timeseries.ts            some seconds
 *   npx tsx examples/timeseries.ts --short    fewer epochs, to see that everything works
 */
import { dataset, slice } from 'gradloom'
import { input, layers, model, optimizers } from 'gradloom/nn'
import { isShort, runAsProgram } from './lib/command'
import { FIRST_HELD_OUT, loadSeries, QUANTITIES } from './lib/series'

const DAYS = 14
const WIDTH = QUANTITIES.length
/** Of the quantities, the first two are temperatures. */
const TEMPERATURES = 2

export interface Options {
  readonly epochs: number
  /** Of `fit`: 2 prints a line for each epoch. */
  readonly verbose?: 0 | 2
}

/** Root mean squared errors over both temperatures and the days of the held-out year, in °C. */
export interface Result {
  readonly error: number
  /** Of the forecast that tomorrow is like today. */
  readonly errorOfToday: number
}

export async function run({ epochs, verbose = 0 }: Options): Promise<Result> {
  const { dates, values } = loadSeries(undefined, 'Seattle')
  const days = dates.map((_, day) => [...values.subarray(day * WIDTH, (day + 1) * WIDTH)])
  const split = dates.indexOf(FIRST_HELD_OUT)

  // A window goes with the target of the day that it begins at: that of the first day behind it.
  const next = days.slice(DAYS).map((day) => day.slice(0, TEMPERATURES))
  const windows = { sequenceLength: DAYS, batchSize: 32 }
  const train = dataset.timeSeries(days, next, { ...windows, endIndex: split - 1, shuffle: true, seed: 1 })
  const heldOut = dataset.timeSeries(days, next, { ...windows, startIndex: split - DAYS })

  const scale = layers.normalization()
  scale.adapt(days.slice(0, split)) // by the days to learn from alone: what is held out must not leak into what is learnt
  const x = input({ shape: [DAYS, WIDTH] })
  const state = layers.lstm({ units: 24, dropout: 0.1 })(scale(x))
  // Today and a change to it, which is 0 at first: that is the forecast to beat.
  const change = layers.dense({ units: TEMPERATURES, kernelInitializer: 'zeros' })(state)
  const today = layers.lambda({ function: (all) => slice(all, [{}, { start: -1 }, { end: TEMPERATURES }]) })(x)
  const net = model({ inputs: x, outputs: layers.add()([layers.flatten()(today), change]), seed: 1 })

  net.compile({
    optimizer: optimizers.adam({ learningRate: 0.003 }),
    loss: 'mse',
    metrics: ['root_mean_squared_error'],
  })
  // Before it has learnt anything the forecast is that of today.
  const before = await net.evaluate(heldOut)
  await net.fit(train, { epochs, validationData: heldOut, verbose })
  const after = await net.evaluate(heldOut)
  net.dispose()
  return { error: after.root_mean_squared_error!, errorOfToday: before.root_mean_squared_error! }
}

runAsProgram(import.meta.url, async (args) => {
  const { error, errorOfToday } = await run({ epochs: isShort(args) ? 5 : 20, verbose: 2 })
  console.log(
    `wrong by ${error.toFixed(2)} °C (root mean square); that tomorrow is like today by ${errorOfToday.toFixed(2)} °C`,
  )
  if (!(error < errorOfToday)) throw new Error('the forecast is no better than that tomorrow is like today')
})
