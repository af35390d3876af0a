import { format } from 'node:util'
import type { Io } from './io'

const METHODS = ['log', 'info', 'debug', 'dir', 'table', 'warn', 'error'] as const

/** Runs what calls code of the user, with all that it prints on the stream for messages: a reader wants nothing but the output. */
export async function quietly<T>(err: Io['err'], body: () => Promise<T>): Promise<T> {
  const own = Object.fromEntries(METHODS.map((method) => [method, console[method]]))
  const print = (...values: unknown[]): void => void err.write(`${format(...values)}\n`)
  for (const method of METHODS) console[method] = print
  try {
    return await body()
  } finally {
    Object.assign(console, own)
  }
}
