import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { LAYERS, MLP } from './models'
import { project } from './project'

const compiled = (name: string): string =>
  `export const ${name} = compile({ f: entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: sum(x) } })) })\n`
const HEAD = `import { add, compile, entry, matmul, sum, tensor, variable } from 'gradloom'\n`

const here = project({
  'mlp.ts': MLP,
  'layers.ts': LAYERS,
  'throws.ts': `const wanted: number = 1\n\nfunction data(): never {\n  throw new Error('there are no data')\n}\ndata()\n`,
  'throws-text.ts': `throw 'no data'\n`,
  'missing-import.ts': `import { x } from './nowhere'\nexport const y = x\n`,
  'wrong-shapes.ts': `${HEAD}const W = variable('W', [3, 2], 0)
export const net = compile({
  f: entry({ x: tensor(['B', 4]) }, ({ x }) => ({
    outputs: { y: matmul(x, W as never) as never },
  })),
})
`,
  'nothing.ts': `export {}\n`,
  'empty.ts': `import { compile } from 'gradloom'\nexport const program = compile({})\n`,
  'numbers.ts': `export const a = 1, b = [2], c = { d: null }\nexport const run = (options: object) => options\n`,
  'several.ts': HEAD + compiled('first') + compiled('second'),
  'entries.ts': `${HEAD}export default {
  one: entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: sum(x) } })),
  two: entry({ x: tensor(['B']) }, ({ x }) => ({ outputs: { y: add(sum(x), 1) } })),
}
`,
  'functions.ts': `${HEAD}let calls = 0
export const program = (seed: number) => compile({ f: entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: sum(x) } })) }, { seed })
export const run = (options: object) => { calls++; throw new Error(\`run was called \${calls} times with \${options}\`) }
`,
  'makers.ts': `${HEAD}export const makeOne = () => 1\nexport const makeTwo = () => 2\n`,
  'sized.ts': `${HEAD}export function make(size: number, { bias = 0 }: { bias?: number }) {
  console.log('making', size)
  return { inner: compile({ f: entry({ x: tensor([size]) }, ({ x }) => ({ outputs: { y: add(sum(x), bias) } })) }) }
}
`,
  'open.ts': `import { layers, sequential } from 'gradloom/nn'\nexport const net = sequential([layers.dense({ units: 2 })])\n`,
  'odd-loss.ts': `import { layers, sequential } from 'gradloom/nn'
export const net = sequential([layers.dense({ units: 2, inputShape: [3] })])
net.compile({ optimizer: 'sgd', loss: () => { throw new Error('this loss wants more') } })
`,
  'data.json': '{}',
})
afterAll(() => here.remove())

async function fails(...args: readonly string[]): Promise<{ code: number; err: string }> {
  const files = here.files()
  const { code, out, err } = await here.run(args)
  expect(out).toBe('')
  // One message, and not a stack.
  expect(err).not.toMatch(/^\s+at .*:\d+:\d+/m)
  expect(err).not.toContain('\u001B')
  expect(here.files()).toEqual(files)
  return { code, err }
}

describe('a command line that is wrong ends with code 2', () => {
  test.each([
    [[], /^Usage: gradloom/],
    [['inspct', 'mlp.ts'], /unknown command 'inspct'\n\(Did you mean inspect\?\)/],
    [['inspect'], /missing required argument 'module'/],
    [['inspect', 'mlp.ts', 'layers.ts'], /too many arguments/],
    [['inspect', 'mlp.ts', '--emitt', 'plain'], /unknown option '--emitt'\n\(Did you mean --emit\?\)/],
    [['inspect', 'mlp.ts', '--emit', 'pdf'], /'pdf' is invalid. Allowed choices are plain, fast, wat, ts/],
    [['inspect', 'mlp.ts', '--stage', 'fused'], /'fused' is invalid. Allowed choices are traced, /],
    [['inspect', 'mlp.ts', '--stage', 'traced'], /--stage means nothing with --emit plain; it goes with --emit dot/],
    [
      ['inspect', 'mlp.ts', '--emit', 'dot', '--of', 'h'],
      /--of means nothing with --emit dot; it goes with --emit plain, /,
    ],
    [
      ['inspect', 'mlp.ts', '--bind', 'B'],
      /'--bind <name=extent...>' argument 'B' is invalid. It must be name=extent, such as B=32/,
    ],
    [['inspect', 'mlp.ts', '--bind', 'B=-1'], /argument 'B=-1' is invalid/],
    [['inspect', 'mlp.ts', '--bind', 'B=1e3'], /argument 'B=1e3' is invalid/],
    [['inspect', 'mlp.ts', '--bind', 'B='], /argument 'B=' is invalid/],
    [
      ['inspect', '--bind', 'B=3', 'mlp.ts'],
      /argument 'mlp.ts' is invalid. It must be name=extent, .* and stand behind the module/,
    ],
    [['inspect', 'mlp.ts', '--pass', 'inlining=off'], /There is no such pass; there are simplify, save, /],
    [['inspect', 'mlp.ts', '--pass', 'inline=no'], /It must be name=on or name=off, such as inline=off/],
    [['diff', 'mlp.ts', '--pass', 'constructor'], /There is no such pass/],
    [
      ['diff', 'mlp.ts', '--pass', 'inline', '--between', 'fusion'],
      /'--pass <name>' cannot be used with option '--between <what>'/,
    ],
    [['diff', 'mlp.ts', '--between', 'targets', '--target', 'js'], /--target means nothing with --between targets/],
    [['diff', 'mlp.ts', '-U', '1.5'], /It must be a whole number/],
    [['emit', 'mlp.ts', '--map'], /--map stands beside a module in a file/],
    [
      ['emit', 'mlp.ts', '-o', 'net.wasm'],
      /--output net.wasm: its ending is none of .js, .ts and .d.ts; say what .* --format/,
    ],
    [['emit', 'mlp.ts', '-o', 'net'], /--output net: its ending is none of/],
    [['profile', 'mlp.ts', '--steps', '999999999999'], /It must be a whole number from 1 to 999999999/],
    [['emit', 'mlp.ts', '--map', '-o', 'net.d.ts'], /--map stands beside a module in a file/],
    [['derivation', 'mlp.ts'], /required option '--of <gradient>' not specified/],
    [['formula', 'mlp.ts', '--format', 'tex'], /'tex' is invalid. Allowed choices are text, latex/],
    [['profile', 'mlp.ts', '--steps', '0'], /It must be a whole number from 1/],
    [['bench', 'mlp.ts', '--seconds', '0'], /It must be a number above 0/],
    [['emit', 'mlp.ts', '--format', 'wat'], /'wat' is invalid. Allowed choices are js, ts, wasm, d.ts/],
    [['inspect', 'functions.ts', '--args', '1'], /It must be a JSON array/],
    [['inspect', 'functions.ts', '--args', '[1'], /It must be a JSON array/],
  ])('%j', async (args, message) => {
    const { code, err } = await fails(...args)
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })
})

