import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { pagePaths, root } from './blocks/folder'
import { moduleOf, pageOf } from './blocks/programs'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
/** What links of a page lead to, as paths from the root, with what stands behind a #. */
const linksOf = (path: string): { readonly to: string; readonly anchor: string | undefined }[] =>
  [...read(path).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, to, anchor]) => ({
    to: to === '' ? path : relative(root, join(root, dirname(path), to!)),
    anchor,
  }))
const anchorsOf = (path: string): string[] =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map(
    ([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'), // prettier-ignore
  )

describe('links', () => {
  it.each(pagePaths())('of %s lead somewhere', (path) => {
    for (const { to, anchor } of linksOf(path)) {
      expect(existsSync(join(root, to)), to).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(to), `${to}#${anchor}`).toContain(anchor)
    }
  })

  it('docs/README.md lists every page once, and README.md leads there', () => {
    const pages = pagePaths().filter((path) => path !== 'README.md' && path !== 'docs/README.md')
    const listed = linksOf('docs/README.md').map(({ to }) => to)
    expect(listed.filter((to) => to.startsWith('docs/')).sort()).toEqual(pages)
    expect(linksOf('README.md').map(({ to }) => to)).toContain('docs/README.md')
  })

  it.each(pagePaths())('files that %s names are there', (path) => {
    const named = [...read(path).matchAll(/`((?:docs|examples|src|test)\/[\w./-]+\.(?:md|ts|json))`/g)].map(
      ([, f]) => f!,
    )
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})

describe('a page', () => {
  const [fence, hidden] = [
    (info: string, body = 'f()') => `\`\`\`${info}\n${body}\n\`\`\`\n`,
    '<!--ts a\nconst x = 1\n-->\n',
  ]
  test.each([
    ['a block without a language', fence('')],
    ['a language that nothing runs', fence('wat')],
    ['words that say nothing', fence('ts name what ever')],
    ['text that nothing prints', fence('text prints')],
    ['text that is printed twice', fence('ts') + fence('text prints') + fence('text prints')],
    ['text behind a block that is not run', fence('ts') + fence('ts not run: why') + fence('text prints')],
    ['no reason', fence('ts not run:')],
    ['code that is only indented', 'As in\n\n    f()\n'],
    ['a block without an end', '```ts\nf()\n'],
    ['a name that is taken', fence('ts a') + fence('ts a')],
    ['a program that goes on and did not begin', fence('ts a') + fence('ts b continued')],
  ])('with %s is refused', (_, text) => expect(() => pageOf('page.md', text)).toThrow(/^page\.md:\d+: /))

  it('is programs of blocks in order, what is hidden among them', () => {
    const text =
      hidden + fence('ts a continued') + fence('text prints', '1') + fence('ts') + fence('ts continued', 'g()')
    const { programs } = pageOf('docs/page.md', text + fence('js w.js') + fence('sh', 'npm test'))
    expect(programs.map((p) => [p.name, p.parts.length])).toEqual([['a', 2], ['page-2', 2]]) // prettier-ignore
    expect(moduleOf(programs[0]!)).toBe('const x = 1\nconsole.log("--- next block ---")\nf()\n')
    expect(programs[0]!.parts.map((p) => p.printed?.body)).toEqual([undefined, '1\n'])
  })
})
