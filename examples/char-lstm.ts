/**
 * Learns to write like a book, a character at a time: an LSTM reads streams of the text, its state kept from piece to piece,
 * and then writes by itself.
 *
 *   npx tsx examples/char-lstm.ts                      a few minutes
 *   npx tsx examples/char-lstm.ts --temperature 0.5    bolder above 1, more sure of itself below
 *   npx tsx examples/char-lstm.ts --short              a few steps, to see that everything works
 */
import {
  adam,
  add,
  categorical,
  compile,
  div,
  entry,
  glorotUniform,
  keepState,
  lstm,
  lstmCell,
  matmul,
  mean,
  named,
  oneHot,
  orthogonal,
  reshape,
  resetState,
  sparseSoftmaxCrossEntropy,
  stateVariables,
  tensor,
  type Tensor,
  transpose,
  variable,
  zeros,
} from 'gradloom'
import { readOptions, runAsProgram, UsageError } from './lib/command'
import { progressBar } from './lib/progress'
import { loadBook, type Pieces, pieceCount, takePieces } from './lib/text'

/** Stretches of the book that are read side by side. */
const STREAMS = 32
/** Characters that gradients go back: a piece of each stream is a step, and its state is where the next piece begins. */
const LENGTH = 64
const LEARNING_RATE = 0.005
const PROMPT = 'Alice was '

export const program = (characters: number, units: number, seed: number) => {
  const kernel = variable('lstm/kernel', [characters, 4 * units], glorotUniform())
  const recurrentKernel = variable('lstm/recurrentKernel', [units, 4 * units], orthogonal())
  // At first nothing is forgotten: the second of the four gates begins open (Jozefowicz et al. 2015).
  const open = Float32Array.from({ length: 4 * units }, (_, i) => (Math.floor(i / units) === 1 ? 1 : 0))
  const bias = variable('lstm/bias', [4 * units], open)
  const W = variable('W', [units, characters], glorotUniform())
  const b = variable('b', [characters], zeros())
  const weights = { kernel, recurrentKernel, bias }
  const reading = stateVariables('reading', { h: [STREAMS, units], c: [STREAMS, units] })
  const writing = stateVariables('writing', { h: [1, units], c: [1, units] })

  const logits = (h: Tensor): Tensor => named('logits', add(matmul(h, W), b))
  /** Of pieces [streams, length], and the state after them. */
  const read = (x: Tensor<[number, number], 'int32'>, y: Tensor<[number, number], 'int32'>) => {
    const { outputs, state } = lstm(oneHot(transpose(x), characters), weights, {
      initialState: reading,
      timeMajor: true,
    })
    const loss = mean(sparseSoftmaxCrossEntropy(logits(outputs), transpose(y)))
    return { loss, state }
  }
  const pieces = { x: tensor([STREAMS, LENGTH], 'int32'), y: tensor([STREAMS, LENGTH], 'int32') }
  return compile(
    {
      train: entry(pieces, ({ x, y }) => {
        const { loss, state } = read(x, y)
        const rate = { learningRate: LEARNING_RATE, globalClipNorm: 1 }
        const updates = adam(loss, [kernel, recurrentKernel, bias, W, b], rate)
        return { outputs: { loss }, updates: [...updates, ...keepState(reading, state)] }
      }),
      evaluate: entry(pieces, ({ x, y }) => {
        const { loss, state } = read(x, y)
        return { outputs: { loss }, updates: keepState(reading, state) }
      }),
      rewind: entry({}, () => ({ outputs: {}, updates: resetState(reading) })),
      /** One character in, the one that follows out, drawn by its probability. */
      next: entry({ code: tensor([1], 'int32'), temperature: tensor([]) }, ({ code, temperature }) => {
        const { output, state } = lstmCell(oneHot(code, characters), writing, weights)
        const next = reshape(categorical(div(logits(output), temperature)), [])
        return { outputs: { next }, updates: keepState(writing, state) }
      }),
      forget: entry({}, () => ({ outputs: {}, updates: resetState(writing) })),
    },
    { seed },
  )
}
type Net = ReturnType<typeof program>

