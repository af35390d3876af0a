import { randomBytes } from 'node:crypto'
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

// One call of `write` takes less than 2 GiB.
const MAX_WRITE = 2 ** 30
// What systems answer that cannot open or flush a directory as if it were a file.
const NO_DIRECTORY_SYNC = new Set(['EINVAL', 'EPERM', 'EISDIR', 'EACCES', 'ENOTSUP'])

/**
 * Replaces the file at `path` by one that holds `bytes`, or creates it: whoever reads it, even after a power failure,
 * finds the whole old file or the whole new one. A symbolic link is replaced, not followed; the new file is no more
 * accessible than the old one was. A pipe or a device, also one that a link leads to, gets the bytes and stays.
 * Throws Node's file errors, and then the old file is as it was and no temporary is left; the one exception is an error in flushing the directory, when the new file is already in place.
 */
export function writeFileAtomic(path: string, bytes: Uint8Array): void {
  if (isStream(path)) return writeStream(path, bytes)
  const directory = dirname(path)
  // In the same directory, as a rename is atomic only within a file system; short, as `path` may be at the name limit.
  const temporary = join(directory, `.${process.pid}-${randomBytes(8).toString('hex')}.tmp`)
  // 'wx' refuses a file or link that somebody has put there.
  const file = openSync(temporary, 'wx', modeOf(path))
  try {
    writeAndClose(file, bytes)
    renameSync(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
  syncDirectory(directory)
}

/** What is neither a file nor a directory hands bytes on: in its place a file would reach nobody. */
function isStream(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}

function writeStream(path: string, bytes: Uint8Array): void {
  const file = openSync(path, constants.O_WRONLY)
  try {
    writeAll(file, bytes)
  } finally {
    closeSync(file)
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, Math.min(bytes.length - at, MAX_WRITE))
}

function modeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats?.isFile() ? stats.mode & 0o777 : 0o666
}

function writeAndClose(file: number, bytes: Uint8Array): void {
  try {
    writeAll(file, bytes)
    // Before the rename: some file systems would otherwise make the name durable before the contents.
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** What went wrong before is the error to report, not that tidying up failed too. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Nothing more can be done.
  }
}

/** Makes the rename durable, where the system can do that. */
function syncDirectory(path: string): void {
  try {
    const directory = openSync(path, 'r')
    try {
      fsyncSync(directory)
    } finally {
      closeSync(directory)
    }
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
