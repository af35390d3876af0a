import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs, type ParseArgsConfig } from 'node:util'

/** A mistake of the person who runs an example: shown as one line. */
export class UsageError extends Error {}

/** Runs `main` if the module of that URL is the program that Node was started with. */
export function runAsProgram(url: string, main: (args: readonly string[]) => void | Promise<void>): void {
  const [, started, ...args] = process.argv
  if (started === undefined || !existsSync(started) || realpathSync(started) !== fileURLToPath(url)) return
  void runMain(main, args)
}

// What is no mistake of the person who runs it ends the program as an unhandled rejection, with its stack.
async function runMain(
  main: (args: readonly string[]) => void | Promise<void>,
  args: readonly string[],
): Promise<void> {
  try {
    await main(args)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

/** The values of the given options; anything else among the arguments is a UsageError. */
export function readOptions<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** Whether `--short` is among the arguments, for an example that takes nothing else. */
export const isShort = (args: readonly string[]): boolean =>
  readOptions(args, { short: { type: 'boolean', default: false } }).short
