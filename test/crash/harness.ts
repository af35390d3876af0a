import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { randomStream } from '../../src/init/random'
import { decodeSafetensors } from '../../src/formats/safetensors'
import type { Variant } from './child'

export type Target = 'js' | 'wasm'
export interface Case {
  readonly variant: Variant
  readonly target: Target
}
export const CASES: readonly Case[] = (['arrays', 'resident', 'dataset'] as const).flatMap((variant) =>
  (['js', 'wasm'] as const).map((target) => ({ variant, target })),
)
/** What a run leaves, besides its checkpoint. */
const LEFT = ['final.safetensors', 'history.json', 'log.csv', 'best.safetensors']
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Processes that train, in directories of their own below one that is removed at the end. */
export class Trials {
  private readonly root: string
  private count = 0

  private constructor() {
    mkdirSync(at('./out'), { recursive: true })
    this.root = mkdtempSync(at('./out/trial-'))
  }

  /** The child is one plain module: a loader would take most of its time. */
  static async prepare(): Promise<Trials> {
    const trials = new Trials()
    await build({
      entry: { child: at('./child.ts') },
      outDir: trials.root,
      config: false,
      format: 'esm',
      target: 'es2022',
      platform: 'node',
      silent: true,
      clean: false,
      outExtension: () => ({ js: '.mjs' }),
    })
    return trials
  }

  directory(): string {
    const made = join(this.root, String(this.count++))
    mkdirSync(made)
    return made
  }

  start(directory: string, { variant, target }: Case): ChildProcess {
    return fork(join(this.root, 'child.mjs'), [directory, variant, target], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  }

  /** Runs without being disturbed. */
  async whole(which: Case): Promise<string> {
    const directory = this.directory()
    const end = await ended(this.start(directory, which))
    if (end !== 0) throw new Error(`the undisturbed run ended with ${end}`)
    return directory
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Exit code, or the signal that ended it. */
export const ended = (child: ChildProcess): Promise<number | NodeJS.Signals> =>
  new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code!)))

/** Until the first batch is done, or the process ended before. */
export const begun = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => {
    child.once('message', resolve)
    child.once('exit', resolve)
  })
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

export interface Kills {
  readonly kills: number
  /** How many found training under way from a checkpoint within an epoch. */
  readonly resumed: number
}

/**
 * Trains in a directory, killed without warning at random moments up to `most` times, and started anew until it is done.
 * Throws where a kill leaves a checkpoint that is no whole file.
 */
export async function killed(
  trials: Trials,
  which: Case,
  directory: string,
  most: number,
  seed: number,
): Promise<Kills> {
  const random = randomStream(seed, `kills/${which.variant}/${which.target}`)
  for (let [kills, resumed] = [0, 0]; ;) {
    const from = progressIn(directory)
    const child = trials.start(directory, which)
    const end = ended(child)
    let hasBegun = false
    if (kills < most) {
      // Mostly in training, sometimes before.
      if (random.uniform() < 0.1) await pause(random.uniform() * 100)
      else {
        await begun(child)
        hasBegun = true
        await pause(random.uniform() ** 2 * 300)
      }
      child.kill('SIGKILL')
    }
    const how = await end
    checkFiles(directory)
    if (how === 'SIGKILL') {
      kills++
      if (hasBegun && from !== undefined && from.batch > 0) resumed++
    } else if (how === 0) return { kills, resumed }
    else throw new Error(`a run that was resumed ended with ${how}`)
  }
}

/** How far the checkpoint is, if there is one. */
export function progressIn(directory: string): { readonly epoch: number; readonly batch: number } | undefined {
  const file = join(directory, 'run.safetensors')
  if (!existsSync(file)) return undefined
  const { metadata } = decodeSafetensors(readFileSync(file))
  return JSON.parse(metadata['gradloom-fit-1']!) as { epoch: number; batch: number }
}

/** Throws where a file that is replaced as a whole is not whole. */
export function checkFiles(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.endsWith('.safetensors')) decodeSafetensors(readFileSync(join(directory, name)))
}

/** Files in which two runs differ, byte by byte. */
export const differences = (a: string, b: string): string[] =>
  LEFT.filter((name) => {
    const [one, other] = [join(a, name), join(b, name)]
    return !existsSync(one) || !existsSync(other) || !readFileSync(one).equals(readFileSync(other))
  })
