import { type OperandInfo, opcodes, type OpName, type ValType } from './opcodes'

/** The validation algorithm of the wasm specification, run as the instructions are appended. */
export class StackCheck {
  /** Undefined is a value of unknown type, which only unreachable code has. */
  private readonly stack: (ValType | undefined)[] = []
  /** Open blocks, the function first. Values below `height` are out of a block's reach. */
  readonly frames: { kind: OpName; results: readonly ValType[]; height: number; unreachable: boolean }[] = []

  /** The values of the innermost block. */
  toString(): string {
    const types = this.stack.slice(this.frames.at(-1)?.height)
    return `[${types.map((type) => type ?? 'any').join(' ')}]`
  }

  /** Enters a block; the first one is the function. */
  open(kind: OpName, results: readonly ValType[]): void {
    this.frames.push({ kind, results, height: this.stack.length, unreachable: false })
  }

  /** Takes the next instruction. */
  apply(name: OpName, { type = { params: [], results: [] }, local, depth }: OperandInfo): void {
    const { params, results } = opcodes[name]
    const frame = this.top()
    let open = local
    for (const param of params.toReversed()) {
      if (param === 'T') open = this.pop(open) ?? open
      else this.pop(param)
    }
    const target = this.frames.at(name === 'return' ? 0 : -1 - (depth ?? 0))
    if (!target) throw new Error(`no label ${depth}, there are ${this.frames.length}`)
    // A branch to a loop goes to its start, which takes nothing.
    const label = (depth === undefined && name !== 'return') || target.kind === 'loop' ? [] : target.results
    this.popAll([...label, ...type.params])
    if (name === 'block' || name === 'loop' || name === 'if') this.open(name, type.results)
    else if (name === 'else' || name === 'end') this.close(name)
    else if (name === 'br' || name === 'return') {
      this.stack.length = frame.height
      frame.unreachable = true
    } else this.stack.push(...label, ...type.results)
    for (const result of results) this.stack.push(result === 'T' ? open : result)
  }

  private top() {
    const frame = this.frames.at(-1)
    if (!frame) throw new Error('the function has ended')
    return frame
  }

  private close(name: 'else' | 'end'): void {
    const { kind, results, height } = this.top()
    this.popAll(results)
    const left = this.stack.length - height
    if (left > 0) throw new Error(`${left} more on the stack than the block's results [${results.join(' ')}]`)
    if (name === 'else' && kind !== 'if') throw new Error("no 'if' to continue")
    if (name === 'end' && kind === 'if' && results.length > 0) throw new Error("this 'if' needs an 'else'")
    this.frames.pop()
    if (name === 'else') this.open(name, results)
    else this.stack.push(...results)
  }

  private pop(expected?: ValType): ValType | undefined {
    const { height, unreachable } = this.top()
    if (this.stack.length === height && unreachable) return expected
    if (this.stack.length === height) throw new Error(`expected ${expected ?? 'a value'}, found nothing`)
    const found = this.stack.pop()
    if (expected && found && found !== expected) throw new Error(`expected ${expected}, found ${found}`)
    return found
  }

  private popAll(types: readonly ValType[]): void {
    for (const type of types.toReversed()) this.pop(type)
  }
}
