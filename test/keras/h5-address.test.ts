import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { addressOf } from '../../src/keras/h5/address'

// prettier-ignore
it.skipIf(process.platform === 'win32').each([
  '/a/dist/keras.cjs', '/a#b/dist/keras.cjs', '/a?b/dist/keras.cjs', '/a%41b/dist/keras.cjs', '/50%/dist/keras.cjs',
  '/my lib/ü/漢/dist/keras.cjs', '/a\\b/dist/keras.cjs', '/a\nb\tc\rd/dist/keras.cjs', '/a;b&c=d+e~f^g|h`i"j<k>/dist/keras.cjs',
])('beside %j lies what lies beside it', (path) => {
  expect(fileURLToPath(new URL('./h5-worker.cjs', addressOf(path)))).toBe(`${dirname(path)}/h5-worker.cjs`)
})

it('a drive is no folder with a backslash in its name', () => {
  expect(new URL('./h5-worker.cjs', addressOf('C:\\a b\\50%\\keras.cjs')).href).toBe(
    'file:///C:/a%20b/50%25/h5-worker.cjs',
  )
})
