import { type Made, type Require, requireFor } from './modules'
import { MODEL_FILE, toScript } from './script'

/** What a model left behind. */
export interface Evaluated {
  readonly exports: Readonly<Record<string, unknown>>
  readonly made: readonly Made[]
}

type Run = (require: Require, exports: Record<string, unknown>) => Promise<void>

/** Whether a policy lets this worker run text. */
export function allowsText(): boolean {
  try {
    return (new Function('return true') as () => boolean)()
  } catch {
    return false
  }
}

/** Runs a model, which may await. What it throws names `model.ts` and the line in its stack. */
export async function evaluateText(text: string): Promise<Evaluated> {
  return evaluated((0, eval)(wrapped(toScript(text))) as Run)
}

/** Runs a built-in model from its own file. */
export async function evaluateExample(name: string): Promise<Evaluated> {
  const address = new URL(/* @vite-ignore */ `../models/${name}.js`, import.meta.url)
  const { run } = (await import(/* @vite-ignore */ address.href)) as { readonly run: Run }
  return evaluated(run)
}

/** In front of the text on its first line, so that lines stay what they are. */
const wrapped = (script: string): string =>
  `(async function (require, exports) {${script}\n})\n//# sourceURL=${MODEL_FILE}`

async function evaluated(run: Run): Promise<Evaluated> {
  const exports: Record<string, unknown> = {}
  const made: Made[] = []
  await run(
    requireFor((found) => made.push(found)),
    exports,
  )
  return { exports, made }
}

/**
 * Where an engine finds a syntax error that the parser let pass, such as a name that is declared twice. Errors of `eval` do not
 * say where; those of a timer's text are reported with their line. The text is only compiled: nothing calls the function.
 */
export const syntaxErrorLine = (text: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    const done = (line: number | undefined): void => {
      self.removeEventListener('error', listen)
      resolve(line)
    }
    const listen = (event: ErrorEvent): void => {
      event.preventDefault()
      done(event.lineno)
    }
    self.addEventListener('error', listen)
    setTimeout(wrapped(toScript(text)))
    setTimeout(() => done(undefined), 50)
  })
