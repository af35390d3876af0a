import { join } from 'node:path'
import { stateOf } from '../callbacks/state'
import { type Given, integer, parseOptions, plain, required, string } from '../layers/option'
import type { Callback, Logs } from '../training/callback'
import type { ModelHandle } from '../training/handle'
import { EventFile } from './event-file'
import { histogram } from './histogram'

const options = {
  /** Its folders `train` and `validation` get the files. */
  logDir: string('logs'),
  /** Every how many epochs weights are counted by size; 0, never, by default. */
  histogramFreq: integer(0, 0),
  /** 'epoch', the default; with 'batch' or a number losses and metrics are written every batch, or every so many, as well. */
  updateFreq: plain<'epoch' | 'batch' | number>(
    "'epoch', 'batch' or a whole number of batches from 1",
    (v) => v === 'epoch' || v === 'batch' || (Number.isSafeInteger(v) && (v as number) >= 1),
    'epoch',
  ),
}
const state = { batches: required(integer(undefined, 0)) }
/** Options of `tensorBoard`. */
export type TensorBoardOptions = Given<typeof options>

/**
 * Event files for TensorBoard, with Keras's folders and names: `epoch_loss` by epoch under `train` and `validation`, with
 * `epoch_learning_rate`; `batch_loss` by batch; `evaluation_loss_vs_iterations` by step; `dense/kernel/histogram`. As
 * `TensorBoard` in Keras, without graphs, images, embeddings and profiles. Options: logDir ('logs'), histogramFreq (0),
 * updateFreq ('epoch').
 */
export function tensorBoard(given: TensorBoardOptions = {}): Callback {
  const { logDir, histogramFreq, updateFreq } = parseOptions('tensorBoard', options, given)
  const every = updateFreq === 'batch' ? 1 : updateFreq
  const files = new Map<string, EventFile>()
  let model: ModelHandle
  let batches = 0
  const fileOf = (folder: 'train' | 'validation'): EventFile => {
    const file = files.get(folder) ?? new EventFile(join(logDir, folder))
    files.set(folder, file)
    return file
  }
  const put = (folder: 'train' | 'validation', logs: Logs, tag: (name: string) => string, step: number): void => {
    for (const [name, value] of Object.entries(logs)) fileOf(folder).scalar(tag(name), value, step)
  }
  const close = (): void => {
    for (const file of files.values()) file.close()
    files.clear()
  }
  return {
    name: 'tensor_board',
    setModel: (given) => {
      model = given
    },
    onTrainBegin: () => {
      batches = 0
    },
    onTrainBatchEnd: (_, logs) => {
      batches++
      if (every !== 'epoch' && batches % every === 0) put('train', logs, (name) => `batch_${name}`, batches)
    },
    onEpochEnd: (epoch, logs) => {
      const entries = Object.entries(logs)
      const rate = model.currentRate
      const own = Object.fromEntries(entries.filter(([name]) => !name.startsWith('val_')))
      put('train', rate === undefined ? own : { ...own, learning_rate: rate }, (name) => `epoch_${name}`, epoch)
      const others = entries.filter(([name]) => name.startsWith('val_'))
      put('validation', Object.fromEntries(others), (name) => `epoch_${name.slice('val_'.length)}`, epoch)
      if (histogramFreq === 0 || epoch % histogramFreq !== 0) return
      for (const weight of model.weights)
        fileOf('train').histogram(`${weight.variable!.name}/histogram`, histogram(weight.read()!), epoch)
    },
    onTestEnd: (logs) => {
      put('validation', logs, (name) => `evaluation_${name}_vs_iterations`, model.iterations ?? batches)
    },
    onTrainEnd: close,
    release: close,
    getState: () => ({ batches }),
    setState: (given: unknown) => {
      ;({ batches } = stateOf('tensorBoard', state, given))
    },
  }
}
