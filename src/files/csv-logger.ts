import { appendFileSync, closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, statSync } from 'node:fs'
import { GraphError } from '../ir/errors'
import { stateOf } from '../callbacks/state'
import { flag, type Given, integer, optional, parseOptions, plain, required } from '../layers/option'
import type { Callback } from '../training/callback'
import type { TrainingRun } from '../training/run'
import { firstRecord, recordText } from './csv'
import { path } from './save-options'

const options = {
  filename: path,
  /** ',' by default. */
  separator: plain(
    'one character that is no quote and no line break',
    (v) => typeof v === 'string' && /^[^"\r\n]$/u.test(v),
    ',',
  ),
  /** Whether rows are put behind those that the file has; false by default. */
  append: flag(false),
}
/** Options of `csvLogger`. */
export type CsvLoggerOptions = Given<typeof options>

const state = {
  size: required(integer(undefined, 0)),
  columns: optional(
    plain<readonly string[]>('a list of names', (v) => Array.isArray(v) && v.every((name) => typeof name === 'string')),
  ),
}

/**
 * A row for each epoch: its number from 0 and the logs by name, sorted, `NA` where there is none. As `CSVLogger` in Keras,
 * with columns of validation where there are validation data. A run that is resumed takes back the rows behind its checkpoint.
 * A GraphError where the file has other columns, or is shorter than it was at the checkpoint. Source: RFC 4180. Options:
 * filename, separator (','), append (false).
 */
export function csvLogger(given: CsvLoggerOptions): Callback {
  const own = parseOptions('csvLogger', options, given)
  let run: TrainingRun
  let file: number | undefined
  let columns: readonly string[] | null = null
  /** Those of a file that was there before, until a row is compared with them. */
  let found = false
  const refuse = (what: string): never => {
    throw new GraphError(`csvLogger: ${own.filename} ${what}`)
  }
  const open = (): void => {
    if (file !== undefined) return
    const size = sizeOf(own.filename)
    found = own.append && size > 0
    const before = found ? readFileSync(own.filename, 'utf8') : ''
    // Spreadsheets begin a file with a mark.
    columns = found ? firstRecord(before.replace(/^\uFEFF/, ''), own.separator) : null
    file = openSync(own.filename, own.append ? 'a' : 'w')
    // The last row of a file that another program wrote may be open.
    if (found && !/[\r\n]$/.test(before)) appendFileSync(file, '\n')
  }
  const close = (): void => {
    if (file !== undefined) closeSync(file)
    file = undefined
  }
  const write = (record: readonly string[]): void => appendFileSync(file!, recordText(record, own.separator))
  return {
    name: 'csv_logger',
    setRun: (given) => {
      run = given
    },
    // Not before: a run that is restored must find its rows.
    onEpochBegin: open,
    onEpochEnd: (epoch, logs) => {
      const wanted = ['epoch', ...columnsFor(Object.keys(logs), run.hasValidation)]
      if (!columns) write((columns = wanted))
      const missing = wanted.filter((name) => !columns!.includes(name))
      if (found && missing.length > 0)
        refuse(`has the columns ${columns.join(', ')}, and none for ${missing.join(', ')}`)
      found = false
      write(columns.map((name) => (name === 'epoch' ? String(epoch) : String(logs[name] ?? 'NA'))))
      // What a checkpoint counts on must not be behind it after a power failure.
      fsyncSync(file!)
    },
    onTrainEnd: close,
    release: close,
    getState: () => ({ size: sizeOf(own.filename), columns }),
    setState: (given: unknown) => {
      const kept = stateOf('csvLogger', state, given)
      const size = sizeOf(own.filename)
      if (size < kept.size) refuse(`has ${size} bytes, and had ${kept.size} when the checkpoint was taken`)
      close()
      file = openSync(own.filename, 'a')
      ftruncateSync(file, kept.size)
      columns = kept.columns ?? null
    },
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Validation may come in a later epoch only. */
function columnsFor(logs: readonly string[], hasValidation: boolean): readonly string[] {
  const isMissing = hasValidation && !logs.some((name) => name.startsWith('val_'))
  const own = logs.filter((name) => name !== 'learning_rate').map((name) => `val_${name}`)
  return [...new Set([...logs, ...(isMissing ? own : [])])].sort()
}
