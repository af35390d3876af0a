import { RuntimeError } from 'gradloom'
import { expect, it } from 'vitest'
import { loadPackage } from '../../src/formats/package'

it.each([
  ['no-such-package', 'no-such-package'],
  ['no-such-package/stream', 'no-such-package'],
  ['@no-such/package', '@no-such/package'],
  ['@no-such/package/stream', '@no-such/package'],
])('%s: what is to be installed is %s', async (module, name) => {
  const error: unknown = await loadPackage(module, 'reading').catch((e: unknown) => e)
  expect(error).toBeInstanceOf(RuntimeError)
  expect((error as Error).message).toBe(`reading: needs the package ${name}; install it by npm install ${name}`)
})
