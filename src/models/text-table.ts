const BORDER = {
  top: ['┏', '━', '┳', '┓'],
  head: ['┡', '━', '╇', '┩'],
  row: ['├', '─', '┼', '┤'],
  bottom: ['└', '─', '┴', '┘'],
} as const

/** A table of lines of text as Keras draws it; cells may hold several lines. Columns that are `right` are numbers. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly boolean[],
): string[] {
  const lines = (cell: string): string[] => cell.split('\n')
  const widths = head.map((title, i) =>
    Math.max(...[title, ...rows.map((row) => row[i]!)].flatMap(lines).map(lengthOf)),
  )
  const border = ([left, line, cross, end]: (typeof BORDER)[keyof typeof BORDER]): string =>
    `${left}${widths.map((w) => line.repeat(w + 2)).join(cross)}${end}`
  const drawn = (cells: readonly string[], bar: string): string[] => {
    const parts = cells.map(lines)
    return Array.from({ length: Math.max(...parts.map((p) => p.length)) }, (_, k) => {
      const texts = parts.map((p, i) => {
        const [text, fill] = [p[k] ?? '', ' '.repeat(widths[i]! - lengthOf(p[k] ?? ''))]
        return right[i] ? fill + text : text + fill
      })
      return `${bar} ${texts.join(` ${bar} `)} ${bar}`
    })
  }
  return [
    border(BORDER.top),
    ...drawn(head, '┃'),
    border(BORDER.head),
    ...rows.flatMap((row, i) => [...(i === 0 ? [] : [border(BORDER.row)]), ...drawn(row, '│')]),
    border(BORDER.bottom),
  ]
}

/** In characters, not in the units that strings are made of. */
const lengthOf = (text: string): number => [...text].length
