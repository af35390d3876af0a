import { GraphError } from '../ir/errors'

const MOST_LETTERS = 1000
const MOST_REPEATS = 2

/**
 * A pattern of a configuration. Configurations come from files, and a pattern can be made to try for ever: repeats are few and
 * none is of a group. Throws a GraphError for others, and for what is no pattern.
 */
export function filePattern(what: string, source: string, flags: string): RegExp {
  const plain = source.replace(/\\./gs, '_').replace(/\[[^\]]*\]/g, '_')
  const repeats = plain.match(/[*+{]/g)?.length ?? 0
  if (source.length > MOST_LETTERS || repeats > MOST_REPEATS || /\)[*+{]/.test(plain))
    throw new GraphError(
      `${what}: no configuration holds the pattern ${JSON.stringify(source.slice(0, 80))}: one of at most ${MOST_LETTERS} letters ` +
        `and ${MOST_REPEATS} repeats, none of them of a group, is known to end; give names instead`,
    )
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new GraphError(`${what}: ${JSON.stringify(source.slice(0, 80))} is no pattern`, { cause: error })
  }
}
