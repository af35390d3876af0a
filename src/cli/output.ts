import { resolve } from 'node:path'
import { writeFileAtomic } from '../io/atomic'
import { type Colours, coloursFor } from './colour'
import { Failure } from './failure'
import type { Io } from './io'

/** Prints text, coloured on a terminal, or writes it to a file, which then holds all of it or what it held before. */
export function deliver(
  text: string,
  output: string | undefined,
  { out, err, env, cwd }: Io,
  colour: (text: string, colours: Colours) => string = (plain) => plain,
): void {
  const whole = text.endsWith('\n') ? text : `${text}\n`
  if (output === undefined) {
    out.write(colour(whole, coloursFor(out, env)))
    return
  }
  const bytes = new TextEncoder().encode(whole)
  try {
    writeFileAtomic(resolve(cwd, output), bytes)
  } catch (cause) {
    // Which file was wanted, and not the one that is written first and renamed.
    const [reason] = (cause as NodeJS.ErrnoException).message.split(', ')
    throw new Failure(`${output}: ${reason!}`, { cause })
  }
  err.write(`${output}: ${bytes.length.toLocaleString('en')} bytes\n`)
}
