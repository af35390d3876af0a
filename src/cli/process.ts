import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from './failure'
import type { Io } from './io'
import { type ExitCode, main, report } from './main'
import { nearest } from './nearest'

/** Runs the command line in this process, and ends it: a model may have left timers or workers behind. */
export async function runProcess(): Promise<void> {
  const { stdout, stderr } = process
  const args = process.argv.slice(2)
  const io: Io = { out: stdout, err: stderr, env: process.env, cwd: process.cwd() }
  let hasAnswered = false
  const end = (code: number): never => {
    hasAnswered = true
    process.exit(code)
  }
  process.once('exit', () => {
    if (hasAnswered) return
    process.exitCode = 1
    stderr.write('error: the module ended the process while it was read\n')
  })
  let code: ExitCode = 0
  const endUnwritten = (error: NodeJS.ErrnoException): never => {
    // Whoever reads has seen enough: `gradloom ... | head`.
    if (error.code === 'EPIPE') end(code)
    report(new Failure(`the output cannot be written: ${error.message}`, { cause: error }), args, io)
    return end(1)
  }
  stdout.on('error', endUnwritten)
  // Where messages cannot be written there is nowhere to say so; the code tells how it went.
  stderr.on('error', () => {})
  // What a model has begun may fail while nobody waits for it.
  process.on('uncaughtException', (error) => {
    report(error, args, io)
    end(1)
  })
  // Nothing is left to do, and no answer has come: a module waits for what never happens.
  process.exitCode = 1
  process.once('beforeExit', () => {
    hasAnswered = true
    stderr.write('error: the module never finished loading\n')
  })
  const own = nearest('package.json', dirname(fileURLToPath(import.meta.url)))!
  const { version } = JSON.parse(readFileSync(own, 'utf8')) as { version: string }
  code = await main(args, io, version)
  // What goes to a pipe may still be on its way.
  stdout.write('', (error) => {
    if (error) endUnwritten(error)
    stderr.write('', () => end(code))
  })
}
