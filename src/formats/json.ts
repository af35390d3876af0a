import { FormatError, quoted } from './error'

const UTF8 = new TextDecoder('utf-8', { fatal: true })
const MAX_DEPTH = 128
const MARKS = new Set('{}[]:,')

/**
 * The value of a JSON text that nobody vouches for. Throws a FormatError for what is no JSON, for a key that an object has twice
 * or that is `__proto__`, for nesting deeper than `maxDepth` and for a number beyond float64: `JSON.parse` would hide the first, and
 * what walks the value would fail at the others.
 */
export function parseJson(format: string, source: string | Uint8Array, maxDepth = MAX_DEPTH): unknown {
  const text = typeof source === 'string' ? source : decoded(format, source)
  checkTokens(format, text, maxDepth)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new FormatError(format, `it is no JSON: ${(error as Error).message.slice(0, 120)}`, undefined, {
      cause: error,
    })
  }
  checkJson(format, value, maxDepth)
  return value
}

/** Throws a FormatError for a value that no JSON text of reasonable depth has. Without recursion: it may be deep. */
export function checkJson(format: string, value: unknown, maxDepth = MAX_DEPTH): void {
  const stack: (readonly [value: unknown, depth: number])[] = [[value, 0]]
  while (stack.length > 0) {
    const [top, depth] = stack.pop()!
    if (typeof top === 'number' && !Number.isFinite(top)) throw new FormatError(format, `a number is ${top}`)
    if (top === null || ['number', 'string', 'boolean'].includes(typeof top)) continue
    if (typeof top !== 'object') throw new FormatError(format, `a value is ${typeof top}, which JSON does not have`)
    if (depth === maxDepth) throw new FormatError(format, `it is nested deeper than ${maxDepth}`)
    for (const inner of Object.values(top)) stack.push([inner, depth + 1])
  }
}

function decoded(format: string, bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch (error) {
    throw new FormatError(format, 'it is no UTF-8 text', undefined, { cause: error })
  }
}

/** Keys and depth of a text; whatever else is wrong with it `JSON.parse` says. */
function checkTokens(format: string, text: string, maxDepth: number): void {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  let lastAt = 0
  for (const [token, index] of tokensOf(text)) {
    const keys = open.at(-1)
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined)
      if (open.length > maxDepth)
        throw new FormatError(format, `it is nested deeper than ${maxDepth} at character ${index}`, index)
    } else if (token === '}' || token === ']') open.pop()
    else if (token === ':' && keys && last.startsWith('"')) checkKey(format, last, lastAt, keys)
    last = token
    lastAt = index
  }
}

/** Strings and marks with their places. Not by a pattern: engines keep a way back for each letter of a string. */
function* tokensOf(text: string): Generator<readonly [token: string, index: number]> {
  for (let at = 0; at < text.length; at++) {
    const start = at
    if (MARKS.has(text[at]!)) yield [text[at]!, at]
    if (text[at] !== '"') continue
    for (at++; at < text.length && text[at] !== '"';) at += text[at] === '\\' ? 2 : 1
    yield [text.slice(start, at + 1), start]
  }
}

function checkKey(format: string, token: string, at: number, keys: Set<string>): void {
  let key: string
  try {
    key = JSON.parse(token) as string
  } catch {
    return
  }
  if (keys.has(key)) throw new FormatError(format, `the key ${quoted(key)} stands twice, at character ${at}`, at)
  if (key === '__proto__') throw new FormatError(format, `the key "__proto__" at character ${at} is refused`, at)
  keys.add(key)
}
