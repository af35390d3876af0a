import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { siteOf } from './failure'

/**
 * What is wrong with the text of a module, and where; undefined for other errors. `file` is the module that was imported, which
 * need not be the one at fault.
 */
export function syntaxFault(error: unknown, file: string): string | undefined {
  if (!(error instanceof Error)) return undefined
  const faults = [...error.message.matchAll(/^(.+):(\d+):(\d+): ERROR: (.*)$/gm)]
  if (/^Transform failed/.test(error.message) && faults.length > 0)
    return faults.map(([, path, line, column, text]) => pointed(path!, Number(line), Number(column), text!)).join('\n')
  // One that arises in a line that runs is of what that line reads, such as JSON.
  if (!(error instanceof SyntaxError) || siteOf(error) !== undefined) return undefined
  // What Node says of it to a program has no place; what it says to people has.
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' })
  const [, place, code, mark] = /^(.*:\d+)\n(.*)\n(\s*\^+)\n/m.exec(stderr) ?? []
  return place === undefined
    ? `${error.message}, in ${file} or what it imports`
    : `${place}: ${error.message}\n  ${code}\n  ${mark}`
}

/** A message with the line that it is about; columns count from 0. */
function pointed(path: string, line: number, column: number, text: string): string {
  const message = `${path}:${line}:${column + 1}: ${text}`
  try {
    const code = readFileSync(path, 'utf8').split('\n')[line - 1]
    return code === undefined ? message : `${message}\n  ${code}\n  ${' '.repeat(column)}^`
  } catch {
    // It was not read from a file of that name.
    return message
  }
}
