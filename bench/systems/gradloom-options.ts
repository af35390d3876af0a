import type { CompileOptions } from 'gradloom'
import type { Contender } from './contender'

/** The one place that turns a contender into what `compile` is asked for. */
export function compileOptions({ target, threads }: Contender): CompileOptions {
  if (target !== 'js' && target !== 'wasm') throw new Error(`gradloom has no target ${target}`)
  return { target, threads }
}
