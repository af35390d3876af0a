import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { UsageError } from './command'

/** The text of "package/path", as the module of that URL would find it. */
export function readPackageFile(file: string, from: string): string {
  let path: string
  try {
    path = createRequire(from).resolve(file)
  } catch {
    const name = /^(@[^/]+\/)?[^/]+/.exec(file)![0]
    throw new UsageError(`cannot find ${file}: the data come from the npm package "${name}"; run npm install`)
  }
  return readFileSync(path, 'utf8')
}
