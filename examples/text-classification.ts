/**
 * Tells by a paragraph whether Jane Austen or G. K. Chesterton wrote it: words as codes [samples, words], an embedding that
 * masks what shorter paragraphs are filled up with, and an LSTM. It is tested on books that it has never seen.
 *
 *   npx tsx examples/text-classification.ts            a few seconds
 *   npx tsx examples/text-classification.ts --short    one epoch, to see that everything works
 */
import { input, layers, optimizers, sequential } from 'gradloom/nn'
import { majorityShare, percent } from './lib/baseline'
import { isShort, runAsProgram } from './lib/command'
import { AUTHORS, encode, loadPassages, paragraphs, vocabularyOf } from './lib/passages'

/** Words that are read of each paragraph. */
const LENGTH = 40
/** Words of fewer paragraphs are unknown. */
const FEWEST = 3

const SENTENCES = [
  'She was quite persuaded that her sister must be happy, and that every kind attention had been paid to her by the family.',
  'The small priest blinked at the green sky as if it were a large and mad advertisement for something he could not afford.',
]

export interface Options {
  readonly epochs: number
  /** Of `fit`: 2 prints a line for each epoch. */
  readonly verbose?: 0 | 2
}

export interface Result {
  /** Share of the held-out paragraphs whose author is told. */
  readonly accuracy: number
  /** By always naming the more frequent author. */
  readonly majority: number
  /** Sentences that stand in no book, with how likely Chesterton is to have written them. */
  readonly told: readonly { readonly sentence: string; readonly chesterton: number }[]
}

export async function run({ epochs, verbose = 0 }: Options): Promise<Result> {
  const { train, heldOut } = loadPassages()
  const vocabulary = vocabularyOf(train.words, FEWEST)
  const codes = (words: typeof train.words) => encode(words, vocabulary, LENGTH)

  const net = sequential(
    [
      input({ shape: [LENGTH], dtype: 'int32' }),
      // 0 is no word and 1 an unknown one.
      layers.embedding({ inputDim: 2 + vocabulary.size, outputDim: 16, maskZero: true }),
      layers.lstm({ units: 16 }),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
    { seed: 1 },
  )
  net.compile({
    optimizer: optimizers.adam({ learningRate: 0.003 }),
    loss: 'binary_crossentropy',
    metrics: ['accuracy'],
  })
  await net.fit(codes(train.words), train.authors, {
    epochs,
    verbose,
  })
  const { accuracy } = await net.evaluate(codes(heldOut.words), heldOut.authors)
  const likely = await net.predict(codes(SENTENCES.flatMap(paragraphs)))
  net.dispose()
  return {
    accuracy: accuracy!,
    majority: majorityShare(heldOut.authors),
    told: SENTENCES.map((sentence, i) => ({ sentence, chesterton: likely[i]! })),
  }
}

runAsProgram(import.meta.url, async (args) => {
  const { accuracy, majority, told } = await run({ epochs: isShort(args) ? 1 : 2, verbose: 2 })
  console.log(
    `${percent(accuracy)} of paragraphs ascribed to their author; the more frequent author has ${percent(majority)}`,
  )
  for (const { sentence, chesterton } of told) console.log(`like ${AUTHORS[chesterton > 0.5 ? 1 : 0]}: ${sentence}`)
  if (!(accuracy > majority + 0.1)) throw new Error('it has not learnt to tell authors')
})
