import { expect, test, vi } from 'vitest'
import { MLP } from './models'
import { project } from './project'

vi.mock('../../src/formats/package', () => ({
  // As Node rejects it where the package is not installed.
  importOptional: (module: string) =>
    Promise.reject(Object.assign(new Error(`Cannot find package '${module}'`), { code: 'ERR_MODULE_NOT_FOUND' })),
}))

test('TypeScript without tsx is refused with what is to be installed', async () => {
  const here = project({ 'mlp.ts': MLP })
  const { code, out, err } = await here.run(['inspect', 'mlp.ts'])
  here.remove()
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^error: \S*mlp.ts is TypeScript, which needs the package tsx; install it by npm install tsx\n$/)
})
