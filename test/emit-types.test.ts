import {
  adam,
  add,
  argMax,
  compile,
  constant,
  emit,
  entry,
  glorotUniform,
  matmul,
  mean,
  mul,
  relu,
  softmax,
  sparseSoftmaxCrossEntropy,
  sum,
  tensor,
  type Tensor,
  update,
  variable,
} from 'gradloom'
import ts from 'typescript'
import { expect, test } from 'vitest'

const BINDINGS = [{ B: 4 }, { B: 3 }]

function twoEntries() {
  const W = variable('hidden/W', [5, 3], glorotUniform())
  const steps = variable('steps', [], 0, { dtype: 'int32' })
  const logits = (x: Tensor<[number, 5], 'float32'>) => relu(matmul(add(x, constant([1, 2, 3, 4, 5])), W))
  return compile({
    train: entry({ x: tensor(['B', 5]), y: tensor(['B'], 'uint8') }, ({ x, y }) => {
      const loss = mean(sparseSoftmaxCrossEntropy(logits(x), add(y, 0)))
      return { outputs: { loss }, updates: [...adam(loss, [W]), update(steps, add(steps, 1))] }
    }),
    predict: entry({ x: tensor(['B', 5]), temperature: tensor([]) }, ({ x, temperature }) => {
      const p = softmax(mul(logits(x), temperature))
      return { outputs: { p, label: argMax(p) } }
    }),
  })
}

/** What the compiler says about files in memory. */
function diagnose(files: Readonly<Record<string, string>>): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    skipDefaultLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    types: [],
    noEmit: true,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (name) => name in files || fileExists(name)
  host.readFile = (name) => files[name] ?? readFile(name)
  host.getSourceFile = (name, ...rest) => {
    const text = files[name]
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, rest[0])
  }
  return ts
    .getPreEmitDiagnostics(ts.createProgram(Object.keys(files), options, host))
    .map((d) => `${d.file?.fileName}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`)
}

test('the TypeScript and the declarations pass the compiler under --strict', () => {
  const odd = compile({
    'odd-name': entry({ 'in put': tensor([2], 'bool'), n: tensor([], 'int32') }, (inputs) => ({
      outputs: { 'to tal': sum(inputs['in put']), n: inputs.n },
    })),
    quiet: entry({}, () => ({ outputs: {} })),
  })
  const program = twoEntries()
  const options = { bindings: BINDINGS }
  const files: Record<string, string> = {
    '/fast.ts': emit(program, { format: 'ts', ...options }),
    '/plain.ts': emit(program, { format: 'ts', schedule: 'plain', weights: 'none', ...options }),
    '/odd.ts': emit(odd, { format: 'ts' }),
    '/net.d.ts': emit(program, { format: 'd.ts', ...options }),
    '/strange.d.ts': emit(odd, { format: 'd.ts' }),
    '/user.ts': `
      import { predict, state, train } from './net'
      import { 'odd-name' as odd, quiet } from './strange'
      import * as own from './fast'
      const pixels = new Float32Array(20)
      const loss: number = train({ x: pixels, y: [1, 2, 3, 1] }).loss
      const p: Float32Array = predict({ x: pixels, temperature: loss }).p
      const label: Int32Array & { readonly shape: readonly number[] } = own.predict({ x: pixels, temperature: 1 }).label
      const sum: number = odd({ 'in put': [true, false], n: 1 })['to tal']
      const names: readonly string[] = state.names
      own.state.set('steps', 1)
      quiet({})
      // @ts-expect-error: y is missing
      train({ x: pixels })
      // @ts-expect-error: a scalar is a number
      predict({ x: pixels, temperature: pixels })
      // @ts-expect-error: there is no accuracy
      void train({ x: pixels, y: [] }).accuracy
      export { label, names, p, sum }`,
  }
  expect(diagnose(files)).toEqual([])
})
