import { RuntimeError } from '../ir/errors'

let allowed: boolean | undefined

/** Whether this environment allows code from strings. Asked once: a page may report every try. */
export function allowsStrings(): boolean {
  if (allowed !== undefined) return allowed
  try {
    new Function('')
    allowed = true
  } catch {
    allowed = false
  }
  return allowed
}

/** Turns module text into its value. The one place where the library makes code from strings. */
export function evaluateModule(text: string, parameters: Readonly<Record<string, unknown>>): unknown {
  let make: (...values: readonly unknown[]) => unknown
  try {
    make = new Function(...Object.keys(parameters), `'use strict'\n${text}`) as typeof make
  } catch (error) {
    if (error instanceof EvalError || isPolicyError(error)) {
      throw new RuntimeError(
        'compile: this environment does not allow code from strings (a content security policy without unsafe-eval, or ' +
          'node --disallow-code-generation-from-strings). Generate the module where it is allowed with ' +
          "emit(program, { format: 'js' }) and import the file here: it contains plain code and needs no library.",
        { cause: error },
      )
    }
    throw error
  }
  return make(...Object.values(parameters))
}

const isPolicyError = (error: unknown): boolean =>
  error instanceof Error && /unsafe-eval|code generation from strings/i.test(error.message)
