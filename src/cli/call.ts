import { Failure } from './failure'

// A function of one of these names makes what it is named after; any other may do anything, such as training for an hour.
const MAKERS = /^(?:program|model|network|net|default|(?:make|build|create)[A-Z]\w*)$/

type Callable = (...args: readonly unknown[]) => unknown
export const isCallable = (value: unknown): value is Callable => typeof value === 'function'

/** Whether a function may be called without being asked for by name. */
export const isMaker = (name: string, value: unknown): value is Callable =>
  isCallable(value) && MAKERS.test(name) && argumentsFor(value) !== undefined

/** A seed is the one argument that can be thought of for any model. */
function argumentsFor(callee: Callable): readonly unknown[] | undefined {
  const parameters = parametersOf(callee)
  if (callee.length === 0) return /^seed\b/.test(parameters) ? [0] : []
  return callee.length === 1 && /^seed\b/.test(parameters) ? [0] : undefined
}

/** The text between the brackets of a function, or the name of the one parameter of an arrow function. */
const parametersOf = (callee: Callable): string =>
  /^(?:async\s*)?(?:function\s*\*?\s*[\w$]*\s*)?\(?\s*([^)=]*)/.exec(String(callee))?.[1]?.trim() ?? ''

export interface Called {
  readonly value: unknown
  /** `program(0)`. */
  readonly label: string
}

/** Calls an exported function: with the given arguments, or with none, or a seed of 0 where it takes one. */
export async function callExport(name: string, callee: Callable, given?: readonly unknown[]): Promise<Called> {
  const args = given ?? argumentsFor(callee)
  if (!args)
    throw new Failure(
      `"${name}" takes arguments (${parametersOf(callee)}); give them as JSON, for example --args '[${'1, '.repeat(callee.length).slice(0, -2)}]'`,
    )
  const label = `${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`
  return { value: await callee(...args), label }
}
