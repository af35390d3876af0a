import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const text = ['training', 'loops', 'derivatives', 'data', 'models', 'graph-json', 'formats', 'onnx', 'keras']
  .map((name) => readFileSync(join(import.meta.dirname, '..', '..', 'docs', `${name}.md`), 'utf8'))
  .join('\n')
const blocks = (language: string): Map<string, string> =>
  new Map([...text.matchAll(new RegExp(`\`\`\`${language} (\\w+)\\n([^]*?)\`\`\``, 'g'))].map(([, name, body]) => [name!, body!])) // prettier-ignore
const [examples, outputs] = [blocks('ts'), blocks('text')]

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(import.meta.dirname, 'examples-'))
  for (const [name, body] of examples) writeFileSync(join(folder, `${name}.ts`), body)
})
afterAll(() => rmSync(folder, { recursive: true }))

test('each example shows what it prints', () => {
  expect(examples.size).toBeGreaterThanOrEqual(7)
  expect([...outputs.keys()]).toEqual([...examples.keys()])
})

test.each([...examples.keys()])('the example %s prints what is shown', async (name) => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => void lines.push(values.join(' ')))
  try {
    await import(join(folder, `${name}.ts`))
  } finally {
    log.mockRestore()
  }
  expect(`${lines.join('\n')}\n`.replace(/\.ts:\d+/g, '.ts')).toBe(outputs.get(name)!.replace(/\.ts:\d+/g, '.ts'))
})
