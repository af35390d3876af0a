import { contendersOf } from './contenders'
import { type EmitRow, emitRows } from './emitted'
import { fitRow, fitText } from './fit'
import { inLayouts, withBetter } from './layouts'
import { fromScratch, type Gap, race, type Row } from './measure'
import { mobileNetRow, mobileNetText } from './mobilenet'
import { HELP, type Options, readOptions, UsageError } from './options'
import { type Contender, lackOf, nameOf, takesPart } from './systems/contender'
import { emitText, jsonText, machineText, ratiosText, tableText } from './table'
import { type Task, WORKLOADS } from './workloads'

async function main(options: Options): Promise<boolean> {
  const contenders = contendersOf(options.targets, options.peers)
  const all: (Row | Gap)[] = []
  let good = true
  const failed = (task: Task, contender: Contender, error: unknown): Gap[] => {
    const message = error instanceof Error ? error.message : String(error)
    const { workload, phase, size } = task
    const lacks = lackOf(contender, task, message)
    if (lacks !== undefined) return [{ workload, phase, size, ...contender, lacks }]
    good = false
    const hint = /'gradloom'/.test(message) ? '; the bench measures the built package: npm run build' : ''
    console.error(`bench: ${workload} ${phase} ${size}, ${nameOf(contender)}: ${message}${hint}`)
    return []
  }
  for (const task of options.only.flatMap((workload) => WORKLOADS[workload]())) {
    if (process.stderr.isTTY) console.error(`bench: ${task.workload} ${task.phase} ${task.size}`)
    const measure = task.processes === undefined ? race : fromScratch
    const entrants = contenders.flatMap((contender) => (takesPart(contender, task) ? inLayouts(contender, task) : []))
    const gaps: Gap[] = []
    const rows = await measure(task, entrants, options, (contender, error) =>
      gaps.push(...failed(task, contender, error)),
    )
    const lines = [...withBetter(rows), ...gaps]
    if (options.json) for (const line of lines) console.log(jsonText(line))
    all.push(...lines)
  }
  // On one thread: what wasm2 would say of threads is not what these ask.
  const targets = options.targets.filter((t) => t === 'js' || t === 'wasm')
  for (const target of options.fit ? targets : []) {
    const row = await fitRow(target, options.windows)
    good &&= row.same
    console.log(options.json ? jsonText(row) : fitText(row))
  }
  // Beside the one peer that has the same kernels: where that is not asked for there is nothing to say.
  for (const target of options.mobilenet && options.peers.includes('tfjs-wasm') ? targets : []) {
    const row = await mobileNetRow(target, options.windows)
    good &&= row.same
    console.log(options.json ? jsonText(row) : mobileNetText(row))
  }
  const emitted: EmitRow[] = []
  for (const format of options.emit ? targets : []) emitted.push(...(await emitRows(format, options.windows)))
  if (options.json) for (const row of emitted) console.log(jsonText(row))
  if (!options.json && all.length + emitted.length > 0) {
    const parts = [machineText(), ...(all.length > 0 ? [tableText(all), ratiosText(all)] : []), emitText(emitted)]
    console.log(parts.filter((part) => part !== '').join('\n\n'))
  }
  return good
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) console.log(HELP)
  else process.exitCode = (await main(options)) ? 0 : 1
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`bench: ${error.message}`)
  process.exitCode = 2
}
