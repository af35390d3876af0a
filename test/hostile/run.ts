// Changes files of each reader at random and reads them: no error but those that the reader names, none slower than a second, none
// that takes more than 256 MB, nothing accepted that is wrong.
//   run.ts [--files 10000] [--reader name] [--seed 1] [--from 0]
// Ends with 1 if anything is found; such files are kept, and their number with the seed makes them again.
import { fork } from 'node:child_process'
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { type Fate, FATES, FAULTS, fileFor, MOST_MILLISECONDS, sampleFaults } from './check'
import type { Reader } from './reader'
import { processorTime } from './processor-time'
import * as readers from './readers/index'
import { Tally } from './tally'
import type { Fault, Job } from './child'

/** How long a processor may work on one file before its process is ended, and how long the process may wait for something. */
const DEADLINE = 10 * MOST_MILLISECONDS
const LONGEST_WAIT = 10 * DEADLINE
/** Faults of one reader that are kept, and lines of each that are shown. */
const [KEPT, LINES] = [20, 6]
const HEAP_MEGABYTES = 256

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    reader: { type: 'string' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
})
const [files, seed, from] = [Number(values.files), Number(values.seed), Number(values.from)]
const wanted = Object.values(readers as Record<string, Reader>).filter(
  ({ name }) => values.reader === undefined || name === values.reader,
)
if (wanted.length === 0 || ![files, seed, from].every(Number.isSafeInteger)) {
  console.error(`readers: ${Object.values(readers).map(({ name }) => name)}`)
  process.exit(2)
}

let folder: string | undefined
function keep(reader: Reader, { index, fate, message }: Fault): void {
  folder ??= mkdtempSync(join(tmpdir(), 'gradloom-files-'))
  const path = join(folder, `${reader.name}-${seed}-${index}.bin`)
  writeFileSync(path, fileFor(reader, seed, index))
  const again = `--reader ${reader.name} --seed ${seed} --from ${index} --files 1`
  console.log(`${fate}: ${path}\n  again by: npm run fuzz:files -- ${again}`)
  for (const line of message.split('\n').slice(0, LINES)) console.log(`  ${line}`)
}

const place = join(mkdtempSync(join(tmpdir(), 'gradloom-tally-')), 'tally')
const descriptor = openSync(place, 'w+')

/** Reads files in a process until all are read or one does not come back; gives the number of the next. */
function readSome(reader: Reader, begin: number, end: number, tally: Tally): Promise<number> {
  const load = (): Tally => (readSync(descriptor, tally.numbers, 0, tally.numbers.byteLength, 0), tally)
  const store = (): number => writeSync(descriptor, tally.numbers, 0, tally.numbers.byteLength, 0)
  const before = begin - 1
  tally.index = before
  store()
  const job: Job = { reader: reader.name, seed, begin, end }
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [JSON.stringify(job)], {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${HEAP_MEGABYTES}`],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc', descriptor],
  })
  // Of a machine that is busy otherwise the clock says little.
  const worked = (): number => processorTime(child.pid!) ?? performance.now()
  let [seen, since, used, errors] = [before, performance.now(), worked(), '']
  child.stderr!.on('data', (text) => (errors = (errors + String(text)).slice(-4000)))
  child.on('message', (fault: Fault) => {
    if (load().faults < KEPT) keep(reader, fault)
  })
  let stuck = false
  const watch = setInterval(() => {
    const { index } = load()
    if (index !== seen) [seen, since, used] = [index, performance.now(), worked()]
    // Before the first file there is only the start of a process.
    else if (index > before && (worked() - used > DEADLINE || performance.now() - since > LONGEST_WAIT))
      stuck = child.kill('SIGKILL')
  }, 200)
  return new Promise((resolve, reject) => {
    child.on('close', () => {
      clearInterval(watch)
      const { index } = load()
      if (index === end) return resolve(end)
      if (index === before) return reject(new Error(`no file was read: ${errors}`))
      const settled = stuck || errors !== ''
      const fate: Fate = /out of memory/.test(errors) ? 'memory' : settled && !stuck ? 'crash' : 'hang'
      const message = stuck
        ? `no end after ${Math.round(performance.now() - since)} ms`
        : settled
          ? errors
          : 'its promise is never settled'
      tally.count({ fate, milliseconds: fate === 'hang' ? performance.now() - since : 0, bytes: 0 })
      keep(reader, { index, fate, message })
      resolve(index + 1)
    })
  })
}

const rows: string[][] = [['reader', 'files', 'read', 'refused', ...FAULTS, 'slowest ms', 'largest MiB', 'seconds']]
const summary: Record<string, object> = {}
for (const reader of wanted) {
  // A reader that refuses everything has no faults.
  for (const fault of await sampleFaults(reader)) {
    console.log(`${reader.name}: ${fault}`)
    process.exitCode = 1
  }
  const started = performance.now()
  const tally = new Tally()
  for (let at = from; at < from + files;) at = await readSome(reader, at, from + files, tally)
  const { slowest, largest } = tally
  const seconds = Math.round((performance.now() - started) / 1000)
  const counts = (['read', 'refused', ...FAULTS] as const).map((fate) => tally.of(fate))
  rows.push([reader.name, ...[files, ...counts, slowest, largest, seconds].map(String)])
  summary[reader.name] = { ...Object.fromEntries(FATES.map((fate) => [fate, tally.of(fate)])), slowest, largest }
  if (tally.faults > 0) process.exitCode = 1
}
for (const row of rows) console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(14) : cell.padStart(12))).join(''))
console.log(JSON.stringify({ suite: 'files', files, seed, readers: summary }))
rmSync(dirname(place), { recursive: true })
