import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { LAYERS, MLP } from './models'
import { project } from './project'

// As a process of its own: modules are read by Node and by tsx, and not by what runs the tests.
const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
const node = ['--import', import.meta.resolve('tsx'), cli]

const files = {
  'syntax.ts': `export const a = 1\nexport const b: number = = 2\n`,
  'imports-syntax.ts': `export * from './syntax'\n`,
  'syntax.mjs': `export const a = 1\nexport const b = = 2\n`,
  'throws.mts': `interface Wanted {\n  size: number\n}\nconst wanted: Wanted = JSON.parse('{')\nexport { wanted }\n`,
  'never.ts': `await new Promise(() => {})\nexport {}\n`,
  'exits.ts': `process.exit(0)\nexport {}\n`,
  'timer.ts': `${MLP}\nsetInterval(() => {}, 1000)\nconsole.log('here')\n`,
  'part.ts': `export enum Size {\n  rows = 8,\n}\n`,
  'enum.ts': `import { compile, entry, sum, tensor } from 'gradloom'
import { Size } from './part'
interface Unused {
  readonly a: 1
}
export const net = compile({
  f: entry({ x: tensor([Size.rows]) }, ({ x }) => ({ outputs: { y: sum(x) } })),
})
`,
}
const modules = project({ 'layers.ts': LAYERS, ...files })
const common = project({ 'layers.ts': LAYERS, ...files })
// A folder without a type has modules of CommonJS.
rmSync(join(common.folder, 'package.json'))
afterAll(() => {
  modules.remove()
  common.remove()
})

const run = (folder: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...args], { cwd: folder, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

test.each([['help'], ['help', 'inspect'], ['--help'], ['inspect', '--help'], ['--version']])(
  '%s %s is what was asked for',
  (...args) => {
    const { code, out, err } = run(modules.folder, ...args)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(args[0] === '--version' ? /^\d/ : /Usage: gradloom/)
  },
)
test('without a command it is not', () => {
  expect(run(modules.folder).code).toBe(2)
  expect(run(modules.folder, 'help', 'nothing').code).not.toBe(0)
})

describe.each([
  ['ES modules', modules.folder],
  ['CommonJS', common.folder],
])('TypeScript as %s', (_, folder) => {
  test('has the lines of its files', () => {
    const { code, out, err } = run(folder, 'inspect', 'enum.ts')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^\/\/ f of net\n\n\/\/ y float32\[\] = sum\(x, axis 0\)\n\/\/ {3}sum at enum.ts:7; /)
  })

  test('has models of layers', () => {
    const { code, out, err } = run(folder, 'explain', 'layers.ts')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/gradient of .* at layers.ts:4\n/)
  })

  test('says where it cannot be read', () => {
    const message = /^error: \S*[/\\]syntax.ts:2:26: Unexpected "="\n {2}export const b: number = = 2\n {27}\^\n$/
    for (const file of ['syntax.ts', 'imports-syntax.ts']) {
      const { code, out, err } = run(folder, 'inspect', file)
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(message)
    }
  })
})

describe('a process', () => {
  test('says where JavaScript cannot be read, and what a module throws', () => {
    expect(run(modules.folder, 'inspect', 'syntax.mjs')).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^error: \S*syntax.mjs:2: Unexpected token '='\n {2}export const b = = 2\n {19}\^\n$/,
      ) as string,
    })
    expect(run(modules.folder, 'inspect', 'throws.mts').err).toMatch(/^error: .*JSON.*\n {2}at throws.mts:4\n$/)
  })

  test('ends where a model has left timers, and prints nothing of the model among its output', () => {
    const { code, out, err } = run(modules.folder, 'inspect', 'timer.ts', '--of', 'd_W1')
    expect([code, err]).toEqual([0, 'here\n'])
    expect(out).toContain('function update_W1(')
  })

  test('ends where a module waits for what never happens', () => {
    const { code, out, err } = run(modules.folder, 'inspect', 'never.ts')
    expect([code, out, err]).toEqual([1, '', 'error: the module never finished loading\n'])
  })

  test('says where a module ends it', () => {
    const { code, out, err } = run(modules.folder, 'inspect', 'exits.ts')
    expect([code, out, err]).toEqual([1, '', 'error: the module ended the process while it was read\n'])
  })

  test('is silent where nobody reads on', async () => {
    const child = spawn(process.execPath, [...node, 'inspect', 'timer.ts', '--emit', 'json'], { cwd: modules.folder })
    let err = ''
    child.stderr.on('data', (text: Buffer) => (err += text.toString()))
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect([code, err]).toEqual([0, 'here\n'])
  })

  test
    .skipIf(!existsSync('/dev/full'))
    .each([['--version'], ['help', 'emit'], ['memory', 'layers.ts'], ['inspect', 'layers.ts', '--emit', 'json']])(
    'says that its output cannot be written: %s %s',
    (...args) => {
      const full = openSync('/dev/full', 'w')
      const { status, stderr } = spawnSync(process.execPath, [...node, ...args], {
        cwd: modules.folder,
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      })
      closeSync(full)
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: the output cannot be written: ENOSPC.*\n$/)])
    },
  )

  test.each([
    ['stderr', 1, ['inspect', 'nosuch.mjs']],
    ['stderr', 2, ['inspect', '--nosuch']],
    ['stderr', 0, ['memory', 'timer.ts']],
    ['stdout', 1, ['inspect', 'nosuch.mjs']],
    ['stdout', 0, ['memory', 'layers.ts']],
  ] as const)('has its code where nobody reads %s: %i', async (stream, code, args) => {
    const child = spawn(process.execPath, [...node, ...args], { cwd: modules.folder })
    child[stream].destroy()
    for (const other of [child.stdout, child.stderr]) other.resume()
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(code)
  })

  test('has the version of the package', () => {
    expect(run(modules.folder, '--version').out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
