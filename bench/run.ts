import { contendersOf } from './contenders'
import { fromScratch, race, type Row } from './measure'
import { HELP, type Options, readOptions, UsageError } from './options'
import { type Contender, nameOf, takesPart } from './systems/contender'
import { jsonText, machineText, tableText } from './table'
import { type Task, WORKLOADS } from './workloads'

async function main(options: Options): Promise<boolean> {
  const contenders = contendersOf(options.targets, options.peers)
  const all: Row[] = []
  let good = true
  const failed = (task: Task, contender: Contender, error: unknown): void => {
    good = false
    const message = error instanceof Error ? error.message : String(error)
    const hint = /'gradloom'/.test(message) ? '; the bench measures the built package: npm run build' : ''
    console.error(`bench: ${task.workload} ${task.phase} ${task.size}, ${nameOf(contender)}: ${message}${hint}`)
  }
  for (const task of options.only.flatMap((workload) => WORKLOADS[workload]())) {
    if (process.stderr.isTTY) console.error(`bench: ${task.workload} ${task.phase} ${task.size}`)
    const measure = task.processes === undefined ? race : fromScratch
    const entrants = contenders.filter((contender) => takesPart(contender, task))
    const rows = await measure(task, entrants, options, (contender, error) => failed(task, contender, error))
    if (options.json) for (const row of rows) console.log(jsonText(row))
    all.push(...rows)
  }
  if (!options.json) console.log(`${machineText()}\n\n${tableText(all)}`)
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