describe('what a module lacks or does wrong ends with code 1', () => {
  test.each([
    [['nowhere.ts'], /^error: nowhere.ts: there is no such file\n$/],
    [['.'], /^error: \. is a folder; name the module in it that exports the model\n$/],
    [['data.json'], /^error: data.json is no module: expected one of \.js, /],
    [['throws.ts'], /^error: there are no data\n {2}at throws.ts:4\n$/],
    [['throws-text.ts'], /^error: 'no data' was thrown\n$/],
    [['missing-import.ts'], /^error: Cannot find module .*nowhere.* imported from .*missing-import.ts/],
    [
      ['wrong-shapes.ts'],
      /^error: matmul: inner dimensions 4 and 3 differ[^]*\n {2}at wrong-shapes.ts:5\n {2}in entry "f", traced with B = 12\n$/,
    ],
    [['nothing.ts'], /^error: nothing.ts exports no program; it exports nothing. Export what compile returns, /],
    [
      ['numbers.ts'],
      /it exports a \(a number\), b \(an array\), c \(an object\), run \(a function\)\..*; others are called if --export names them/,
    ],
    [['numbers.ts', '--export', 'a'], /"a" is no program; it is a number/],
    [
      ['numbers.ts', '--export', 'run'],
      /"run" takes arguments \(options\); give them as JSON, for example --args '\[1\]'/,
    ],
    [['numbers.ts', '--export', 'run', '--args', '[{}]'], /run\({}\) makes no program; it gives an object/],
    [['numbers.ts', '--export', 'toString'], /has no export "toString"; it exports a /],
    [['empty.ts'], /program has no entries\n$/],
    [['several.ts', '--args', '[]'], /exports a program, and no function that takes --args; leave --args out/],
    [['several.ts'], /several.ts has several programs; choose one by --export first, --export second\n$/],
    [['several.ts', '--export', 'third'], /has no export "third"; it exports first /],
    [['makers.ts'], /several functions that may make a program; choose one by --export makeOne, --export makeTwo/],
    [['makers.ts', '--export', 'makeOne'], /makeOne\(\) makes no program; it gives a number/],
    [['entries.ts'], /has several entries; choose one by --entry: one, two\n$/],
    [['entries.ts', '--entry', 'three'], /has no entry "three"; it has one, two\n$/],
    [['entries.ts', '--entry', 'one', '--bind', 'B=2'], /entry "one" has no dimension "B"; it has no named ones/],
    [['entries.ts', '--entry', 'two', '--bind', 'C=2'], /entry "two" has no dimension "C"; it has B/],
    [['entries.ts', '--entry', 'two', '--bind', 'B=2,3'], /one extent for "B", please, not 2 and 3/],
    [['mlp.ts', '--of', 'd_W9'], /"d_W9" is not a tensor of this entry; kernels compute .*"d_W1"/],
    [['mlp.ts', '--entry', 'predict', '--of', 'x'], /"x" is not computed, it is read/],
    [['mlp.ts', '--emit', 'svg', '--open', 'nowhere'], /svg: there is no scope "nowhere"/],
    [['open.ts'], /it is not known yet what samples look like/],
    [['odd-loss.ts'], /the model "net" takes targets of no usual shape, or no data of zeros: this loss wants more/],
    [['sized.ts', '--export', 'make'], /"make" takes arguments \(size, /],
    [['mlp.ts', '-o', join('nowhere', 'file.js')], /^error: nowhere.file.js: ENOENT: no such file or directory\n$/],
    [['mlp.ts', '-o', '.'], /^error: \.: E/],
  ])('inspect %j', async (args, message) => {
    const { code, err } = await fails('inspect', ...args)
    expect(err).toMatch(message)
    expect(code).toBe(1)
  })

  test('emit takes no sizes for granted', async () => {
    const { code, err } = await fails('emit', 'mlp.ts', '-o', 'out.js')
    expect(err).toBe(
      'error: a module is made for sizes that are known: give --bind B=32 N=32, or several such as B=1,32\n',
    )
    expect(code).toBe(1)
    expect((await fails('emit', 'mlp.ts', '--bind', 'C=1')).err).toContain('there is no dimension "C"; there are B, N')
  })
})

describe('a program is found', () => {
  const heading = async (...args: readonly string[]): Promise<string> => {
    const { code, out } = await here.run(['inspect', ...args])
    expect(code).toBe(0)
    return out.split('\n')[0]!
  }

  test('where a function of a telling name makes it, and other functions are left alone', async () => {
    expect(await heading('functions.ts')).toBe('// f of program(0)')
    expect(await heading('functions.ts', '--export', 'program', '--args', '[7]')).toBe('// f of program(7)')
    const { code, err } = await here.run(['inspect', 'functions.ts', '--export', 'run', '--args', '[1]'])
    expect([code, err.split('\n')[0]]).toEqual([1, 'error: run was called 1 times with 1'])
  })

  test('within what a function returns, and what it prints goes elsewhere', async () => {
    const args = ['inspect', 'sized.ts', '--export', 'make', '--args', '[5, {}]']
    const { code, out, err } = await here.run(args)
    expect([code, err]).toEqual([0, 'making 5\n'])
    expect(out).toMatch(/^\/\/ f of make\(5, {}\).inner\n/)
    expect((await here.run([...args.slice(0, 3), 'make.inner', ...args.slice(4)])).out).toBe(out)
  })

  test('among several by name, and among entries that nobody compiled', async () => {
    expect(await heading('several.ts', '--export', 'second')).toBe('// f of second')
    expect(await heading('entries.ts', '--entry', 'two')).toMatch(/^\/\/ two of .*, B = 32$/)
  })
})

describe('what everybody expects', () => {
  test('of help', async () => {
    const { code, out, err } = await here.run(['--help'])
    expect([code, err]).toEqual([0, ''])
    const commands = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name!)
    expect(commands).toEqual(
      expect.arrayContaining(['inspect', 'explain', 'passes', 'memory', 'diff', 'profile', 'bench', 'emit']),
    )
    for (const name of commands.filter((c) => c !== 'help')) {
      const ran = await here.run([name, '--help'])
      expect(ran).toMatchObject({ code: 0, err: '' })
      expect(ran.out).toContain(`Usage: gradloom ${name} [options] <module>`)
      expect((await here.run(['help', name])).out).toBe(ran.out)
    }
  })

  test('of the version', async () => {
    expect(await here.run(['--version'])).toEqual({ code: 0, out: '1.2.3\n', err: '' })
  })

  test('of colours: on terminals that want them', async () => {
    const args = ['inspect', 'several.ts', '--export', 'first']
    const plain = (await here.run(args)).out
    const coloured = (await here.run(args, { isTTY: true })).out
    expect(coloured).toContain('\u001B[36m// f of first')
    // eslint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001B\[\d+m/g, '')).toBe(plain)
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
      expect((await here.run(args, { isTTY: true, env })).out).toBe(plain)
    expect((await here.run(['inspect', 'x.ts'], { isTTY: true })).err).toBe(
      '\u001B[31merror:\u001B[39m x.ts: there is no such file\n',
    )
  })

  test('of stacks: where they are asked for', async () => {
    for (const [args, env] of [
      [['--stack'], {}],
      [[], { DEBUG: '1' }],
    ] as const) {
      const { code, err } = await here.run(['inspect', 'throws.ts', ...args], { env })
      expect(code).toBe(1)
      expect(err).toMatch(/^error: Error: there are no data\n {4}at data \(.*throws.ts:4:\d+\)\n/)
    }
  })

  test('of files: whole, and what was printed otherwise', async () => {
    const args = ['inspect', 'several.ts', '--export', 'first']
    const { code, out, err } = await here.run([...args, '-o', 'kernels.js'])
    expect([code, out]).toEqual([0, ''])
    expect(err).toMatch(/^kernels.js: [\d,]+ bytes\n$/)
    expect(here.read('kernels.js')).toBe((await here.run(args)).out)
    const before = here.read('kernels.js')
    expect((await here.run([...args, '--of', 'nothing', '-o', 'kernels.js'])).code).toBe(1)
    expect(here.read('kernels.js')).toBe(before)
  })
})
