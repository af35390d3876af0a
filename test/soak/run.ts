// Trains W1 and W2 for very long: what is held stays flat, and a second run has the losses of the first, bit for bit.
//   run.ts [--target auto|js|wasm] [--threads auto|N] [--w1 STEPS] [--w2 STEPS]
// Ends with 1 if either fails.
import { parseArgs } from 'node:util'
import { compile, type CompileOptions } from 'gradloom'
import type { Classifier } from '../../bench/workloads'
import { held, total } from '../cases/memory'
import { mlp } from '../mlp'

/** Bytes by which what is held later may differ from what is held after the first part. */
const FLAT = 1e6
/** Parts of a run, with a sample after each. */
const PARTS = 10

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'auto' },
    threads: { type: 'string', default: 'auto' },
    w1: { type: 'string', default: '200000' },
    w2: { type: 'string', default: '2000' },
  },
})
const options: CompileOptions = {
  target: values.target as NonNullable<CompileOptions['target']>,
  threads: values.threads === 'auto' ? 'auto' : Number(values.threads),
}

interface Run {
  readonly losses: Float64Array
  /** Bytes held after each part. */
  readonly samples: readonly number[]
  /** Steps a second. */
  readonly rate: number
}

async function train(workload: Classifier, steps: number): Promise<Run> {
  const { train, feeds } = mlp(workload)
  const net = compile(train, options)
  await net.ready
  const losses = new Float64Array(steps)
  const samples: number[] = []
  let milliseconds = 0
  for (let part = 0; part < PARTS; part++) {
    const started = performance.now()
    const end = Math.round((steps * (part + 1)) / PARTS)
    for (let i = Math.round((steps * part) / PARTS); i < end; i++) losses[i] = net(feeds).loss
    milliseconds += performance.now() - started
    samples.push(total(await held()))
  }
  net.dispose()
  return { losses, samples, rate: (steps / milliseconds) * 1000 }
}

/** One line of figures, and whether all is well. */
async function soak(workload: Classifier, steps: number): Promise<boolean> {
  const [first, second] = [await train(workload, steps), await train(workload, steps)]
  const drifts = [first, second].map(({ samples }) => Math.max(...samples.map((s) => Math.abs(s - samples[0]!))))
  const differs = first.losses.findIndex((loss, i) => !Object.is(loss, second.losses[i]))
  const faults = [
    ...(drifts.every((drift) => drift < FLAT) ? [] : ['memory is not flat']),
    ...(differs < 0 ? [] : [`the runs differ from step ${differs}`]),
    ...(first.losses.at(-1)! < first.losses[0]! ? [] : ['the loss does not fall']),
  ]
  const kilobytes = drifts.map((drift) => (drift / 1000).toFixed(0)).join(' and ')
  console.log(
    `${workload}: ${steps} steps twice at ${first.rate.toFixed(0)} and ${second.rate.toFixed(0)} steps/s, ` +
      `loss ${first.losses[0]!.toPrecision(6)} to ${first.losses.at(-1)!.toPrecision(6)}, ` +
      `${(first.samples[0]! / 1e6).toFixed(1)} MB held, within ${kilobytes} kB: ${faults.join(', ') || 'flat, the same losses'}`,
  )
  return faults.length === 0
}

const well = [await soak('W1', Number(values.w1)), await soak('W2', Number(values.w2))]
if (well.includes(false)) process.exitCode = 1
