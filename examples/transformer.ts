/**
 * A small transformer that learns to write like a book, one character after the other.
 *
 *   npx tsx examples/transformer.ts            about a minute
 *   npx tsx examples/transformer.ts --short    a few steps, to see that everything works
 */
import { range, reshape } from 'gradloom'
import { input, layers, losses, model, type Model, optimizers, schedules, type Symbolic } from 'gradloom/nn'
import { isShort, runAsProgram } from './lib/command'
import { countedNats, type CountedNats, drawn } from './lib/next-character'
import { generator } from './lib/shuffle'
import { loadBook, pieceCount, type Pieces, takePieces, type Vocabulary } from './lib/text'

/** Characters that the model sees at once. */
const LENGTH = 64
const FEATURES = 64
const HEADS = 4
const BLOCKS = 2
const BATCH = 32
const PROMPT = 'Alice was '
/** Below 1 it writes what is likely more often than the book does. */
const TEMPERATURE = 0.7

/** Each character looks back at those before it, then thinks by itself; both add to what it was. */
function block(x: Symbolic): Symbolic {
  const seen = layers.layerNormalization()(x)
  const attention = layers.multiHeadAttention({ numHeads: HEADS, keyDim: FEATURES / HEADS })
  const informed = layers.add()([x, attention([seen, seen], { useCausalMask: true })])
  const thought = layers.dense({ units: 4 * FEATURES, activation: 'gelu' })(layers.layerNormalization()(informed))
  return layers.add()([informed, layers.dense({ units: FEATURES })(thought)])
}

/** Codes of characters in, a score for each character that may come next out, at each place. */
export function transformer(characters: number, steps: number, seed = 1): Model {
  const codes = input({ shape: [LENGTH], dtype: 'int32', name: 'codes' })
  // The same places for every piece: a batch of one, which is added to all.
  const places = layers.lambda({ function: () => reshape(range(0, LENGTH), [1, LENGTH]) })(codes)
  const embedded = layers.add()([
    layers.embedding({ inputDim: characters, outputDim: FEATURES, name: 'characters' })(codes),
    layers.embedding({ inputDim: LENGTH, outputDim: FEATURES, name: 'places' })(places),
  ])
  let x: Symbolic = embedded
  for (let i = 0; i < BLOCKS; i++) x = block(x)
  const scores = layers.dense({ units: characters })(layers.layerNormalization()(x))
  const net = model({ inputs: codes, outputs: scores, seed })
  net.compile({
    optimizer: optimizers.adamw({
      learningRate: schedules.cosineDecay({ initialLearningRate: 3e-3, decaySteps: steps }),
      clipNorm: 1,
    }),
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
  })
  return net
}

/** Goes on from the prompt, each character drawn by its score. */
function write(net: Model, { encode, decode }: Vocabulary, count: number): string {
  const random = generator(1)
  const text = [...encode(PROMPT)]
  while (text.length < PROMPT.length + count) {
    // What stands behind the text is not seen from its last character: anything will do there.
    const window = Int32Array.from({ length: LENGTH }, (_, i) => text.slice(-LENGTH)[i] ?? 0)
    const scores = net.predictOnBatch(window)
    const last = Math.min(text.length, LENGTH) - 1
    const characters = scores.length / LENGTH
    text.push(drawn(scores.subarray(last * characters, (last + 1) * characters), TEMPERATURE, random))
  }
  return decode(text)
}

/** Pieces that begin every `apart` characters. */
function pieces(codes: Int32Array, apart: number): Pieces {
  const count = Math.ceil(pieceCount(codes, LENGTH) / apart)
  return takePieces(codes, Int32Array.from({ length: count }, (_, i) => i * apart), LENGTH) // prettier-ignore
}

export interface Options {
  readonly epochs: number
  /** Batches an epoch. */
  readonly batches: number
  /** Characters to write at the end. */
  readonly count: number
  /** Of `fit`: 2 prints a line for each epoch. */
  readonly verbose?: 0 | 2
}

/** Nats a character on text that was never learnt from, by the model and by counting, and what the model wrote. */
export interface Result extends CountedNats {
  readonly heldOut: number
  readonly written: string
}

export async function run({ epochs, batches, count, verbose = 0 }: Options): Promise<Result> {
  const { vocabulary, train, heldOut } = loadBook()
  const characters = vocabulary.characters.length
  const held = pieces(heldOut, LENGTH)
  const { x, y } = pieces(train, Math.ceil(train.length / (batches * BATCH)))
  const net = transformer(characters, epochs * batches)
  const { history } = await net.fit(x, y, { epochs, batchSize: BATCH, validationData: [held.x, held.y], verbose })
  const written = write(net, vocabulary, count)
  net.dispose()
  return { heldOut: history.val_loss!.at(-1)!, ...countedNats(train, held, characters), written }
}

runAsProgram(import.meta.url, async (args) => {
  const length = isShort(args) ? { epochs: 1, batches: 25, count: 60 } : { epochs: 4, batches: 200, count: 400 }
  const { heldOut, unigram, bigram, written } = await run({ ...length, verbose: 2 })
  console.log(`\n${written}\n`)
  console.log(
    `held out: ${heldOut.toFixed(3)} nats a character; ${unigram.toFixed(3)} by how often each is used, ` +
      `${bigram.toFixed(3)} by what follows which`,
  )
  const toBeat = isShort(args) ? unigram : bigram
  if (!(heldOut < toBeat)) throw new Error('it has learnt less than counting would tell')
})
