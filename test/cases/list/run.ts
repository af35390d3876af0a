import { compile, emit, type Entry } from 'gradloom'
import { type Case, numeric, type Trial } from '../case'
import { child } from '../child'
import { disagreement, EXACT, numbersOf, type Result, type Results } from '../expect'
import { XOR, xorNet } from '../models'
import { COMPILED, EMITTED, type EmittedMode, IN_JS, MODES, optionsOf, type Session, writeOutside } from '../modes'

const MEGABYTE = 2 ** 20
const inKilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KB`

async function manySteps(trial: Trial): Promise<void> {
  type Measured = Record<string, { early: number; late: number; allocated: number }>
  const measured = await child<Measured>('steps.ts', { flags: ['--expose-gc'] })
  for (const mode of MODES) {
    trial.modes.add(mode)
    const { early, late, allocated } = measured[mode]!
    trial.check(late - early <= MEGABYTE, `${mode}: memory grew by ${inKilobytes(late - early)}`)
    trial.check(allocated <= 0, `${mode}: the steps allocated ${inKilobytes(allocated)} of array buffers`)
    trial.note(`${mode} grew by ${inKilobytes(late - early)}`)
  }
}

async function manyRounds(trial: Trial): Promise<void> {
  // Without the engine's optimisers, whose code for the compiler would grow for hundreds of rounds before it settles.
  const flags = ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-lazy-feedback-allocation']
  const measured = await child<Record<string, { early: number; late: number }>>('rounds.ts', { flags })
  for (const mode of COMPILED) {
    trial.modes.add(mode)
    const { early, late } = measured[mode]!
    const text = `${inKilobytes(early)} after round 10, ${inKilobytes(late)} after round 100`
    trial.check(late <= early * 1.1, `${mode} grew by more than a tenth`)
    trial.note(`${mode} ${text}`)
  }
  trial.note('emitted and wasm-emitted: do not apply, the engine keeps every imported module')
}

async function withoutStrings(trial: Trial): Promise<void> {
  const flags = ['--disallow-code-generation-from-strings']
  const thrown = await child<Record<string, string>>('no-eval.ts', { flags })
  for (const mode of COMPILED) {
    trial.modes.add(mode)
    if (IN_JS.includes(mode as 'fast')) {
      const message = thrown[mode] || 'no error'
      trial.named(mode, message, ['RuntimeError', 'code from strings', 'content security policy', 'emit('])
    } else trial.check(thrown[mode] === '', `${mode}: ${thrown[mode]}`)
  }
  trial.note('wasm: needs no code from strings')
  const calls = JSON.stringify([
    ['train', XOR],
    ['loss', XOR],
  ])
  type Answer = { outputs?: Record<string, string>; error?: string }
  for (const [mode, { format }] of Object.entries(EMITTED) as [EmittedMode, { format: 'js' | 'wasm' }][]) {
    trial.modes.add(mode)
    const program = compile<Record<string, Entry>>(xorNet('float32'), optionsOf(mode))
    const path = writeOutside('emitted.mjs', emit(program, { format, weights: 'inline' }))
    const answers = await child<Answer[]>('standalone.mjs', { args: [path, calls], flags })
    for (const [i, name] of ['train', 'loss'].entries()) {
      const right = Float64Array.of(program[name]!(XOR)['loss'] as number)
      const hex = Buffer.from(right.buffer).toString('hex')
      trial.check(answers[i]?.outputs?.['loss'] === hex, `${mode}: ${name} differs: ${answers[i]?.error ?? ''}`)
    }
  }
}

const LOSSES = [0.5835398675702312, 0.4133830983378663, 0.34167199023723044, 0.2901364670107379]
const W2 = [[0.4610942092440226], [-0.2031664869283067], [0.1652138963170377]]

function trajectory({ run, state }: Session): Results {
  const losses = [0, 1, 2].map(() => numbersOf(run('train', XOR)['loss'])[0]!)
  losses.push(numbersOf(run('loss', XOR)['loss'])[0]!)
  return { losses, w2: state.get('w2'), b2: state.get('b2'), w1: state.get('w1'), b1: state.get('b1') }
}

export const cases: readonly Case[] = [
  { id: 'RUN-1', run: manySteps, apart: true },
  { id: 'RUN-2', run: manyRounds, apart: true },
  { id: 'RUN-3', run: withoutStrings },
  numeric('RUN-5', {
    build: xorNet,
    drive: (session, check) => {
      const { state } = session
      const first = new Map<string, Result>(state.names.map((name) => [name, state.get(name)]))
      const once = trajectory(session)
      for (const [name, value] of first) state.set(name, value)
      const again = trajectory(session)
      for (const [name, value] of Object.entries(once)) {
        const wrong = disagreement(name, value, again[name], EXACT)
        check(wrong === undefined, `the second run differs: ${wrong ?? ''}`)
      }
      return once
    },
    expected: { losses: LOSSES, w2: W2, b2: [0.36002622530644507] },
  }),
]
