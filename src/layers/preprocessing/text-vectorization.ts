import { GraphError } from '../../ir/errors'
import { explained } from '../../ir/tensor'
import { defineLayer } from '../layer'
import { choice, flag, integer, type Option, optional, type Parsed, plain, string } from '../option'
import { title } from '../title'
import type { HostResult } from './encode-host'
import {
  checkLookup,
  learnt,
  lookedUp,
  lookupMethods,
  type LookupOptions,
  lookupOptions,
  setLookup,
  tokens,
} from './lookup'
import { bucketOf } from './string-lookup'
import { isText, nestOf, type Texts } from './texts'

/** What Keras strips. */
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g
const strip = (text: string): string => text.replace(PUNCTUATION, '')
const STANDARDS = {
  lower: (text: string): string => text.toLowerCase(),
  stripPunctuation: strip,
  lowerAndStripPunctuation: (text: string): string => strip(text.toLowerCase()),
}
const SPLITS = {
  whitespace: (text: string): string[] => text.split(/\s+/).filter((word) => word !== ''),
  character: (text: string): string[] => Array.from(text),
}

/** One of the words, null for nothing, or a function, which no config holds. */
function step<const T extends string, F>(words: readonly T[], fallback: T): Option<T | F | null, T | F | null, false> {
  const word = choice(words, fallback)
  return {
    required: false,
    takesNull: true,
    text: `${word.text}, a function, or null`,
    fallback,
    parse: (value, where) =>
      value === null || typeof value === 'function' ? (value as F | null) : word.parse(value, where),
    write(value) {
      if (typeof value === 'function')
        throw new GraphError('TextVectorization: a function is no part of a config; use one of the named steps')
      return value
    },
  }
}
type Standardize = (text: string) => string
type Split = (text: string) => readonly string[]

const { maxTokens, outputMode, padToMaxTokens, sparse, idfWeights } = lookupOptions
const options = {
  maxTokens,
  standardize: step<keyof typeof STANDARDS, Standardize>(['lower', 'stripPunctuation', 'lowerAndStripPunctuation'], 'lowerAndStripPunctuation'), // prettier-ignore
  split: step<keyof typeof SPLITS, Split>(['whitespace', 'character'], 'whitespace'),
  ngrams: optional(
    plain<number | readonly number[]>(
      'a whole number from 1, or a list of them',
      (v) => [v].flat().length > 0 && [v].flat().every((n) => Number.isInteger(n) && (n as number) >= 1),
    ),
  ),
  outputMode,
  outputSequenceLength: optional(integer()),
  padToMaxTokens,
  vocabulary: tokens('strings', isText),
  idfWeights,
  sparse,
  ragged: flag(false),
  encoding: string('utf-8'),
}
type TextOptions = Parsed<typeof options>

/** As `stringLookup` has them: the empty string is the mask, and fills short rows. */
const asLookup = (o: TextOptions): LookupOptions<string> => ({
  ...o,
  numOovIndices: 1,
  invert: false,
  maskToken: '',
  oovToken: '[UNK]',
})

/**
 * Texts as rows of whole numbers, int32 [n, longest], or as rows of numbers for each token by other output modes. There are no
 * strings in a graph: `apply(texts)` is for outside, as in `dataset.map`. Texts are standardised, split, and joined to runs
 * of tokens (`ngrams: 2` adds all pairs); index 0 fills short rows, 1 is what is out of vocabulary. `adapt(texts)` finds the
 * vocabulary, the most frequent tokens first.
 */
export const textVectorization = defineLayer({
  className: 'TextVectorization',
  name: 'text_vectorization',
  options,
  check(o, where) {
    if (o.ragged) throw new GraphError(`${where}: rows here have one length; leave ragged out`)
    if (o.encoding !== 'utf-8') throw new GraphError(`${where}: strings here are Unicode; leave encoding out`)
    if (o.outputMode !== 'int' && o.outputSequenceLength !== undefined)
      throw new GraphError(`${where}: outputSequenceLength is for outputMode 'int'`)
    checkLookup(asLookup(o), where)
  },
  call([x]) {
    throw explained(
      'TextVectorization',
      'there are no strings in a graph: map them before, dataset.map((text) => layer.apply(text)), and feed what that gives',
      [x!],
    )
  },
  methods: (layer) => {
    const now = (): TextOptions => layer.state.options as unknown as TextOptions
    return {
      ...lookupMethods(layer, () => asLookup(now())),
      /** A text, or an array of them, [n] or [n, 1]. */
      apply: (texts: Texts): HostResult => vectorized(`${title(layer)}.apply`, now(), texts),
      /** Finds the vocabulary of texts, or of batches of them. */
      adapt(texts: Texts | Iterable<Texts>): void {
        const where = `${title(layer)}.adapt`
        const batches = isText(texts) || Array.isArray(texts) ? [texts as Texts] : (texts as Iterable<Texts>)
        const documents = Array.from(batches).flatMap((batch) => split(where, now(), batch).rows)
        setLookup(layer, learnt(asLookup(now()), documents))
      },
    }
  },
})

function split(where: string, o: TextOptions, texts: Texts): { readonly rows: string[][]; readonly isOne: boolean } {
  const { shape, values } = nestOf(where, texts, isText, 'strings')
  if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1))
    throw new GraphError(`${where}: texts are [n] or [n, 1], they are [${shape.join(', ')}]`)
  const { standardize, split } = o
  const clean: Standardize =
    typeof standardize === 'function' ? standardize : standardize ? STANDARDS[standardize] : (t) => t
  const cut: Split = typeof split === 'function' ? split : split ? SPLITS[split] : (t) => [t]
  return { rows: values.map((text) => runs([...cut(clean(text))], o.ngrams)), isOne: shape.length === 0 }
}

/** Runs of so many tokens, those of each length together. */
function runs(words: string[], ngrams: number | readonly number[] | undefined): string[] {
  if (ngrams === undefined) return words
  const lengths = typeof ngrams === 'number' ? Array.from({ length: ngrams }, (_, i) => i + 1) : ngrams
  return lengths.flatMap((n) =>
    Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) => words.slice(i, i + n).join(' ')),
  )
}

function vectorized(where: string, o: TextOptions, texts: Texts): HostResult {
  const { rows, isOne } = split(where, o, texts)
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const length = o.outputSequenceLength ?? longest
  // The empty string is the mask: 0, or nothing.
  const padded = rows.flatMap((row) => Array.from({ length }, (_, i) => row[i] ?? ''))
  const shape = isOne ? [length] : [rows.length, length]
  return lookedUp(where, asLookup(o), padded, shape, bucketOf)
}
