import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import prettier from 'prettier'
import { afterAll, describe, expect, test } from 'vitest'
import type { EmitOptions } from '../../src/compile/emit'
import type { Inspection } from '../../src/inspect/inspection'
import { LAYERS, MIXED, MLP } from './models'
import { project } from './project'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))
const SHAPE = { semi: false, singleQuote: true, printWidth: 120 }
const here = project({ 'mlp.ts': MLP, 'layers.ts': LAYERS, 'mixed.ts': MIXED })
afterAll(() => here.remove())

/** What a command prints that goes well; nothing on the other stream, and no colours in a pipe. */
async function printed(...args: readonly string[]): Promise<string> {
  const ran = await here.run(args)
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(ran.out).not.toContain('\u001B')
  expect(ran.out.endsWith('\n')).toBe(true)
  return ran.out
}
const lineOf = (text: string, part: string): number => text.split('\n').findIndex((line) => line.includes(part)) + 1

describe('inspect', () => {
  test('prints the kernel of a tensor with its formula and the line of the model', async () => {
    const text = await printed('inspect', 'mlp.ts', '--emit', 'plain', '--of', 'd_W1')
    const [heading, , formula, update, origin, head] = text.split('\n')
    expect(heading).toBe('// train of net, B = 32')
    expect(formula).toBe('// d_W1 float32[8, 16] = xᵀ · d_matmul_2')
    expect(update).toBe('// W1 float32[8, 16] = W1 - float32(learningRate) ⊙ d_W1, in place')
    expect(origin).toContain(`gradient of matmul at mlp.ts:${lineOf(MLP, 'matmul(named(')}; `)
    expect(head).toBe('function update_W1(x, d_matmul_2, W1, learningRate) {')
    expect(text).toContain('k < 32; k++')
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
  })

  test('makes of an example what a person would write', async () => {
    const ran = await here.run(['inspect', join(examples, 'mnist-mlp.ts'), '--emit', 'plain', '--of', 'd_W1'])
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(/^\/\/ train of program\(0\), B = 32\n\n\/\/ d_W1 float32\[784, 256\] = xᵀ · d_z1\n/)
    expect(ran.out.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
  })

  test('takes sizes, an entry and passes', async () => {
    expect(await printed('inspect', 'mlp.ts', '--bind', 'B=5', '--of', 'd_W1')).toContain('k < 5; k++')
    const pairs = await printed('inspect', 'mlp.ts', '--entry', 'pairs', '--bind', 'B=3', 'N=7')
    expect(pairs).toMatch(/^\/\/ pairs of net, B = 3, N = 7\n/)
    // Of several dimensions those not given are what the entry was checked with.
    expect(await printed('inspect', 'mlp.ts', '--entry', 'pairs', '--bind', 'N=7')).toMatch(/, B = 12, N = 7\n/)
    const fused = await printed('inspect', 'mlp.ts')
    const apart = await printed('inspect', 'mlp.ts', '--no-fuse')
    const kernels = (text: string): number => text.match(/^function /gm)!.length
    expect(kernels(apart)).toBeGreaterThan(kernels(fused))
    const without = kernels(await printed('inspect', 'mlp.ts', '--pass', 'inline=off', 'group=off'))
    expect(without).toBeGreaterThan(kernels(fused))
    expect(without).toBeLessThan(kernels(apart))
  })

  test('prints other schedules and targets', async () => {
    const fast = await printed('inspect', 'mlp.ts', '--emit', 'fast')
    expect(fast).not.toBe(await printed('inspect', 'mlp.ts'))
    const wat = await printed('inspect', 'mlp.ts', '--emit', 'wat')
    expect(wat).toMatch(/^;; train of net, B = 32\n\n;; /)
    expect(wat).toContain('v128.load')
    expect(await printed('inspect', 'mlp.ts', '--emit', 'wat', '--schedule', 'plain')).not.toContain('v128.load')
    expect(await printed('inspect', 'mlp.ts', '--emit', 'wat', '--of', 'd_W1')).toMatch(/\n\(func \$/)
  })

  test('prints a TypeScript module of the entry alone', async () => {
    const text = await printed('inspect', 'mlp.ts', '--emit', 'ts')
    expect(text).toContain('export function train(feeds: {')
    expect(text).not.toContain('export function predict')
  })

  test('prints a TypeScript module of an entry without named dimensions', async () => {
    for (const args of [
      ['small', '--entry', 'fixed'],
      ['mixed', '--entry', 'fixed'],
    ])
      expect(await printed('inspect', 'mixed.ts', '--emit', 'ts', '--export', ...args)).toContain(
        'export function fixed(feeds: {',
      )
  })

  test('prints graphs at each stage', async () => {
    const counts: number[] = []
    for (const stage of ['traced', 'expanded', 'simplified', 'kernels'])
      counts.push((await printed('inspect', 'mlp.ts', '--emit', 'dot', '--stage', stage)).match(/fillcolor/g)!.length)
    const [traced, expanded, simplified, kernels] = counts
    expect(expanded).toBeGreaterThan(traced!)
    expect(simplified).toBeLessThan(expanded!)
    expect(kernels).toBeLessThan(simplified!)
    expect(await printed('inspect', 'mlp.ts', '--emit', 'dot')).toMatch(/^digraph \{/)
  })

  test('writes a report', async () => {
    const page = await printed('inspect', 'mlp.ts', '--emit', 'html')
    expect(page).toMatch(/^<!doctype html>[^]*<\/html>\n$/i)
    expect(page).toContain('update_W1')
  })

  test('draws graphs', async () => {
    const closed = await printed('inspect', 'layers.ts', '--emit', 'svg')
    expect(closed).toMatch(/^<svg [^]*<\/svg>\n$/)
    expect((await printed('inspect', 'layers.ts', '--emit', 'svg', '--open', 'all')).length).toBeGreaterThan(
      closed.length,
    )
    expect(await printed('inspect', 'mlp.ts', '--emit', 'svg', '--stage', 'kernels')).toContain('train: kernels')
  })

  test('has a model of layers with its entry to train', async () => {
    const text = await printed('inspect', 'layers.ts', '--of', 'd_dense/kernel')
    expect(text).toMatch(/^\/\/ train of net, B = 32\n/)
    expect(text).toContain('inputᵀ')
    expect(text).toContain(`layers.ts:${lineOf(LAYERS, 'units: 16')}`)
    expect(await printed('inspect', 'layers.ts', '--entry', 'predict')).toMatch(/^\/\/ predict of net/)
  })

  test('prints all that is known as JSON', async () => {
    const { entry, bindings, kernels, code } = JSON.parse(
      await printed('inspect', 'layers.ts', '--emit', 'json'),
    ) as Inspection
    expect({ entry, bindings }).toEqual({ entry: 'train', bindings: { B: 32 } })
    const lines = code.text.split('\n')
    for (const k of kernels) expect(lines.slice(k.lines[0] - 1, k.lines[1]).join('\n')).toContain(`function ${k.name}(`)
  })
})

describe('tables', () => {
  test.each(['mlp.ts', 'layers.ts'])('of %s', async (file) => {
    const explained = await printed('explain', file)
    expect(explained).toMatch(/^train of net, B = 32\n\n/)
    expect(explained.match(/^ {4}reads /gm)!.length).toBe(explained.match(/^\w+ {3}[\d.]+ \w*flop/gm)!.length)
    expect(await printed('passes', file)).toMatch(/^simplify +[\d.]+ ms +\d+ tensors\nfuse .* kernels$/m)
    expect(await printed('memory', file)).toMatch(/^state \d+ B, work \d+ B \(\d+ B without reuse\)\nstate +0 /m)
  })

  test('show what a program would be with a pass off', async () => {
    expect(await printed('explain', 'mlp.ts', '--pass', 'inline=off')).toContain('inlining is switched off')
  })
})

describe('formulas', () => {
  test('of an entry and of one tensor, as text and as LaTeX', async () => {
    const all = await printed('formula', 'mlp.ts')
    expect(all).toMatch(/^train of net, B = 32\n\n/)
    expect(all).toContain('h = relu(x · W1 + b1)   float32[32, 16]\n')
    const one = await printed('formula', 'mlp.ts', '--of', 'd_W1')
    expect(one).toMatch(/^d_W1 = xᵀ · .*\n$/)
    expect(all).toContain(one.trimEnd())
    expect(await printed('formula', 'mlp.ts', '--of', 'd_W1', '--format', 'latex')).toContain('^{\\top}')
    expect((await printed('formula', 'mlp.ts', '--format', 'latex')).split('\n').length).toBe(
      all.split('\n').length - 2,
    )
  })

  test('of the way to a gradient', async () => {
    const text = await printed('derivation', 'mlp.ts', '--of', 'd_W1')
    expect(text).toMatch(/^train of net, B = 32\n\nd_W1, the gradient of loss with respect to W1\n/)
    expect(text).toContain(`mlp.ts:${lineOf(MLP, 'sparseSoftmaxCrossEntropy(logits')}`)
    expect(await printed('derivation', 'layers.ts', '--of', 'd_dense/kernel')).toContain('d_dense/kernel = ')
  })
})

describe('emit', () => {
  type Module = Readonly<Record<string, (feeds: object) => Readonly<Record<string, Float32Array>>>>
  const load = async (text: string): Promise<Module> =>
    (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as Module

  test.each<EmitOptions['format']>(['js', 'wasm'])('writes a module that runs as %s', async (format) => {
    const net = await load(await printed('emit', 'mlp.ts', '--format', format, '--bind', 'B=2,3', 'N=2'))
    expect(Object.keys(net)).toEqual(['pairs', 'predict', 'state', 'train'])
    for (const rows of [2, 3]) {
      const { p } = net['predict']!({ x: new Float32Array(rows * 8).fill(1) })
      expect([...p!.subarray(0, 3)]).toEqual([1 / 3, 1 / 3, 1 / 3].map((v) => expect.closeTo(v, 6) as number))
      expect(p!.length).toBe(3 * rows)
    }
  })

  test.each([
    ['all of its entries', 'small', [], ['fixed', 'state', 'twice']],
    ['one of its entries', 'small', ['--entry', 'fixed'], ['fixed', 'state']],
    ['the entry of a mixed program', 'mixed', ['--entry', 'fixed'], ['fixed', 'state']],
    ['a mixed program of one size', 'mixed', ['--bind', 'B=1'], ['fixed', 'free', 'state']],
  ])('needs no sizes where no dimension is named: %s', async (_, name, more, names) => {
    for (const format of ['js', 'wasm']) {
      const args = ['emit', 'mixed.ts', '--export', name, '--format', format, '--no-prettier', ...more]
      const text = await printed(...args)
      const net = await load(text)
      expect(Object.keys(net)).toEqual(names)
      expect([...net['fixed']!({ x: new Float32Array([1, 2]) })['y']!]).toEqual([2, 3])
      expect(await here.run([...args, '-o', 'small.js'])).toMatchObject({ code: 0, out: '' })
      expect(here.read('small.js')).toBe(text)
    }
  })

  test('refuses sizes where no dimension is named', async () => {
    const { code, err } = await here.run(['emit', 'mixed.ts', '--export', 'small', '--bind', 'B=1'])
    expect([code, err]).toEqual([1, expect.stringContaining('there are no named ones')])
  })

  test('has the form that the name of its file says, and prettier puts it in shape', async () => {
    const files = {
      'net.js': 'export function predict(feeds) {',
      'net.ts': 'export function predict(feeds: {',
      'net.d.ts': 'export declare function predict(',
    }
    for (const [file, head] of Object.entries(files)) {
      const args = ['emit', 'layers.ts', '--entry', 'predict', '--bind', 'B=4', '--weights', 'none', '-o', file]
      expect(await here.run(args)).toMatchObject({
        code: 0,
        out: '',
        err: expect.stringContaining(`${file}: `) as string,
      })
      const shaped = here.read(file)
      expect(shaped).toContain(head)
      expect(shaped).not.toContain('function train')
      await here.run([...args, '--no-prettier'])
      expect(await prettier.format(here.read(file), { filepath: file, ...SHAPE })).toBe(shaped)
    }
  })
})

test('emit leaves no map where there is no module', async () => {
  mkdirSync(join(here.folder, 'taken.js'))
  const before = here.files()
  const { code, err } = await here.run([
    'emit',
    'mlp.ts',
    '--entry',
    'train',
    '--bind',
    'B=2',
    '--map',
    '-o',
    'taken.js',
  ])
  expect([code, err.includes('taken.js')]).toEqual([1, true])
  expect(here.files()).toEqual(before)
})

test('emit writes a source map beside the module', async () => {
  const args = [
    'emit',
    'mlp.ts',
    '--entry',
    'train',
    '--bind',
    'B=4',
    '--schedule',
    'plain',
    '--map',
    '-o',
    'mapped.js',
  ]
  expect(await here.run(args)).toMatchObject({ code: 0, out: '' })
  const code = here.read('mapped.js')
  expect(code.endsWith('\n//# sourceMappingURL=mapped.js.map\n')).toBe(true)
  const map = new TraceMap(here.read('mapped.js.map'))
  expect(map.sources).toEqual(['mlp.ts'])
  const { line } = originalPositionFor(map, { line: lineOf(code, 'W1[i * 16 + j] -='), column: 8 })
  expect(line).toBe(lineOf(MLP, 'matmul(named('))
})

describe('diff', () => {
  const sides = (text: string): string[] => text.split('\n').slice(0, 2)

  test('shows what fusion does, or one pass', async () => {
    const fused = await printed('diff', 'mlp.ts')
    expect(sides(fused)).toEqual(['--- train of net, B = 32, without fusion', '+++ train of net, B = 32, with fusion'])
    const of = await printed('diff', 'mlp.ts', '--of', 'h', '-U', '0')
    expect(of).toContain('-// h float32[32, 16] = relu(add)\n')
    expect(of).toContain('+// h float32[32, 16] = relu(x · W1 + b1)\n')
    expect(of.split('\n').filter((line) => line.startsWith(' '))).toEqual([])
    const inlined = await printed('diff', 'mlp.ts', '--pass', 'inline')
    expect(sides(inlined)[0]).toBe('--- train of net, B = 32, without inline')
    expect(inlined).not.toBe(fused)
  })

  test('shows schedules and targets', async () => {
    const schedules = await printed('diff', 'mlp.ts', '--between', 'schedules', '--of', 'd_W1')
    expect(sides(schedules)).toEqual(['--- train of net, B = 32, plain', '+++ train of net, B = 32, fast'])
    const targets = await printed('diff', 'mlp.ts', '--between', 'targets', '--of', 'd_W1')
    expect(targets).toMatch(/^-function update_W1\(/m)
    expect(targets).toMatch(/^\+\(func \$update_W1/m)
  })

  test('prints nothing where nothing changes, and says so', async () => {
    const ran = await here.run(['diff', 'mlp.ts', '--entry', 'pairs', '--pass', 'hoist'])
    expect(ran).toEqual({ code: 0, out: '', err: 'the code is the same\n' })
  })
})

test.each(['mlp.ts', 'layers.ts'])('bench runs %s on feeds that it takes', async (file) => {
  const text = await printed('bench', file, '--seconds', '0.05', '--bind', 'B=4')
  const [heading, , ...rows] = text.trimEnd().split('\n')
  expect(heading).toBe('train of net, B = 4, random feeds')
  expect(rows[0]).toMatch(/^js +[\d,.]+ steps\/s +[\d,.]+ (?:ms|µs) a step$/)
  expect(rows[1]).toMatch(/^wasm, 1 thread +[\d,.]+ steps\/s +[\d,.]+ (?:ms|µs) a step$/)
})

test.each([
  ['mlp.ts', 'js'],
  ['layers.ts', 'wasm'],
])('profile runs %s as %s', async (file, target) => {
  const text = await printed('profile', file, '--steps', '8', '--bind', 'B=4', '--target', target)
  expect(text).toMatch(/^train of net, B = 4, random feeds\n\n/)
  expect(text).toContain(file === 'mlp.ts' ? 'update_W1' : 'update_dense_kernel')
})
