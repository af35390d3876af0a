import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import prettier from 'prettier'

const folder = join(import.meta.dirname, '..', '..', 'docs')

/** A bar ends a cell, in code too. */
const cell = (text: string): string => text.replaceAll('|', '\\|')
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
export const code = (text: string): string => `\`${text}\``

export interface Kept {
  readonly found: string
  readonly wanted: string
}
/** The document as it lies in docs/, beside what it should be; written first where UPDATE_DOCS is 1. */
export async function kept(name: string, parts: readonly string[]): Promise<Kept> {
  const path = join(folder, name)
  const options = await prettier.resolveConfig(path)
  const wanted = await prettier.format(parts.join('\n\n'), { ...options, parser: 'markdown', proseWrap: 'always' })
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, wanted)
  let found = ''
  try {
    found = readFileSync(path, 'utf8')
  } catch {
    // A document that is missing differs.
  }
  return { found, wanted }
}
export const MADE = 'This file is made by `npm run docs` from the code and measured values; do not edit it.'
