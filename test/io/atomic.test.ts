import { execFile, execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest'
import { writeFileAtomic } from '../../src/io/atomic'

// Each of these behaves as it does in Node until a test makes it fail.
vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof fs>()
  return {
    ...real,
    writeSync: vi.fn(real.writeSync),
    fsyncSync: vi.fn(real.fsyncSync),
    renameSync: vi.fn(real.renameSync),
    rmSync: vi.fn(real.rmSync),
  }
})

type Mocked = 'writeSync' | 'fsyncSync' | 'renameSync' | 'rmSync'
const mockOf = (call: Mocked): Mock => fs[call] as unknown as Mock
const failure = (code: string): Error => Object.assign(new Error(`${code}: made by the test`), { code })
const fails = (code: string) => (): never => {
  throw failure(code)
}
const bytes = new Uint8Array([1, 2, 3, 4, 5])
const old = Buffer.from('the old file')
let directory = ''
let target = ''

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'atomic-'))
  target = join(directory, 'state.bin')
  vi.clearAllMocks()
})

afterEach(() => {
  fs.chmodSync(directory, 0o700)
  fs.rmSync(directory, { recursive: true })
})

/** A `writeSync` that takes no more than `most` bytes, as a nearly full disk does. */
async function writesOnly(most: number): Promise<(file: number, data: Uint8Array, at: number) => number> {
  const real = await vi.importActual<typeof fs>('node:fs')
  return (file, data, at) => real.writeSync(file, data, at, most)
}

/** What a command prints, all of it once it has ended. */
const execFileOf = (command: string, ...args: string[]): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    execFile(command, args, { encoding: 'buffer' }, (error, out) => (error ? reject(error) : resolve(out)))
  })

function expectOldFileOnly(): void {
  expect(fs.readFileSync(target)).toEqual(old)
  expect(fs.readdirSync(directory)).toEqual(['state.bin'])
}

