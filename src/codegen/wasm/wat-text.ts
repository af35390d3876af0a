import { commentText } from '../names'
import { LINE_WIDTH } from '../../ir/text'
import { commentLines } from '../text'

/** An instruction with its operands, a block with its statements, or a line of comment. */
export interface Node {
  /** What stands behind the parenthesis, or a comment. */
  readonly head: string
  /** In order of running; one of no value is a statement that runs between two operands. */
  readonly operands: readonly Node[]
  /** Of a block: `then` and `else` for an if, else a single nameless one. */
  readonly parts?: readonly Part[]
  /** On its own, or behind the statement that is its operand. */
  readonly isComment?: boolean
  /** What it leaves on the stack. */
  readonly values: number
  /** The whole of it, where that may fit on a line. */
  readonly flat?: string
}

export interface Part {
  readonly name?: 'then' | 'else'
  readonly body: Node[]
}

export function instruction(head: string, operands: readonly Node[], values: number): Node {
  let flat = `(${head}`
  for (const o of operands) {
    if (o.flat === undefined || flat.length + o.flat.length > LINE_WIDTH) return { head, operands, values }
    flat += ` ${o.flat}`
  }
  return { head, operands, values, flat: `${flat})` }
}

export const comment = (text: string): Node => ({ head: text, operands: [], values: 0, isComment: true })

/** A statement with a comment behind it, or before it if both do not fit on a line. */
export const remarked = (node: Node, text: string): Node => ({
  head: text,
  operands: [node],
  values: node.values,
  isComment: true,
})

/**
 * An instruction or a block as lines, in which operands that do not fit beside their reader are indented below it. `closing`
 * parentheses will follow.
 */
export function linesOf(node: Node, pad: string, closing = 0): string[] {
  const { head, operands, parts, flat } = node
  if (node.isComment) {
    const lines = listLines(operands, pad, 0)
    const line = `${lines[0]} ;; ${commentText(head)}`
    return lines.length === 1 && line.length <= LINE_WIDTH ? [line] : [...commentLines(head, `${pad};; `), ...lines]
  }
  if (flat !== undefined && pad.length + flat.length + closing <= LINE_WIDTH) return [pad + flat]
  const inner = `${pad}  `
  let first = `${pad}(${head}`
  let beside = 0
  for (; beside < operands.length - (parts ? 0 : 1); beside++) {
    const o = operands[beside]!
    if (!o.flat || (!parts && o.operands.length > 0) || first.length + o.flat.length >= LINE_WIDTH) break
    first += ` ${o.flat}`
  }
  const lines = [first, ...listLines(operands.slice(beside), inner, parts ? 0 : closing + 1)]
  for (const { name, body } of parts ?? []) {
    if (name === undefined) lines.push(...listLines(body, inner, closing + 1))
    else lines.push(...close([`${inner}(${name}`, ...listLines(body, `${inner}  `, closing + 2)], inner))
  }
  return close(lines, pad)
}

/** One below the other, with parentheses to follow the last. */
export const listLines = (nodes: readonly Node[], pad: string, closing: number): string[] =>
  nodes.flatMap((node, i) => linesOf(node, pad, i === nodes.length - 1 ? closing : 0))

/** A parenthesis behind the last line, but not inside a comment. */
export function close(lines: string[], pad: string): string[] {
  const last = lines.pop()!
  return [...lines, ...(last.includes(';;') ? [last, `${pad})`] : [`${last})`])]
}

/** Items side by side, in as many lines as they need. */
export function wrapped(items: readonly string[], pad: string): string[] {
  const lines: string[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + item.length <= LINE_WIDTH) lines[lines.length - 1] = `${last} ${item}`
    else lines.push(pad + item)
  }
  return lines
}
