import { describe, expect, it } from 'vitest'
import { deleteBytes, downloadBytes, fromBlob, getBytes, listBytes, putBytes, toBlob } from '../../src/formats/storage'
import { RuntimeError } from '../../src/ir/errors'

// What IndexedDB does with them is in test/browser.
describe('the storage of a browser', () => {
  it('is an error that says so where there is none', async () => {
    const bytes = Uint8Array.of(1)
    for (const [name, run] of Object.entries({
      putBytes: () => putBytes('a', bytes),
      getBytes: () => getBytes('a'),
      deleteBytes: () => deleteBytes('a'),
      listBytes,
    })) {
      await expect(run()).rejects.toThrow(RuntimeError)
      await expect(run()).rejects.toThrow(`${name}: there is no IndexedDB here`)
    }
    expect(() => downloadBytes(bytes, 'a.bin')).toThrow('downloadBytes: there is no page here')
  })

  it('gives back what became a Blob', async () => {
    const part = Uint8Array.of(9, 1, 2, 3).subarray(1)
    const blob = toBlob(part, 'image/png')
    expect([blob.type, blob.size, await fromBlob(blob)]).toEqual(['image/png', 3, Uint8Array.of(1, 2, 3)])
  })
})
