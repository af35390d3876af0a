import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The file of that name in a folder or the nearest one above it. */
export function nearest(name: string, folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name)
    if (existsSync(path)) return path
    if (dirname(at) === at) return undefined
  }
}
