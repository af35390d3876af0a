import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  adam,
  add,
  argMax,
  cast,
  compile,
  constant,
  emit,
  type EmitOptions,
  entry,
  glorotUniform,
  GraphError,
  greater,
  matmul,
  mean,
  mul,
  relu,
  softmax,
  sparseSoftmaxCrossEntropy,
  sub,
  tensor,
  type Tensor,
  update,
  variable,
  zeros,
} from 'gradloom'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectFault } from './fault'

const BINDINGS = [{ B: 4 }, { B: 3 }]
const SCHEDULES = ['plain', 'fast'] as const
const WEIGHTS = ['inline', 'none'] as const

/** Two entries over one state: every dtype, constants, slots, a count of steps and a computed index. */
function classifier(schedule: 'plain' | 'fast') {
  const W1 = variable('hidden/W', [5, 8], glorotUniform())
  const b1 = variable('hidden/b', [8], zeros())
  const W2 = variable('out/W', [8, 3], glorotUniform())
  const total = variable('total', [], 0.1, { dtype: 'float64' })
  const steps = variable('steps', [], 0, { dtype: 'int32' })
  const shift = constant([0.5, -0, 1e-7, -3.25, 1e20])
  const logits = (x: Tensor<[number, 5], 'float32'>) => matmul(relu(add(matmul(sub(x, shift), W1), b1)), W2)
  return compile(
    {
      train: entry({ x: tensor(['B', 5]), y: tensor(['B'], 'uint8') }, ({ x, y }) => {
        const loss = mean(sparseSoftmaxCrossEntropy(logits(x), sub(cast(y, 'int32'), 1)))
        return {
          outputs: { loss, steps },
          updates: [
            ...adam(loss, [W1, b1, W2], { learningRate: 0.05 }),
            update(steps, add(steps, 1)),
            update(total, add(total, cast(loss, 'float64'))),
          ],
        }
      }),
      predict: entry({ x: tensor(['B', 5]), temperature: tensor([]) }, ({ x, temperature }) => {
        const p = softmax(mul(logits(x), temperature))
        return { outputs: { p, label: argMax(p), sure: greater(p, 0.5), total } }
      }),
      count: entry({}, () => ({ outputs: { steps } })),
    },
    { schedule, seed: 3, target: 'js' },
  )
}

type Values = Record<string, number | ArrayLike<number>>
interface Module {
  train(feeds: object): Values
  predict(feeds: object): Values
  count(feeds: object): Values
  readonly state: {
    readonly names: readonly string[]
    get(name: string): number | Float32Array
    set(name: string, v: unknown): void
  }
}

const data = (rows: number, seed: number) => ({
  x: Float32Array.from({ length: rows * 5 }, (_, i) => Math.sin(seed + i * 1.7)),
  y: Uint8Array.from({ length: rows }, (_, i) => 1 + ((seed + i) % 3)),
})
/** Five steps and two predictions, in both sizes, and what they leave behind: everything as text, bit for bit. */
function history({ train, predict, count, state }: Module): string[] {
  const rows: Values[] = []
  for (let i = 0; i < 5; i++) rows.push(train(data(i % 2 === 0 ? 4 : 3, i)))
  for (const n of [3, 4]) rows.push(predict({ x: data(n, n).x, temperature: 0.75 }))
  rows.push(count({}))
  for (const name of state.names) rows.push({ [name]: state.get(name) })
  return rows.flatMap((row) =>
    Object.entries(row).map(([name, v]) => {
      const shape = (v as { readonly shape?: readonly number[] }).shape
      return `${name} [${String(shape)}] ${typeof v === 'number' ? v : Array.from(v).join(' ')}`
    }),
  )
}

