import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { source } from 'gradloom/inspect'

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)![1]!

// The model is imported as the file a reader would make of it.
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(import.meta.dirname, 'readme-'))
  writeFileSync(join(folder, 'model.ts'), block('ts'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Model {
  readonly net: { readonly train: (feeds: { x: Float32Array; y: Int32Array }) => { loss: number } }
}

test('the example is at most 12 lines, trains, and has the kernel shown', async () => {
  expect(block('ts').trimEnd().split('\n').length).toBeLessThanOrEqual(12)
  const { net } = (await import(join(folder, 'model.ts'))) as Model
  const x = Float32Array.from({ length: 32 * 784 }, (_, i) => Math.sin(i))
  const y = Int32Array.from({ length: 32 }, (_, i) => i % 10)
  const first = net.train({ x, y }).loss
  for (let i = 0; i < 20; i++) net.train({ x, y })
  expect(net.train({ x, y }).loss).toBeLessThan(0.8 * first)
  const text = source(net.train, { of: 'd_W1', bindings: { B: 32 } })
  expect(text.replace(/model\.ts:\d+/, 'model.ts')).toBe(block('js').replace(/model\.ts:\d+/, 'model.ts'))
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
})
