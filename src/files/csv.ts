// Records of values that may hold anything. Source: RFC 4180.

/** A line, with values in quotes where they need them. */
export const recordText = (record: readonly string[], separator: string): string =>
  `${record.map((v) => (/["\r\n]/.test(v) || v.includes(separator) ? `"${v.replaceAll('"', '""')}"` : v)).join(separator)}\r\n`

/** The values of the first line. */
export function firstRecord(text: string, separator: string): readonly string[] {
  const values: string[] = []
  let value = ''
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (isQuoted) {
      if (c !== '"') value += c
      else if (text[i + 1] === '"') value += text[++i]!
      else isQuoted = false
    } else if (c === '"') isQuoted = true
    else if (c === '\r' || c === '\n') break
    else if (c === separator) {
      values.push(value)
      value = ''
    } else value += c
  }
  return [...values, value]
}
