import {
  add,
  compile,
  emit,
  type Entry,
  entry,
  matmul,
  mean,
  mul,
  named,
  recordSites,
  scope,
  sgd,
  tanh,
  tensor,
  type Tensor,
  variable,
} from 'gradloom'
import { dot, explain, graph, memory, passes, print, source } from 'gradloom/inspect'
import ts from 'typescript'
import { afterEach, expect, test } from 'vitest'
import { binaryOf, printedBinary } from './wat'

recordSites(false)

const HIT = 'globalThis.planted = true'
const PAYLOADS = [
  `*/ ${HIT} /*`,
  `\`; ${HIT}; \``,
  `\${${HIT}}`,
  `'; ${HIT}; '`,
  `"; ${HIT}; "`,
  `\\'; ${HIT}; //`,
  `\\u0027; ${HIT}; //`,
  `\n${HIT}\n`,
  `\r${HIT}`,
  `\u2028${HIT}\u2029${HIT}`,
  `) { ${HIT} } (`,
  `]: ${HIT}, [`,
  `</script><script>${HIT}</script>`,
  `//# sourceMappingURL=data:,${HIT}`,
  ';) (global i32 (i32.const 1)) (;',
  '(; never closed',
  '")) (memory 1) (func (export "',
]
const WORDS = [
  ...['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf', 'length', 'name', 'default'],
  ...['class', 'await', 'yield', 'let', 'eval', 'arguments', 'undefined', 'NaN', 'this', 'new', 'import', 'enum'],
  ...['ñandú', '漢字', '😀', 'a/b', 'a-b', ' ', '*', '\\', '0', '1e3', '%s', '\0', '\ufeff', 'x'.repeat(10_000)],
]
/** Names that the generated code uses itself. */
const OWN = [
  ...['i', 'feed0', 'feeds', 'key', 'other', 'memory', 'step', 'run', 'fits', 'shaped', 'fillInput', 'noFeeds', 'View'],
  ...['stateMemory', 'decode', 'variable', 'variables', 'FeedError', 'atob', 'Map', 'Math', 'Uint8Array', 'text'],
  ...['main_step', 'run_main_step', 'memory_main_step', 'step1', 'names', 'size', 'sum', 'view', 'globalThis'],
  ...['wasm', 'WebAssembly', 'math', 'env', 'exports', 'instance', 'checked_main_step', 'failed', 'train_step'],
]

interface Names {
  readonly entry: string
  readonly input: string
  readonly output: string
  readonly variable: string
  readonly scope: string
  readonly named: string
}
const PLAIN: Names = { entry: 'train', input: 'x', output: 'loss', variable: 'W', scope: 'layer', named: 'h' }
const everywhere = (name: string): Names => ({
  entry: name,
  input: name,
  output: name,
  variable: name,
  scope: name,
  named: name,
})

const X = [[0.1, 0.2, 0.3], [-0.1, 0, 0.5]] // prettier-ignore
type Call = (feeds: unknown) => Record<string, number>

function build(names: Names, target: 'js' | 'wasm') {
  const entries = {
    [names.entry]: entry({ [names.input]: tensor([2, 3]) }, (inputs) => {
      const W = variable(names.variable, [3, 2], [[1, 2], [3, 4], [5, 6]]) // prettier-ignore
      const h = scope(names.scope, () => named(names.named, tanh(matmul(inputs[names.input] as Tensor, W))))
      const loss = mean(mul(h, h))
      return { outputs: { [names.output]: loss, 'the rest': h }, updates: sgd(loss, [W], { learningRate: 0.5 }) }
    }),
  }
  return compile<Record<string, Entry>>(entries, { target })
}
const losses = (run: Call, { input, output }: Names): (number | undefined)[] =>
  [0, 1, 2].map(() => run({ [input]: X })[output])

