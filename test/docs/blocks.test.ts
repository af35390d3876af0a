import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { format } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { commandsMissing, printedByCommands } from './blocks/commands'
import { Folder, readPages, root } from './blocks/folder'
import { BETWEEN, type Page, type Part, type Program } from './blocks/programs'
import { typeErrors } from './blocks/types'

const pages = readPages()
const programs = pages.flatMap((page) => page.programs)
const folder = new Folder()
beforeAll(() => folder.write(pages))
afterAll(() => folder.remove())

const UPDATES = process.env['UPDATE_DOCS'] === '1'

/** What each block of a program prints. */
async function printedBy(program: Program): Promise<string[]> {
  const blocks: string[] = ['']
  const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    if (values[0] === BETWEEN) blocks.push('')
    else blocks[blocks.length - 1] += `${format(...values)}\n`
  })
  try {
    await import(folder.fileOf(program))
  } finally {
    log.mockRestore()
  }
  // Generated code ends with a line break of its own.
  return blocks.map((text) => text.replace(/\n+$/, '\n'))
}

/** What blocks print now, by page; `npm run docs` writes it where the page shows it. */
const updates = new Map<Page, (readonly [span: Part['span'], now: string])[]>()
afterAll(() => {
  for (const [{ path, text }, found] of updates) {
    const sorted = found.sort(([a], [b]) => b[0] - a[0])
    writeFileSync(join(root, path), sorted.reduce((t, [[from, to], now]) => t.slice(0, from) + now + t.slice(to), text)) // prettier-ignore
  }
})

function compare(page: Page, parts: readonly Pick<Part, 'printed'>[], printed: readonly string[]): void {
  const shown = parts.map((p) => p.printed?.body ?? '')
  if (!UPDATES) return expect(printed, 'run: npm run docs').toEqual(shown)
  const found = parts.flatMap((p, i) => (p.printed ? [[p.printed.span, printed[i]!] as const] : []))
  updates.set(page, [...(updates.get(page) ?? []), ...found])
}

describe.each(pages.filter((p) => p.programs.length > 0))('$path', (page) => {
  test.each(page.programs)('$name prints what is shown', async (program) => {
    compare(page, program.parts, await printedBy(program))
  })

  test.each(page.commands.filter((c) => c.printed))('$body prints what is shown', async (command) => {
    compare(page, [command], [await printedByCommands(command.body, folder.folderOf(page.path))])
  })
})

test('every program type-checks', () => {
  expect(programs.length).toBeGreaterThan(30)
  expect(typeErrors(programs.map((p) => folder.fileOf(p))).map((line) => relative(folder.path, line))).toEqual([])
  // A program of its own for the compiler, which a busy machine makes slow.
}, 300_000)

test('what is not run is known by name', () => {
  expect(pages.flatMap((p) => p.unrun.map(({ reason }) => `${p.path}: ${reason}`))).toEqual(NOT_RUN)
})

test('files that stand on a page are loaded by a program of it', () => {
  for (const { path, files, programs } of pages)
    for (const name of files.keys())
      expect(
        programs.some((p) => p.parts.some(({ body }) => body.includes(`./${name}`))),
        `${path}: ${name}`,
      ).toBe(true)
})

test('commands exist', () => {
  expect(
    pages.flatMap((p) => p.commands.flatMap((c) => commandsMissing(c.body).map((m) => `${p.path}: ${m}`))),
  ).toEqual([])
})

/** Blocks that are shown only. Another one belongs here, with its reason, only if nothing can run it. */
const NOT_RUN: readonly string[] = [
  'docs/architecture.md: a drawing',
  'docs/architecture.md: half of its rows are left out',
  'docs/inspect.md: times are those of a machine',
]
