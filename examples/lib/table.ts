import { readPackageFile } from './package-file'

/** The rows of "package/file.csv", each a text for each column. Fields have no quotes in them. */
export function readTable<const C extends string>(
  file: string,
  columns: readonly C[],
  from: string = import.meta.url,
): Record<C, string>[] {
  const [head, ...lines] = readPackageFile(file, from).trim().split(/\r?\n/)
  const places = columns.map((name) => {
    const at = head!.split(',').indexOf(name)
    if (at < 0) throw new Error(`${file} has no column ${name}`)
    return at
  })
  return lines.map((line) => {
    const fields = line.split(',')
    return Object.fromEntries(columns.map((name, i) => [name, fields[places[i]!]!])) as Record<C, string>
  })
}