const imported = async (text: string): Promise<Readonly<Record<string, Call>>> =>
  (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`)) as never

const EXPECTED = losses(build(PLAIN, 'js')['train'] as Call, PLAIN)
const IN_WASM = losses(build(PLAIN, 'wasm')['train'] as Call, PLAIN)

async function check(names: Names): Promise<void> {
  const program = build(names, 'js')
  const run = program[names.entry] as Call
  // Before any step: the modules take the first weights along.
  const text = emit(program, { format: 'js' })
  const wasm = emit(program, { format: 'wasm' })
  const others = (['ts', 'd.ts'] as const).map((format) => emit(program, { format }))
  for (const schedule of ['plain', 'fast'] as const) void new Function(source(run, { schedule }))
  const shown = [explain(run), memory(run), passes(run), dot(run), graph(run)].map(String)
  expect(shown.every((s) => s.length > 0)).toBe(true)
  expect(losses(run, names)).toEqual(EXPECTED)
  const inWasm = build(names, 'wasm')[names.entry] as Call
  for (const schedule of ['plain', 'fast'] as const)
    expect(printedBinary(source(inWasm, { target: 'wasm', schedule }))).toEqual(binaryOf(inWasm, schedule))
  expect(losses(inWasm, names)).toEqual(IN_WASM)
  for (const [code, expected] of [
    [text, EXPECTED],
    [wasm, IN_WASM],
  ] as const) {
    const module = await imported(code)
    expect(losses(module[names.entry]!, names)).toEqual(expected)
  }
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 }
  for (const code of others)
    expect(ts.transpileModule(code, { compilerOptions, reportDiagnostics: true }).diagnostics).toEqual([])
}

afterEach(() => expect(globalThis).not.toHaveProperty('planted'))

test('the plain program trains', () => {
  const [first, , last] = EXPECTED
  expect(last).toBeLessThan(first!)
})

test.each(PAYLOADS)('code in every name: %j', async (payload) => check(everywhere(payload)))
test.each(WORDS.map((word) => [JSON.stringify(word).slice(0, 40), word]))(
  'a word with a meaning: %s',
  async (_, word) => check(everywhere(word)),
)
test.each(OWN)("the generated code's own name: %s", async (name) => check(everywhere(name)))

test('empty names', async () => {
  await check({ ...everywhere(''), variable: 'W' })
  expect(() => build({ ...PLAIN, variable: '' }, 'js')).toThrow('non-empty')
})

test('names that differ only in what identifiers cannot hold', async () => {
  const entries = (names: readonly string[]) =>
    Object.fromEntries(
      names.map((name, i) => [
        name,
        entry({ 'in put': tensor([2]), 'in-put': tensor([2]) }, (inputs) => ({
          outputs: { y: mul(mul(inputs['in put'], inputs['in-put']), i + 1) },
        })),
      ]),
    )
  const names = ['a b', 'a-b', 'a_b', 'a_b_2', '😀', '漢']
  const program = compile<Record<string, Entry>>(entries(names))
  const modules = [await imported(emit(program, { format: 'js' })), await imported(emit(program, { format: 'wasm' }))]
  const feeds = { 'in put': [1, 2], 'in-put': [3, 4] }
  for (const [i, name] of names.entries()) {
    const expected = [3 * (i + 1), 8 * (i + 1)]
    for (const call of [program[name], ...modules.map((module) => module[name])])
      expect([...((call as Call)(feeds)['y'] as unknown as Float32Array)]).toEqual(expected)
  }
  expect(emit(program, { format: 'd.ts' })).toContain("as 'a-b' }")
})

test.each([...PAYLOADS, '__proto__', 'constructor', '*', '0', 'B-1'])('a dimension called %j', async (dim) => {
  const run = compile(entry({ x: tensor([dim, 2]) }, ({ x }) => ({ outputs: { y: mul(x, 2) } })))
  const feeds = { x: [[1, 2], [3, 4], [5, 6]] } // prettier-ignore
  const doubled = [2, 4, 6, 8, 10, 12]
  expect([...run(feeds).y]).toEqual(doubled)
  void new Function(source(run, { bindings: { [dim]: 5 } }))
  printedBinary(source(run, { target: 'wasm', bindings: { [dim]: 5 } }))
  for (const format of ['js', 'wasm'] as const) {
    const module = await imported(emit(run, { format, bindings: [{ [dim]: 3 }, { [dim]: 5 }] }))
    expect([...(module['main']!(feeds)['y'] as unknown as Float32Array)]).toEqual(doubled)
  }
})

test('a step so long that it is printed in parts', () => {
  const run = compile(
    entry({ step1: tensor([2]), step: tensor([2]) }, ({ step1, step }) => {
      let y = mul(step1, step)
      for (let i = 0; i < 300; i++) y = add(y, 1)
      return { outputs: { step2: y } }
    }),
    { fuse: false, passes: { simplify: false } },
  )
  expect(explain(run).kernels.length).toBeGreaterThan(200)
  expect([...(run({ step1: [1, 2], step: [3, 4] }).step2 as Float32Array)]).toEqual([303, 308])
})

test('every line that is shown stays one line', () => {
  for (const name of PAYLOADS) {
    const h = named(name, tanh(variable(name, [1], 0)))
    expect(print(h).split(/[\r\n\u2028\u2029]/)).toHaveLength(2)
    const run = compile(entry({}, () => ({ outputs: { h } })))
    expect(String(explain(run)).split(/[\r\n\u2028\u2029]/)).toHaveLength(4)
    expect(String(memory(run)).split(/[\r\n\u2028\u2029]/)).toHaveLength(3)
  }
})
