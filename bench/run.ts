import { createRequire } from 'node:module'
import { type Contender, fromScratch, race, type Row } from './measure'
import { HELP, type Options, type Peer, readOptions, UsageError } from './options'
import { jsonText, machineText, tableText } from './table'
import { type Task, WORKLOADS } from './workloads'

const PACKAGES: Readonly<Record<Peer, string>> = { 'tfjs-cpu': '@tensorflow/tfjs' }

function contendersOf({ targets, peers }: Options): Contender[] {
  const { resolve } = createRequire(import.meta.url)
  const present = peers.filter((peer) => {
    try {
      resolve(PACKAGES[peer])
      return true
    } catch {
      console.error(`bench: ${peer} is skipped: ${PACKAGES[peer]} is not installed; npm --prefix bench install`)
      return false
    }
  })
  return [
    ...targets.map((target) => ({ system: 'gradloom', target, threads: 1 }) as const),
    ...present.map((system) => ({ system, target: 'js', threads: 1 }) as const),
  ]
}

async function main(options: Options): Promise<boolean> {
  const contenders = contendersOf(options)
  const all: Row[] = []
  let good = true
  const failed = (task: Task, { system, target }: Contender, error: unknown): void => {
    good = false
    const message = error instanceof Error ? error.message : String(error)
    const hint = /'gradloom'/.test(message) ? '; the bench measures the built package: npm run build' : ''
    console.error(`bench: ${task.workload} ${task.phase} ${task.size}, ${system} ${target}: ${message}${hint}`)
  }
  for (const task of options.only.flatMap((workload) => WORKLOADS[workload]())) {
    if (process.stderr.isTTY) console.error(`bench: ${task.workload} ${task.phase} ${task.size}`)
    let rows: Row[] = []
    if (task.phase === 'compile') {
      for (const contender of contenders) {
        try {
          const row = await fromScratch(task, contender, options.windows)
          if (row) rows.push(row)
        } catch (error) {
          failed(task, contender, error)
        }
      }
    } else {
      rows = await race(task, contenders, options, (contender, error) => failed(task, contender, error))
    }
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
