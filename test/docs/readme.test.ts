import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Folder, readPages } from './blocks/folder'

const readme = readPages().find(({ path }) => path === 'README.md')!
const model = readme.programs.find(({ name }) => name === 'model')!
const folder = new Folder()
beforeAll(() => folder.write([readme]))
afterAll(() => folder.remove())

interface Model {
  readonly net: { readonly train: (feeds: { x: Float32Array; y: Int32Array }) => { loss: number } }
}

test('the example is at most 12 lines, its kernel 25, and it trains', async () => {
  const lines = (text: string): number => text.trimEnd().split('\n').length
  const [example, kernel] = model.parts
  expect(lines(example!.body)).toBeLessThanOrEqual(12)
  expect(lines(kernel!.printed!.body)).toBeLessThanOrEqual(25)
  const log = vi.spyOn(console, 'log').mockReturnValue(undefined)
  const { net } = (await import(folder.fileOf(model))) as Model
  log.mockRestore()
  const x = Float32Array.from({ length: 32 * 784 }, (_, i) => Math.sin(i))
  const y = Int32Array.from({ length: 32 }, (_, i) => i % 10)
  const first = net.train({ x, y }).loss
  for (let i = 0; i < 20; i++) net.train({ x, y })
  expect(net.train({ x, y }).loss).toBeLessThan(0.8 * first)
})