let loaded = 0
/** A new instance each time: the same text would be the same module. */
const load = async (text: string): Promise<Module> =>
  (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(`${text}// ${loaded++}`)}`)) as Module
const transpiled = (text: string): string =>
  ts.transpile(text, { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 })

describe.each(SCHEDULES)('%s', (schedule) => {
  const program = classifier(schedule)
  const first = new Map(program.state.names.map((name) => [name, program.state.get(name)]))
  // Emitted before any step, so that a module starts where the program starts.
  const texts = WEIGHTS.flatMap((weights) =>
    (['js', 'ts'] as const).map(
      (format) => [format, weights, emit(program, { format, weights, bindings: BINDINGS })] as const,
    ),
  )
  const expected = history(program as unknown as Module)

  test.each(texts)('the %s module, weights %s, runs bit for bit as the program does', async (format, weights, text) => {
    const module = await load(format === 'ts' ? transpiled(text) : text)
    expect(module.state.names).toEqual(program.state.names)
    if (weights === 'none') for (const [name, value] of first) module.state.set(name, value)
    expect(history(module)).toEqual(expected)
  })

  test('five steps have changed the state and lowered the loss', () => {
    expect(program.state.get('steps')).toBe(5)
    const losses = expected.filter((row) => row.startsWith('loss ')).map((row) => Number(row.split(' ').at(-1)))
    expect(losses).toHaveLength(5)
    expect(Math.min(...losses)).toBeGreaterThan(0)
    expect(new Set(losses).size).toBe(5)
  })

  test('what was trained goes along', async () => {
    const module = await load(emit(program, { format: 'js', bindings: BINDINGS }))
    for (const name of program.state.names) expect(module.state.get(name)).toEqual(program.state.get(name))
  })

  test('the text has no imports and no code from strings', () => {
    for (const [, , text] of texts) {
      expect(text).not.toMatch(/\bimport\b(?!s)|\brequire\b|\beval\b|\bFunction\b|\bfrom ['"]/)
      expect(text).toMatch(/^\/\/ Generated by gradloom/)
    }
  })
})

describe('a module on its own', () => {
  const program = classifier('fast')
  const text = emit(program, { format: 'js', bindings: BINDINGS })
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gradloom-emit-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('runs in a process that has no gradloom and no code from strings', () => {
    writeFileSync(join(folder, 'net.mjs'), text)
    const feeds = data(4, 0)
    writeFileSync(
      join(folder, 'main.mjs'),
      `import * as net from './net.mjs'
      const missing = await import('gradloom').then(() => 'found', (error) => error.code)
      const feeds = { x: Float32Array.of(${feeds.x.join()}), y: Uint8Array.of(${feeds.y.join()}) }
      const losses = [1, 2].map(() => net.train(feeds).loss)
      console.log(JSON.stringify({ missing, losses, W: [...net.state.get('hidden/W')], exports: Object.keys(net) }))`,
    )
    const flags = ['--disallow-code-generation-from-strings', 'main.mjs']
    const answer = execFileSync(process.execPath, flags, { cwd: folder, encoding: 'utf8', env: {}, timeout: 60_000 })
    const losses = [1, 2].map(() => program.train(feeds).loss)
    expect(JSON.parse(answer)).toEqual({
      missing: 'ERR_MODULE_NOT_FOUND',
      losses,
      W: [...program.state.get('hidden/W')],
      exports: ['count', 'predict', 'state', 'train'],
    })
  })

  test('refuses what the program refuses, with the same words', async () => {
    const module = await load(text)
    const { x, y } = data(4, 0)
    const wrong: readonly object[] = [{ x }, { x, y, z: 1 }, { x: x.slice(1), y }, { x, y: new Int32Array(4) }]
    const indices: readonly object[] = [
      { x, y: Uint8Array.of(0, 1, 2, 3) },
      { x, y: [1, 2, 3, 4] },
    ]
    const fresh = classifier('fast')
    for (const feeds of [...wrong, ...indices]) {
      const messages = [module, fresh as unknown as Module].map(({ train }) => {
        try {
          return JSON.stringify(train(feeds))
        } catch (error) {
          return (error as Error).message
        }
      })
      expect(messages[0]).toMatch(/input "[xyz]"|no input "z"|indices out of range/)
      if (feeds !== wrong[2]) expect(messages[0]).toBe(messages[1])
    }
    expect(module.state.get('steps')).toBe(0)
    expect(() => module.state.set('steps', 1.5)).toThrow('int32[]')
    expect(() => module.state.get('nothing')).toThrow('"nothing"')
  })
})

test('options that do not fit', () => {
  const program = classifier('fast')
  const wrong: readonly [unknown, ...string[]][] = [
    [{ format: 'py' }, 'py', 'd.ts'],
    [{ format: 'js', weights: 'all' }, 'all', 'inline'],
    [{ format: 'js' }, '"train"', '{ B: 32 }'],
    [{ format: 'js', bindings: [{ C: 1 }] }, '"train"', 'B'],
    [{ format: 'js', bindings: [{ B: 1.5 }] }, '"B"', '1.5'],
    [{ format: 'js', bindings: [{ B: -1 }] }, '"B"', '-1'],
  ]
  for (const [options, ...parts] of wrong)
    expectFault(() => emit(program, options as EmitOptions), GraphError, 'emit', ...parts)
  expectFault(() => emit({}, { format: 'js' }), GraphError, 'emit', 'compile')
})
