import { expect, test, vi } from 'vitest'

// An environment that forbids code from strings: WebAssembly runs there, and feeding it must be the same.
vi.mock('../src/runtime/evaluate', () => ({
  allowsStrings: () => false,
  evaluateModule: () => {
    throw new Error('code from a string')
  },
}))
const said = vi.spyOn(console, 'info').mockReturnValue(undefined)

await import('./bad-input.test')
await import('./state.test')

test('says once that it takes the long way', () => {
  expect(said.mock.calls.filter(([text]) => String(text).includes('code from strings'))).toHaveLength(1)
})
