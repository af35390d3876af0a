import type { Buffer } from '../../ir/plan'
import type { FuncType, Named, OperandsOf, OpName, ValType } from './opcodes'

/** The memory a module imports. A shared one must have a maximum. */
export interface MemoryOptions {
  readonly import: readonly [module: string, field: string]
  readonly minPages: number
  readonly maxPages?: number
  readonly shared?: boolean
}

/** Type of a function, and whether it is exported: under its own name, or under the one given. */
export interface FuncOptions extends Partial<FuncType> {
  readonly export?: boolean | string
  /** For people who read the text: what it does, one line each, and what its parameters are. */
  readonly doc?: readonly string[]
  readonly paramNames?: readonly (string | Buffer)[]
}

/** Takes the body of one function; several functions may be written in turns. */
export interface FuncBuilder {
  readonly name: string
  /** What `call` takes. */
  readonly index: number
  /** Declares a local, zero at first, and returns its index; at any time before `end`. Only the text has its name. */
  local(type: ValType, named?: Named): number
  /** Appends an instruction and returns the builder. */
  op<N extends OpName>(name: N, ...operands: OperandsOf<N>): FuncBuilder
  /** Comment in the text: a line before the statement that comes, or behind the one just written. */
  note(text: string, isBehind?: boolean): void
  /** Closes the function; blocks are closed with `op('end')`. */
  end(): void
}

/** Collects functions into one module, in binary or as text (`wat.ts`). */
export interface ModuleWriter {
  /** Returns the index for `call`. Imports are numbered first, so they come before any `func`. */
  importFunc(module: string, field: string, type: FuncType): number
  func(name: string, options?: FuncOptions): FuncBuilder
}
