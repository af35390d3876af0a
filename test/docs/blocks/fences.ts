/** A block of code on a page: between fences, or in a comment, where it is run and not shown. */
export interface Fence {
  readonly language: string
  /** What stands behind the language. */
  readonly info: string
  readonly body: string
  readonly hidden: boolean
  /** Of its first line; lines count from 1. */
  readonly line: number
  /** Where the body lies in the text of the page. */
  readonly span: readonly [from: number, to: number]
}

const OPEN = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)\s*([^`]*)$/
const HIDDEN = /^<!--\s*(ts|js)\b\s*(.*)$/
const LIST = /^\s*(?:[-*+]|\d+[.)])\s/

/** Every block of a page, in order. Code that is only indented has no language and is refused, and so is an open fence. */
export function fencesOf(page: string, text: string): Fence[] {
  const lines = text.split('\n')
  const starts: number[] = []
  let sum = 0
  for (const line of lines) {
    starts.push(sum)
    sum += line.length + 1
  }
  const found: Fence[] = []
  let inList = false
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const [fence, comment] = [OPEN.exec(line), HIDDEN.exec(line)]
    if (fence ?? comment) {
      const ends = fence ? (l: string): boolean => l.trim().startsWith(fence[1]!) : (l: string): boolean => l === '-->'
      const end = lines.findIndex((l, k) => k > i && ends(l))
      if (end < 0) throw new Error(`${page}:${i + 1}: a block that does not end`)
      const span = [starts[i + 1]!, starts[end]!] as const
      const [language, info] = fence ? [fence[2]!, fence[3]!] : [comment![1]!, comment![2]!]
      found.push({ language, info: info.trim(), body: text.slice(...span), hidden: !fence, line: i + 2, span })
      i = end
    } else if (line.startsWith('    ') && line.trim() !== '') {
      if (!inList && (lines[i - 1] ?? '').trim() === '')
        throw new Error(`${page}:${i + 1}: code that is indented only; put it between fences`)
    } else if (line.trim() !== '' && (LIST.test(line) || !line.startsWith(' '))) inList = LIST.test(line)
  }
  return found
}
