import { expect } from 'vitest'

/** The error that is thrown; an error too where nothing is. */
export function fault(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('accepted')
}

/** Throws an error of that class with all those parts in its message. */
export function expectFault(
  run: () => unknown,
  type: new (...args: never[]) => Error,
  ...parts: readonly string[]
): void {
  const error = fault(run)
  expect(error, error.message).toBeInstanceOf(type)
  for (const part of parts) expect(error.message).toContain(part)
}
