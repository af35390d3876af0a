import { tmpdir } from 'node:os'
import { compile, emit, type Entry } from 'gradloom'
import type { Case, Trial } from '../case'
import { child } from '../child'
import { type Float, numbersOf, type Result } from '../expect'
import { bowl, XOR, xorNet } from '../models'
import { COMPILED, EMITTED, IN_JS, optionsOf, outside, writeOutside } from '../modes'

const DTYPES: readonly Float[] = ['float32', 'float64']
const STRAIGHT = [0.0999999966666668, 0.19989728620571684, 0.2996184669147902, 0.3990864560172627]

async function savedAndLoaded(trial: Trial): Promise<void> {
  const straight = new Map<string, readonly number[]>()
  await trial.numeric({
    build: bowl,
    drive: ({ mode, run, state }, _, dtype) => {
      const p = STRAIGHT.map(() => (run('main', {}), numbersOf(state.get('p'))[0]!))
      straight.set(`${mode} ${dtype}`, p)
      return { p }
    },
    expected: { p: STRAIGHT },
  })
  trial.note('emitted and wasm-emitted: straight only, save and load take a program')
  const keys = COMPILED.flatMap((mode) => DTYPES.map((dtype) => `${mode} ${dtype}`))
  const files = JSON.stringify(Object.fromEntries(keys.map((key) => [key, outside('saved.safetensors')])))
  const first = await child<Record<string, number[]>>('saving.ts', { args: ['save', files] })
  const then = await child<Record<string, number[]>>('saving.ts', { args: ['load', files] })
  for (const key of keys) {
    const resumed = [...(first[key] ?? []), ...(then[key] ?? [])]
    const same = resumed.length === STRAIGHT.length && resumed.every((p, i) => Object.is(p, straight.get(key)?.[i]))
    trial.check(same, `${key}: resumed ${resumed.join(', ')}, straight ${straight.get(key)?.join(', ')}`)
  }
}

type Answer = { readonly outputs?: Readonly<Record<string, string>>; readonly error?: string }
const hex = (value: Result): string => {
  const typed = typeof value === 'number' ? Float64Array.of(value) : (value as Float32Array)
  return Buffer.from(typed.slice().buffer).toString('hex')
}

async function standalone(trial: Trial): Promise<void> {
  trial.note('emitted from each of the modes in JavaScript and from wasm, run without the library')
  for (const mode of [...IN_JS, 'wasm'] as const) {
    const emitted = mode === 'wasm' ? 'wasm-emitted' : 'emitted'
    trial.modes.add(mode)
    trial.modes.add(emitted)
    for (const dtype of DTYPES) {
      const label = `${mode} ${dtype}`
      const program = compile<Record<string, Entry>>(xorNet(dtype), optionsOf(mode))
      for (let i = 0; i < 20; i++) program['train']!(XOR)
      const text = emit(program, { format: EMITTED[emitted].format, weights: 'inline' })
      const path = writeOutside('trained.mjs', text)
      trial.check(!/^\s*(?:import|export .* from)\b|\brequire\(|\bimport\(/m.test(text), `${label}: imports something`)
      const calls = [
        ['predict', { x: XOR.x }],
        ['predict', {}],
        ['train', XOR],
        ['train', { x: XOR.x }],
        ['loss', XOR],
      ]
      const answers = await child<Answer[]>('standalone.mjs', { args: [path, JSON.stringify(calls)], cwd: tmpdir() })
      const [predicted, missing, trained, missingTarget, loss] = answers
      const right = [program['predict']!({ x: XOR.x }), program['train']!(XOR), program['loss']!(XOR)]
      ;[predicted, trained, loss].forEach((answer, i) => {
        for (const [name, value] of Object.entries(right[i]!)) {
          trial.check(answer?.outputs?.[name] === hex(value), `${label}: ${name} differs: ${answer?.error}`)
        }
      })
      trial.named(`${label} without x`, missing?.error ?? 'no error', ['"x"', /missing/])
      trial.named(`${label} without y`, missingTarget?.error ?? 'no error', ['"y"', /missing/])
    }
  }
}

export const cases: readonly Case[] = [
  { id: 'SAV-1', run: savedAndLoaded },
  { id: 'SAV-2', run: standalone },
]
