/** A reader of files that nobody vouches for, as the mutation of files holds it to account. */
export interface Reader {
  readonly name: string
  /** Files that are read without error; small, of every kind that the format has. */
  samples(): readonly Uint8Array[]
  /** What is made of a file; throws one of `refusals` where nothing can be. */
  read(bytes: Uint8Array): unknown
  readonly refusals: readonly (new (...args: never[]) => Error)[]
  /** Throws for a result that should have been refused, such as a shape that is not that of its data. */
  verify(result: unknown): void
  /** How many files tests read where one takes long; 2,000 by default. `npm run fuzz:files` reads as many as it is told. */
  readonly few?: number
  /**
   * Other files that no sample leads to by changing bytes: structures of the format with one thing wrong, such as an offset
   * beyond the end or a key that reaches for a prototype. `random` gives numbers from 0 up to 1.
   */
  forged?(random: () => number): Uint8Array
}
