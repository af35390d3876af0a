import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './blocks/folder'

const json = (file: string): object => JSON.parse(readFileSync(join(root, file), 'utf8')) as object

/** `a/{b,c}.ts` as a/b.ts and a/c.ts. */
const expanded = (pattern: string): string[] => {
  const [, before, words, after] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? []
  return words === undefined ? [pattern] : words.split(',').map((word) => `${before}${word}${after}`)
}

test('the reference covers every entry point that exports something', () => {
  const { exports } = json('package.json') as { exports: object }
  const { entryPoints } = json('typedoc.json') as { entryPoints: string[] }
  const names = Object.keys(exports).map((key) => (key === '.' ? 'index' : key.slice(2)))
  const wanted = names
    .filter((name) => name !== 'package.json' && !name.endsWith('-worker'))
    .map((name) => [`src/${name}.ts`, `src/${name}/index.ts`].find((file) => existsSync(join(root, file))))
  const covered = entryPoints.flatMap(expanded)
  expect(wanted.length).toBeGreaterThanOrEqual(7)
  expect(wanted.filter((file) => file === undefined || !covered.includes(file))).toEqual([])
})
