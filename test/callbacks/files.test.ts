import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Callback, callbacks, type History, optimizers } from 'gradloom/nn'
import { backupAndRestore, csvLogger, load, loadModelWeights, modelCheckpoint, saveModelWeights } from 'gradloom/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstRecord, recordText } from '../../src/files/csv'
import { fileName } from '../../src/files/file-name'
import { decodeSafetensors } from '../../src/formats/safetensors'
import { classifier, TARGETS, x, y } from './models'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callbacks-'))
})
afterEach(() => rmSync(directory, { recursive: true }))
const inside = (name: string): string => join(directory, name)
const read = (name: string): string => readFileSync(inside(name), 'utf8')
/** Ends training as a crash would, with an error, behind some batches. */
const crash = (after: number): Callback => {
  let batches = 0
  return {
    onTrainBatchEnd: () => {
      if (++batches === after) throw new Error('power failure')
    },
  }
}
const rowsOf = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))

describe('fileName', () => {
  // As Python's str.format gives them.
  it.each([
    ['{epoch}', '7'],
    ['{epoch:03d}', '007'],
    ['{epoch:3d}', '  7'],
    ['{val_loss:.2f}', '0.13'],
    ['{val_loss:08.3f}', '0000.125'],
    ['{val_loss}', '0.125'],
    ['{val_loss:.1e}', '1.3e-1'],
    ['a/{epoch}-{val_loss:.1f}.b', 'a/7-0.1.b'],
    ['{low:07.2f}', '-001.50'],
    ['{low:7.2f}', '  -1.50'],
    ['plain', 'plain'],
  ])('%s is %s', (pattern, expected) => {
    const found = fileName('here', pattern, { epoch: 7, val_loss: 0.125, low: -1.5 })
    expect(found).toBe(expected === '1.3e-1' ? '1.3e-01' : expected)
  })

  it.each(['constructor', 'toString', '__proto__'])('has no value for %s', (name) => {
    expect(() => fileName('here', `{${name}:.2f}`, { epoch: 7 })).toThrow(/there is no value/)
  })

  it('lists the values where there is none of a name', () => {
    expect(() => fileName('here', '{acc}', { epoch: 7, loss: 1 })).toThrow(
      /here: there is no value for \{acc\} .* epoch, loss/,
    )
  })
})

