import { inspect } from 'node:util'
import { siteText } from '../ir/origin'

/** The command line is wrong, whatever the module holds: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What was asked for cannot be had: exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** An error as people need it: what is wrong, and the line of their code where it arose. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return `${inspect(error)} was thrown`
  if (error instanceof Failure || error instanceof UsageError) return error.message
  const site = siteOf(error)
  const message = error.message === '' ? error.name : error.message
  const isPlaced = /\n\s+at \S+:\d+/.test(message)
  return site === undefined || isPlaced || isOwnFault(error) ? message : `${message}\n  at ${site}`
}

/** The first line of the user that was under way: packages, this one too, are not theirs. */
export function siteOf(error: Error): string | undefined {
  const own = (error.stack ?? '').split('\n').filter((frame) => !/[/\\]node_modules[/\\]/.test(frame))
  return siteText({ scope: '', site: { stack: Object.assign(new Error(), { stack: own.join('\n') }) } })
}

/** With the stack, and what it was caused by. */
export const stackText = (error: unknown): string => inspect(error)

/** A file or a module that is not there: the frame is ours. */
const isOwnFault = (error: Error): boolean => 'code' in error && typeof error.code === 'string'
