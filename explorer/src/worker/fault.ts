import { placesOf } from '../../../src/ir/place'
import type { Fault } from '../protocol'
import { isModelFile } from './model-file'

/** An error that a parser gives a place to. */
interface Located {
  readonly loc?: { readonly line: number; readonly column: number }
}

/** What the page says of something that a model threw. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { message: `the model threw ${String(error)}` }
  const { loc } = error as Located
  if (error.name === 'SyntaxError' && loc)
    return { message: `SyntaxError: ${syntaxText(error.message)}`, line: loc.line, column: loc.column }
  return { message: `${error.name}: ${error.message}`, ...placeInStack(error.stack ?? '') }
}

/** Without what the parser says of its own task and of the place, which is shown otherwise. */
const syntaxText = (message: string): string =>
  message.replace(/^Error transforming [^:]*: /, '').replace(/ \(\d+:\d+\)$/, '')

/** The innermost line of the model in a stack. */
export function placeInStack(stack: string): Pick<Fault, 'line' | 'column'> {
  const found = placesOf(stack).find(({ file }) => isModelFile(file))
  return found ? { line: found.line, column: found.column } : {}
}