export interface Options {
  readonly epochs: number
  /** Of the LSTM. */
  readonly units: number
  /** Pieces of each stream an epoch, at most. */
  readonly batches: number
  readonly temperature: number
  /** Characters to write at the end. */
  readonly write: number
  readonly print: (line: string) => void
}

/** Losses are natural logarithms, means over characters. */
export interface Result {
  /** Of each epoch while it learnt. */
  readonly losses: readonly number[]
  /** Of text that was never learnt from. */
  readonly heldOut: number
  readonly written: string
}

export function run({ units, epochs, batches, temperature, write, print }: Options): Result {
  const { vocabulary, train, heldOut } = loadBook()
  const count = vocabulary.characters.length
  print(`${train.length} characters to learn from, ${heldOut.length} held out, ${count} different ones`)
  const net = program(count, units, 1)
  const losses: number[] = []
  let held = NaN
  for (let epoch = 0; epoch < epochs; epoch++) {
    net.state.set('learningRate', LEARNING_RATE * (1 - epoch / epochs))
    const title = `epoch ${epoch + 1}/${epochs}`
    const loss = readThrough(train, batches, net, net.train, title)
    losses.push(loss)
    held = readThrough(heldOut, batches, net, net.evaluate)
    // The curve of the loss, a line an epoch: from nothing known to nothing left to learn.
    const bar = '█'.repeat(Math.round((40 * loss) / Math.log(count)))
    print(`${title.padEnd(12)} loss ${loss.toFixed(3)}  held out ${held.toFixed(3)}  ${bar}`)
  }
  const written = writeText(net, vocabulary, temperature, write)
  print(`\n${written}\n`)
  net.dispose()
  return { losses, heldOut: held, written }
}

/** Streams of a text from their beginnings, piece after piece; the mean loss. */
function readThrough(
  codes: Int32Array,
  batches: number,
  net: Net,
  step: (pieces: Pieces) => { readonly loss: number },
  title?: string,
): number {
  const apart = Math.floor(pieceCount(codes, LENGTH) / STREAMS)
  const steps = Math.min(batches, Math.floor(apart / LENGTH))
  const bar = progressBar(steps)
  let total = 0
  net.rewind({})
  for (let at = 0; at < steps; at++) {
    const starts = Int32Array.from({ length: STREAMS }, (_, stream) => stream * apart + at * LENGTH)
    total += step(takePieces(codes, starts, LENGTH)).loss
    if (title !== undefined) bar.show(at + 1, title)
  }
  bar.clear()
  return total / steps
}

/** Goes on from the prompt, each character the input of the next step. */
function writeText(
  net: Net,
  { encode, decode }: ReturnType<typeof loadBook>['vocabulary'],
  temperature: number,
  count: number,
): string {
  net.forget({})
  let next = 0
  for (const code of encode(PROMPT)) next = net.next({ code: Int32Array.of(code), temperature }).next
  const written: number[] = []
  while (written.length < count) {
    written.push(next)
    next = net.next({ code: Int32Array.of(next), temperature }).next
  }
  return PROMPT + decode(written)
}

/** The arguments of the command line; a UsageError says what is wrong with them. */
export function parse(args: readonly string[]): Omit<Options, 'print'> {
  const { short, temperature } = readOptions(args, {
    short: { type: 'boolean', default: false },
    temperature: { type: 'string', default: '0.7' },
  })
  const value = Number(temperature)
  if (!(value > 0 && Number.isFinite(value)))
    throw new UsageError(`--temperature takes a positive number, it is "${temperature}"`)
  const length = short
    ? { units: 64, epochs: 3, batches: 10, write: 100 }
    : { units: 192, epochs: 25, batches: Infinity, write: 800 }
  return { ...length, temperature: value }
}

runAsProgram(import.meta.url, (args) => {
  const { losses } = run({ ...parse(args), print: console.log })
  if (losses.some((loss, i) => i > 0 && loss >= losses[0]!))
    throw new Error(`the loss does not fall: ${losses.join(', ')}`)
})
