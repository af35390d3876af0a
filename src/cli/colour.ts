import { createColors } from 'picocolors'
import type { Io, Sink } from './io'

export type Colours = ReturnType<typeof createColors>

/** Colours for a terminal; pipes and files get plain text, and so does whoever sets NO_COLOR. */
export function coloursFor(sink: Sink, env: Io['env']): Colours {
  const isWanted = sink.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  return createColors(isWanted)
}

/** Code whose comments, where formulas stand, are told from the rest. */
export const codeColoured = (text: string, { cyan }: Colours): string =>
  text.replace(/^([^\S\n]*)((?:\/\/|;;).*)$/gm, (_, pad: string, comment: string) => `${pad}${cyan(comment)}`)

/** A unified diff. */
export const diffColoured = (text: string, { bold, cyan, green, red }: Colours): string =>
  text
    .split('\n')
    .map((line) =>
      /^(?:\+\+\+|---) /.test(line)
        ? bold(line)
        : line.startsWith('@@')
          ? cyan(line)
          : line.startsWith('+')
            ? green(line)
            : line.startsWith('-')
              ? red(line)
              : line,
    )
    .join('\n')

/** A table below its heading; names of kernels, which stand before their costs, are told from the rest. */
export const tableColoured = (text: string, { bold, cyan }: Colours): string =>
  text.replace(/^.*/, (heading) => bold(heading)).replace(/^\w+(?= {3}[\d.]+ \w*flop)/gm, (name) => cyan(name))
