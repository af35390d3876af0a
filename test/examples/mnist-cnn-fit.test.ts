import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse, run } from '../../examples/mnist-cnn-fit'

const out = mkdtempSync(join(tmpdir(), 'gradloom-fit-'))
afterAll(() => rmSync(out, { recursive: true }))

test('mnist-cnn-fit learns within a few batches, the same each time', async () => {
  const options = { seeds: [1], epochs: 1, batches: 150, out, print: () => undefined }
  const result = await run(options)
  expect(result.accuracy).toBeGreaterThan(0.85)
  expect(result.heldOut).toBe(2000)
  expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toEqual(result)
  expect(readFileSync(join(out, 'train.plain.js'), 'utf8')).toMatch(/conv2d_kernel/)
  expect((await run({ ...options, batches: 20 })).accuracy).toBe((await run({ ...options, batches: 20 })).accuracy)
  expect(parse(['--short', '--seeds', '1,2'])).toEqual({ seeds: [1, 2], epochs: 1, batches: 100 })
})
