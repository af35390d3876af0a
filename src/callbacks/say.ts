import { plain } from '../layers/option'

/** 1 prints a line where something happens; 0 by default. */
export const verbosity = plain<0 | 1>('0 or 1', (v) => v === 0 || v === 1, 0)

export function say(verbose: 0 | 1, line: string): void {
  if (verbose === 1) console.log(line)
}
