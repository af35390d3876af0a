/** A model is wrong: thrown while the graph is built, before anything is compiled or run. */
export class GraphError extends Error {
  override readonly name = 'GraphError'
}

/** A feed or a state value is wrong: thrown before the step touches any state. */
export class FeedError extends Error {
  override readonly name = 'FeedError'
}

/** An operand of a tensor in which a guarded program found a NaN or an infinity. */
export interface OperandValue {
  /** Its name, or its formula where it has none. */
  readonly name: string
  /** Where it was read and what it held there, if a point of the result reads a single point of it. */
  readonly index?: readonly number[]
  readonly value?: number
  /** What the message says of it: the value, or what the whole tensor holds. */
  readonly text: string
}

/** Where a guarded program found the first NaN or infinity. */
export interface NonFiniteReport {
  /** The name of the tensor: the user's, else as `source` prints it. For `update` the variable that would be written. */
  readonly tensor: string
  readonly index: readonly number[]
  /** NaN, Infinity or -Infinity. */
  readonly value: number
  /** What it was found in; `input` and `state` are what the step was given. */
  readonly part: 'input' | 'state' | 'forward' | 'backward' | 'update'
  /** How it was computed; absent for what the step was given. */
  readonly formula?: string
  /** The user's line, `file:line`, if it was recorded. */
  readonly site?: string
  readonly operands: readonly OperandValue[]
}

/** A program compiled with `guard: true` met a NaN or an infinity. State is as it was before the step. */
export class NonFiniteError extends Error implements NonFiniteReport {
  override readonly name = 'NonFiniteError'
  readonly tensor: string
  readonly index: readonly number[]
  readonly value: number
  readonly part: NonFiniteReport['part']
  readonly formula?: string
  readonly site?: string
  readonly operands: readonly OperandValue[]

  constructor(message: string, report: NonFiniteReport) {
    super(message)
    const { tensor, index, value, part, formula, site, operands } = report
    this.tensor = tensor
    this.index = index
    this.value = value
    this.part = part
    if (formula !== undefined) this.formula = formula
    if (site !== undefined) this.site = site
    this.operands = operands
  }
}

/** The environment cannot run what was asked for, for example where code from strings is not allowed. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
}