describe('writeFileAtomic', () => {
  it.each([
    ['a new file', undefined],
    ['an existing file', old],
  ])('writes %s and leaves no temporary', (_, before) => {
    if (before) fs.writeFileSync(target, before)
    writeFileAtomic(target, bytes)
    expect(new Uint8Array(fs.readFileSync(target))).toEqual(bytes)
    expect(fs.readdirSync(directory)).toEqual(['state.bin'])
  })

  it('writes no bytes at all, and only the part that a view shows', () => {
    writeFileAtomic(target, new Uint8Array())
    expect(fs.readFileSync(target).length).toBe(0)
    writeFileAtomic(target, bytes.subarray(1, 3))
    expect([...fs.readFileSync(target)]).toEqual([2, 3])
  })

  it('writes a name as long as the file system allows', () => {
    const long = join(directory, 'n'.repeat(255))
    writeFileAtomic(long, bytes)
    expect(new Uint8Array(fs.readFileSync(long))).toEqual(bytes)
  })

  it('goes on where the system takes only a part of the bytes', async () => {
    mockOf('writeSync').mockImplementationOnce(await writesOnly(2))
    writeFileAtomic(target, bytes)
    expect(new Uint8Array(fs.readFileSync(target))).toEqual(bytes)
  })

  it('flushes the file before the rename and the directory after it', () => {
    writeFileAtomic(target, bytes)
    const orderOf = (call: Mocked): number[] => mockOf(call).mock.invocationCallOrder
    const [flushed, settled] = orderOf('fsyncSync')
    const order = [...orderOf('writeSync'), flushed!, ...orderOf('renameSync'), settled!]
    expect(order.length).toBe(4)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it.skipIf(process.platform === 'win32')('does not make a private file readable for others', () => {
    fs.writeFileSync(target, old, { mode: 0o600 })
    writeFileAtomic(target, bytes)
    expect(fs.statSync(target).mode & 0o777).toBe(0o600)
  })

  it.each(['writeSync', 'fsyncSync', 'renameSync'] as const)('keeps the old file where %s fails', (call) => {
    fs.writeFileSync(target, old)
    mockOf(call).mockImplementationOnce(fails('EIO'))
    expect(() => writeFileAtomic(target, bytes)).toThrow(/EIO/)
    expectOldFileOnly()
  })

  it('keeps the old file where the disk is full half-way', async () => {
    fs.writeFileSync(target, old)
    mockOf('writeSync')
      .mockImplementationOnce(await writesOnly(3))
      .mockImplementationOnce(fails('ENOSPC'))
    expect(() => writeFileAtomic(target, bytes)).toThrow(/ENOSPC/)
    expectOldFileOnly()
  })

  it('reports the first error where the temporary cannot be removed either', () => {
    mockOf('renameSync').mockImplementationOnce(fails('EXDEV'))
    mockOf('rmSync').mockImplementationOnce(fails('EACCES'))
    expect(() => writeFileAtomic(target, bytes)).toThrow(/EXDEV/)
  })

  it('leaves nothing where the target is a directory', () => {
    fs.mkdirSync(target)
    expect(() => writeFileAtomic(target, bytes)).toThrow(/EISDIR|ENOTEMPTY|EPERM|EEXIST/)
    expect(fs.readdirSync(directory)).toEqual(['state.bin'])
    expect(fs.readdirSync(target)).toEqual([])
  })

  it.skipIf(process.platform === 'win32').each([
    ['a pipe', false],
    ['a link to a pipe', true],
  ])('writes into %s, which stays', async (_, isLinked) => {
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    if (isLinked) fs.symlinkSync('pipe', target)
    const path = isLinked ? target : pipe
    const before = fs.readdirSync(directory)
    const [read, large] = [execFileOf('cat', pipe), new Uint8Array(300_000).fill(7)]
    writeFileAtomic(path, large)
    expect((await read).equals(large)).toBe(true)
    expect(fs.readdirSync(directory)).toEqual(before)
    expect(fs.lstatSync(pipe).isFIFO()).toBe(true)
    expect(fs.lstatSync(path).isSymbolicLink()).toBe(isLinked)
  })

  it.skipIf(!fs.existsSync('/dev/full'))('writes into devices, and says what they answer', () => {
    fs.symlinkSync('/dev/null', target)
    writeFileAtomic(target, bytes)
    fs.symlinkSync('/dev/full', join(directory, 'full'))
    expect(() => writeFileAtomic(join(directory, 'full'), bytes)).toThrow(/ENOSPC/)
    for (const name of ['state.bin', 'full']) expect(fs.lstatSync(join(directory, name)).isSymbolicLink()).toBe(true)
  })

  it.skipIf(process.platform === 'win32')('replaces a link to a file', () => {
    fs.writeFileSync(join(directory, 'there'), old)
    fs.symlinkSync('there', target)
    writeFileAtomic(target, bytes)
    expect(fs.lstatSync(target).isFile()).toBe(true)
    expect(fs.readFileSync(join(directory, 'there'))).toEqual(old)
  })

  it('throws where the directory does not exist or is a file', () => {
    expect(() => writeFileAtomic(join(directory, 'missing', 'state.bin'), bytes)).toThrow(/ENOENT/)
    fs.writeFileSync(target, old)
    expect(() => writeFileAtomic(join(target, 'state.bin'), bytes)).toThrow(/ENOTDIR|ENOENT/)
    expectOldFileOnly()
  })

  // Permissions do not bind the superuser, nor a directory on Windows.
  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'keeps the old file in a read-only directory',
    () => {
      fs.writeFileSync(target, old)
      fs.chmodSync(directory, 0o500)
      expect(() => writeFileAtomic(target, bytes)).toThrow(/EACCES/)
      expectOldFileOnly()
    },
  )

  it.each(['EINVAL', 'EPERM'])('does not mind a directory that cannot be flushed: %s', (code) => {
    mockOf('fsyncSync')
      .mockImplementationOnce(() => {})
      .mockImplementationOnce(fails(code))
    writeFileAtomic(target, bytes)
    expect(new Uint8Array(fs.readFileSync(target))).toEqual(bytes)
  })

  it('reports a directory that fails to be flushed, with the new file in place', () => {
    mockOf('fsyncSync')
      .mockImplementationOnce(() => {})
      .mockImplementationOnce(fails('EIO'))
    expect(() => writeFileAtomic(target, bytes)).toThrow(/EIO/)
    expect(new Uint8Array(fs.readFileSync(target))).toEqual(bytes)
    expect(fs.readdirSync(directory)).toEqual(['state.bin'])
  })
})
