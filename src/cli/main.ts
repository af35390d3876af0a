import { Command, CommanderError } from 'commander'
import { addBench } from './bench'
import { coloursFor } from './colour'
import { addDiff } from './diff'
import { addEmit } from './emit'
import { failureText, stackText, UsageError } from './failure'
import { addFormulas } from './formulas'
import { addInspect } from './inspect'
import type { Io } from './io'
import { addProfile } from './profile'
import { quietly } from './quiet'
import { addTables } from './tables'

/** Everything went well, the model or its run is at fault, the command line is. */
export type ExitCode = 0 | 1 | 2

/**
 * Runs the command line `gradloom` with arguments as a shell hands them over. Never rejects: what goes wrong is a message on
 * `err`, with its stack where `--stack` is given or the environment has DEBUG.
 */
export async function main(args: readonly string[], io: Io, version: string): Promise<ExitCode> {
  const program = commandLine(io, version)
  try {
    await quietly(io.err, () => program.parseAsync([...args], { from: 'user' }))
    return 0
  } catch (error) {
    // Help and the version arrive as errors, too, and have been printed, as has what is wrong with an option.
    if (error instanceof CommanderError) return isAsked(error, args, program) ? 0 : 2
    report(error, args, io)
    return error instanceof UsageError ? 2 : 1
  }
}

/** Whether what was printed is what was asked for: `help` ends with the code that the process has so far. */
function isAsked({ code, exitCode }: CommanderError, [first, of]: readonly string[], program: Command): boolean {
  const isThere = of === undefined || program.commands.some((command) => command.name() === of)
  return exitCode === 0 || (code === 'commander.help' && first === 'help' && isThere)
}

/** Says what went wrong. */
export function report(error: unknown, args: readonly string[], { err, env }: Io): void {
  const isShown = args.includes('--stack') || Boolean(env['DEBUG'])
  const { red } = coloursFor(err, env)
  err.write(`${red('error:')} ${isShown ? stackText(error) : failureText(error)}\n`)
}

/** What there is to type. */
export function commandLine(io: Io, version: string): Command {
  const program = new Command('gradloom')
    .description('Shows what Gradloom makes of a model: its graph, its gradients, its kernels and their code.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print what a command does')
  // Commands take over what is set before they are added.
  settle(program, io)
  for (const add of [addInspect, addTables, addFormulas, addDiff, addProfile, addBench, addEmit]) add(program, io)
  for (const command of program.commands) command.option('--stack', 'print errors with their stacks')
  return program
}

function settle(program: Command, { out, err, env }: Io): void {
  const { bold, cyan } = coloursFor(out, env)
  const colours = coloursFor(err, env)
  program
    .exitOverride()
    .showHelpAfterError('(--help says what there is)')
    .configureOutput({
      writeOut: (text) => void out.write(text),
      writeErr: (text) => void err.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, colours.red('error:'))),
      getOutHelpWidth: () => out.columns ?? 100,
      getErrHelpWidth: () => err.columns ?? 100,
    })
    .configureHelp({ styleTitle: bold, styleCommandText: cyan, styleOptionTerm: cyan, styleSubcommandTerm: cyan })
}