describe('records of CSV', () => {
  /** Another reader: a record of RFC 4180 by a regular expression. */
  const parse = (line: string, separator: string): string[] => {
    const s = separator.replace(/[|\\{}()[\]^$+*?.]/g, '\\$&')
    return [...`${separator}${line}`.matchAll(new RegExp(`${s}(?:"((?:[^"]|"")*)"|([^"]*?))(?=${s}|$)`, 'gs'))].map(
      (m) => (m[1] === undefined ? m[2]! : m[1].replaceAll('""', '"')),
    )
  }
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', ' ', 'é'), maxLength: 6 })

  it('come back whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(',', ';', '\t', '|'),
        (record, separator) => {
          const line = recordText(record, separator)
          expect(line.endsWith('\r\n')).toBe(true)
          expect(firstRecord(`${line}another${separator}line\r\n`, separator)).toEqual(record)
          expect(parse(line.slice(0, -2), separator)).toEqual(record)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe.each(TARGETS)('on %s', (target) => {
  const train = (list: readonly Callback[], options = {}): Promise<History> =>
    classifier(target).fit(x, y, { epochs: 4, batchSize: 3, callbacks: list, ...options })

  it('csvLogger writes the history, sorted, with NA where there is none', async () => {
    const { history } = await train([csvLogger({ filename: inside('log.csv') })], {
      validationData: [x, y],
      validationFreq: 2,
    })
    const [header, ...rows] = rowsOf(read('log.csv'))
    expect(header).toEqual(['epoch', 'accuracy', 'loss', 'val_accuracy', 'val_loss'])
    expect(rows.map((row) => row[2])).toEqual(history['loss']!.map(String))
    expect(rows.map((row) => row[4])).toEqual([
      'NA',
      String(history['val_loss']![0]),
      'NA',
      String(history['val_loss']![1]),
    ])
    expect(rows.map((row) => row[0])).toEqual(['0', '1', '2', '3'])
  })

  it('csvLogger begins anew, or goes on behind the rows that are there', async () => {
    const logger = csvLogger({ filename: inside('log.csv'), separator: ';' })
    await train([logger])
    const once = read('log.csv')
    expect(once.startsWith('epoch;accuracy;loss\r\n0;')).toBe(true)
    await train([logger])
    expect(read('log.csv')).toBe(once)
    await train([csvLogger({ filename: inside('log.csv'), separator: ';', append: true })])
    expect(read('log.csv')).toBe(once + once.slice(once.indexOf('\r\n') + 2))
    writeFileSync(inside('log.csv'), once.trimEnd())
    await train([csvLogger({ filename: inside('log.csv'), separator: ';', append: true })])
    expect(read('log.csv')).toBe(`${once.trimEnd()}\n${once.slice(once.indexOf('\r\n') + 2)}`)
    // Spreadsheets begin a file with a mark.
    writeFileSync(inside('log.csv'), `\uFEFF${once}`)
    await train([csvLogger({ filename: inside('log.csv'), separator: ';', append: true })])
    expect(read('log.csv')).toBe(`\uFEFF${once}${once.slice(once.indexOf('\r\n') + 2)}`)
    writeFileSync(inside('log.csv'), 'epoch;loss\r\n')
    await expect(train([csvLogger({ filename: inside('log.csv'), separator: ';', append: true })])).rejects.toThrow(
      /has the columns epoch, loss, and none for accuracy/,
    )
  })

  it('modelCheckpoint saves every epoch under its name, or every so many batches', async () => {
    const { history } = await train([
      modelCheckpoint({ filepath: inside('deep/{epoch:02d}-{loss:.3f}.safetensors') }),
      modelCheckpoint({ filepath: inside('batches/{epoch}-{batch}'), saveFreq: 4, saveWeightsOnly: true }),
    ])
    const expected = history['loss']!.map((loss, i) => `0${i + 1}-${loss.toFixed(3)}.safetensors`)
    expect(readdirSync(inside('deep')).sort()).toEqual(expected)
    // Batches 4, 8 and 12 of epochs of 3.
    expect(readdirSync(inside('batches')).sort()).toEqual(['2-1', '3-2', '4-3'])
    for (const name of expected) decodeSafetensors(readFileSync(inside(`deep/${name}`)))
  })

  it('modelCheckpoint saves the best, and files give the model back', async () => {
    const net = classifier(target, { optimizer: optimizers.adam({ learningRate: 3 }) })
    const [files, ends] = [[] as string[], [] as unknown[]]
    const { history } = await net.fit(x, y, {
      epochs: 8,
      batchSize: 3,
      callbacks: [
        modelCheckpoint({
          filepath: inside('{epoch}.weights'),
          monitor: 'loss',
          saveBestOnly: true,
          saveWeightsOnly: true,
        }),
        modelCheckpoint({
          filepath: inside('{epoch}.all'),
          monitor: 'accuracy',
          saveBestOnly: true,
          initialValueThreshold: 0.2,
        }),
        { onEpochEnd: () => void ends.push(net.getWeights()) },
      ],
    })
    const better = (values: readonly number[], sign: number, first: number): number[] => {
      let best = first
      return values.flatMap((v, i) => (sign * v > sign * best ? ((best = v), [i + 1]) : []))
    }
    const found = readdirSync(directory)
    const of = (ending: string): number[] =>
      found
        .filter((f) => f.endsWith(ending))
        .map((f) => parseInt(f))
        .sort((a, b) => a - b)
    expect(of('.weights')).toEqual(better(history['loss']!, -1, Infinity))
    expect(of('.all')).toEqual(better(history['accuracy']!, 1, 0.2))
    expect(of('.weights').length).toBeLessThan(8)
    expect(of('.all').length).toBeGreaterThan(0)
    const other = classifier(target, { optimizer: optimizers.adam() })
    for (const ending of ['.weights', '.all'])
      for (const epoch of of(ending)) {
        loadModelWeights(other, inside(`${epoch}${ending}`))
        expect(other.getWeights()).toEqual(ends[epoch - 1])
        files.push(ending)
      }
    expect(new Set(files).size).toBe(2)
    saveModelWeights(net, inside('mine'))
    loadModelWeights(other, inside('mine'))
    expect(other.getWeights()).toEqual(net.getWeights())
    // A checkpoint is all state of the program.
    load(net.program, inside(`${of('.all')[0]!}.all`))
    expect(net.getWeights()).toEqual(ends[of('.all')[0]! - 1])
  })

  it('backupAndRestore goes on where a run broke off, batch by batch', async () => {
    const run = (name: string, after: number): Promise<History> =>
      train(
        [
          callbacks.earlyStopping({ monitor: 'loss', patience: 2, restoreBestWeights: true }),
          csvLogger({ filename: inside(`${name}.csv`) }),
          backupAndRestore({ path: inside(name), saveFreq: 2 }),
          crash(after),
        ],
        { validationSplit: 0.2 },
      )
    const whole = await run('whole', Infinity)
    // Removed when all is done.
    expect(readdirSync(directory)).toEqual(['whole.csv'])
    await expect(run('broken', 5)).rejects.toThrow('power failure')
    expect(existsSync(inside('broken'))).toBe(true)
    await expect(run('broken', 4)).rejects.toThrow('power failure')
    expect(await run('broken', Infinity)).toEqual(whole)
    expect(read('broken.csv')).toBe(read('whole.csv'))
  })

  it.each(['best.keras', 'weights/{epoch}.weights.h5', 'A.KERAS'])(
    'modelCheckpoint refuses the name %s',
    (filepath) => {
      expect(() => modelCheckpoint({ filepath: inside(filepath) })).toThrow(
        /modelCheckpoint: .*filepath.* safetensors.*\.keras, \.h5/,
      )
    },
  )

  it('backupAndRestore refuses what is damaged or of another model', async () => {
    const backup = [backupAndRestore({ path: inside('run'), deleteCheckpoint: false })]
    await train(backup)
    const bytes = readFileSync(inside('run'))
    const other = classifier(target, { optimizer: 'adam' })
    await expect(other.fit(x, y, { callbacks: backup })).rejects.toThrow(/adam/)
    for (const length of [0, 100, bytes.length - 1]) {
      writeFileSync(inside('run'), bytes.subarray(0, length))
      await expect(train(backup), String(length)).rejects.toThrow(inside('run'))
    }
    saveModelWeights(classifier(target), inside('run'))
    await expect(train(backup)).rejects.toThrow(/no checkpoint of a run/)
  })

  it('backupAndRestore and csvLogger leave nothing behind where something throws', async () => {
    const before = process.listenerCount('SIGINT')
    let during = 0
    const list = [backupAndRestore({ path: inside('run') }), csvLogger({ filename: inside('log.csv') })]
    const count: Callback = { order: 'last', onTrainBatchEnd: () => void (during = process.listenerCount('SIGINT')) }
    await expect(train([...list, count, crash(2)])).rejects.toThrow('power failure')
    expect(process.listenerCount('SIGINT')).toBe(before)
    await train([...list, count])
    expect(during).toBe(before + 1)
    expect(process.listenerCount('SIGINT')).toBe(before)
  })
})

describe('options of callbacks that write files', () => {
  it.each([
    [() => modelCheckpoint({} as never), /modelCheckpoint: filepath is missing/],
    [
      () => modelCheckpoint({ filepath: 'a', saveFreq: 0 }),
      /saveFreq must be 'epoch' or a whole number of batches from 1/,
    ],
    [() => backupAndRestore({ path: '' }), /path must be a path/],
    [() => csvLogger({ filename: 'a', separator: '::' }), /separator must be one character/],
    [
      () => csvLogger({ file: 'a' } as never),
      /csvLogger: unknown option "file"; known are filename, separator, append/,
    ],
  ])('are checked %#', (make, message) => expect(make).toThrow(message))
})
