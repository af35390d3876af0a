import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { source } from 'gradloom/inspect'
import { readOptions, UsageError } from './command'
import { type Digits, emptyDigits, loadDigits, take } from './digits'
import { progressBar } from './progress'
import { generator, shuffled } from './shuffle'

const BATCH = 32
export const TARGET = 'WebAssembly' in globalThis ? 'wasm' : 'js'

interface Batch {
  readonly x: Float32Array
  readonly y: Int32Array
}
/** A program that learns to read digits. */
export interface DigitNet {
  train(feeds: Batch): { readonly loss: number }
  evaluate(feeds: Batch): { readonly correct: number }
  readonly state: { set(name: 'learningRate', value: number): void }
  dispose(): void
}

/** How a network is trained. */
export interface Recipe<N extends DigitNet> {
  readonly program: (seed: number) => N
  /** Of the first epoch; it falls to nothing by the last one. */
  readonly learningRate: number
  /** Changes a batch before it is learnt. */
  readonly prepare?: (batch: Digits, random: () => number) => void
}

export interface Options {
  readonly seeds: readonly number[]
  readonly epochs: number
  /** Batches an epoch, at most. */
  readonly batches?: number
  /** The folder for the generated code and the result. */
  readonly out: string
  readonly print: (line: string) => void
}

/** What is written to result.json. */
export interface Result {
  /** Share of the held-out digits that are read correctly, the mean over the seeds. */
  readonly accuracy: number
  readonly heldOut: number
  readonly seeds: readonly number[]
  /** The longest training, compiling and evaluating included. */
  readonly trainSeconds: number
  readonly stepsPerSecond: number
  /** What the program was compiled to. */
  readonly target: 'js' | 'wasm'
}

/** Trains once for each seed; gives what came out, with the last network and the digits that none has learnt from. */
export function trainDigits<N extends DigitNet>(
  recipe: Recipe<N>,
  options: Options,
): { readonly result: Result; readonly net: N; readonly heldOut: Digits } {
  const { seeds, print } = options
  const { train: digits, heldOut } = loadDigits()
  print(`${digits.labels.length} digits to train, ${heldOut.labels.length} held out`)
  const trainings = seeds.map((seed, i) => {
    print(`\nseed ${seed}`)
    const training = train(recipe, digits, heldOut, seed, options)
    print(`accuracy ${training.accuracy.toFixed(4)} after ${training.seconds.toFixed(1)} s`)
    if (i < seeds.length - 1) training.net.dispose()
    return training
  })
  return { result: resultOf(seeds, heldOut, trainings), net: trainings.at(-1)!.net, heldOut }
}

/** One training of a network. */
interface Training {
  readonly accuracy: number
  readonly seconds: number
  readonly stepsPerSecond: number
}

/** What came out of one training for each seed. */
export function resultOf(seeds: readonly number[], heldOut: Digits, trainings: readonly Training[]): Result {
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length
  return {
    accuracy: average(trainings.map((t) => t.accuracy)),
    heldOut: heldOut.labels.length,
    seeds,
    trainSeconds: Math.max(...trainings.map((t) => t.seconds)),
    stepsPerSecond: average(trainings.map((t) => t.stepsPerSecond)),
    target: TARGET,
  }
}

/** Trains one network and tests it on the held-out digits after each epoch. */
function train<N extends DigitNet>(
  { program, learningRate, prepare }: Recipe<N>,
  digits: Digits,
  heldOut: Digits,
  seed: number,
  { epochs, batches = Infinity, print }: Options,
) {
  const started = performance.now()
  const net = program(seed)
  const random = generator(seed)
  const steps = Math.min(batches, Math.floor(digits.labels.length / BATCH))
  const batch = emptyDigits(BATCH)
  let stepMilliseconds = 0
  let accuracy = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    // Large steps first, small ones at the end. The rate is state: setting it compiles nothing anew.
    net.state.set('learningRate', learningRate * (1 - epoch / epochs))
    const order = shuffled(digits.labels.length, random)
    const bar = progressBar(steps)
    const epochStarted = performance.now()
    let total = 0
    for (let step = 0; step < steps; step++) {
      const { images, labels } = take(digits, order.subarray(step * BATCH, (step + 1) * BATCH), batch)
      prepare?.(batch, random)
      total += net.train({ x: images, y: labels }).loss
      bar.show(step + 1, `epoch ${epoch + 1}/${epochs}  loss ${(total / (step + 1)).toFixed(4)}`)
    }
    bar.clear()
    const milliseconds = performance.now() - epochStarted
    stepMilliseconds += milliseconds
    accuracy = net.evaluate({ x: heldOut.images, y: heldOut.labels }).correct / heldOut.labels.length
    const speed = Math.round((1000 * steps) / milliseconds)
    const loss = (total / steps).toFixed(4)
    print(`epoch ${epoch + 1}/${epochs}  loss ${loss}  accuracy ${accuracy.toFixed(4)}  ${speed} steps/s`)
  }
  const seconds = (performance.now() - started) / 1000
  return { net, accuracy, seconds, stepsPerSecond: (1000 * epochs * steps) / stepMilliseconds }
}

/** The training step as a person would write it and as it runs, and the numbers of this run. */
export function writeResults(step: Parameters<typeof source>[0], result: Result, out: string): void {
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'train.plain.js'), source(step, { schedule: 'plain' }))
  writeFileSync(join(out, 'train.fast.js'), source(step, { schedule: 'fast' }))
  writeFileSync(join(out, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
}

/** The arguments of the command line; a UsageError says what is wrong with them. */
export function parseSeeds(args: readonly string[]): { readonly seeds: readonly number[]; readonly isShort: boolean } {
  const { seeds, short } = readOptions(args, {
    seeds: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
  })
  const numbers = seeds.split(',').map(Number)
  if (!/^\d+(,\d+)*$/.test(seeds) || !numbers.every(Number.isSafeInteger))
    throw new UsageError(`--seeds takes whole numbers with commas between, such as 1,2,3; it is "${seeds}"`)
  return { seeds: numbers, isShort: short }
}
