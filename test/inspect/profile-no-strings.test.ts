import { expect, test, vi } from 'vitest'
import { compile, entry, mean, square, tensor } from 'gradloom'
import { profile } from 'gradloom/inspect'

vi.mock('../../src/runtime/evaluate', () => ({
  allowsStrings: () => false,
  evaluateModule: () => {
    throw new Error('code from a string')
  },
}))
vi.spyOn(console, 'info').mockReturnValue(undefined)

test('a profile needs no code from strings', async () => {
  const run = compile(
    entry({ x: tensor([4]) }, ({ x }) => ({ outputs: { y: mean(square(x)) } })),
    { target: 'wasm' },
  )
  const { kernels } = await profile(run, { feeds: { x: [1, 2, 3, 4] }, steps: 2, warmup: 1 })
  expect(kernels.map((k) => k.calls)).toEqual([1])
})
