import * as gradloom from 'gradloom'
import * as formats from 'gradloom/formats'
import * as inspect from 'gradloom/inspect'
import * as nn from 'gradloom/nn'
import { nearest } from './nearest'

/** A program that the model made, and the named dimensions of its entries. */
export interface Made {
  readonly program: object
  readonly dims: Readonly<Record<string, readonly string[]>>
}

export type Require = (name: string) => object

/** What a model may import. Every program that it compiles is handed to `made`, also where it is not exported. */
export function requireFor(made: (found: Made) => void): Require {
  const watched = <F extends (entries: never, options?: gradloom.CompileOptions) => unknown>(compile: F) =>
    ((entries: never, options?: gradloom.CompileOptions) => {
      const result = compile(entries, options)
      const note = (program: object): object => {
        made({ program, dims: dimsOf(entries) })
        return program
      }
      return result instanceof Promise ? result.then(note) : note(result as object)
    }) as F
  const modules: Readonly<Record<string, object>> = {
    gradloom: { ...gradloom, compile: watched(gradloom.compile), compileAsync: watched(gradloom.compileAsync) },
    'gradloom/formats': formats,
    'gradloom/inspect': inspect,
    'gradloom/nn': nn,
  }
  return (name) => {
    const found = Object.hasOwn(modules, name) ? modules[name] : undefined
    if (found) return checked(name, found)
    throw new Error(`"${name}" cannot be imported here; models may import ${Object.keys(modules).join(', ')}`)
  }
}

/** A module that says what it lacks: without that a misspelt name is undefined until it is called. */
const checked = (module: string, exports: object): object =>
  new Proxy(exports, {
    get(_, name) {
      if (name === '__esModule') return true
      if (typeof name === 'symbol' || Object.hasOwn(exports, name)) return Reflect.get(exports, name)
      const close = nearest(name, Object.keys(exports))
      throw new Error(`${module} has no "${name}"${close === undefined ? '' : `; did you mean ${close}?`}`)
    },
  })

/** The dimensions in the order in which the inputs name them; of a single entry under `main`. */
function dimsOf(entries: unknown): Record<string, readonly string[]> {
  const of = (entry: unknown): readonly string[] => {
    const inputs = Object.values((entry as gradloom.Entry).inputs as Record<string, gradloom.Spec>)
    return [...new Set(inputs.flatMap(({ dims }) => dims.filter((d) => typeof d === 'string')))]
  }
  const isEntry = typeof (entries as Partial<gradloom.Entry>).body === 'function'
  const list: [string, unknown][] = isEntry ? [['main', entries]] : Object.entries(entries as object)
  return Object.fromEntries(list.map(([name, entry]) => [name, of(entry)]))
}
