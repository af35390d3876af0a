// Packs the built package, installs the tarball somewhere else, and uses it as an ES module, as CommonJS, in a worker, from
// TypeScript and by its command.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dir = mkdtempSync(join(tmpdir(), 'gradloom-smoke-'))
const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })

const names = {
  gradloom: ['compile', 'entry', 'mul', 'sgd', 'sum', 'tensor', 'variable'],
  'gradloom/formats': ['decodeNpy', 'encodeNpy'],
  'gradloom/inspect': ['source'],
  'gradloom/keras': ['loadLayersModel', 'saveLayersModel'],
  'gradloom/nn': ['layers', 'sequential'],
  'gradloom/onnx': ['readOnnx', 'writeOnnx'],
  'gradloom/report': ['report'],
}

const body = `
const w = variable('w', [2], [1, 2])
const net = compile(
  entry({ x: tensor([2]) }, ({ x }) => {
    const loss = sum(mul(w, x))
    return { outputs: { loss }, updates: sgd(loss, [w], { learningRate: 0.1 }) }
  }),
)
const loss: number = net({ x: [3, 4] }).loss
if (loss !== 11) throw new Error(\`loss is \${loss}, not 11\`)
const text: string = source(net)
if (typeof text !== 'string' || text.length === 0) throw new Error('source is empty')
const stored = decodeNpy(encodeNpy({ dtype: 'float32', shape: [2], data: new Float32Array([1, 2]) }))
if (stored.data[1] !== 2) throw new Error('an npy file differs')
if (typeof nodeEntry !== 'object') throw new Error('no node entry')
`

// The entry is imported above as well, where there is no worker and it does nothing.
const inWorker = `
const rows = Array.from({ length: 8 }, (_, i) => [i, 1])
const trained = async (options) => {
  const net = sequential([layers.dense({ units: 1, inputShape: [2] })])
  net.compile({ optimizer: 'sgd', loss: 'mse' })
  return JSON.stringify([await net.fit(rows, rows.map(([i]) => [i]), options), net.getWeights().map((w) => Array.from(w))])
}
const worker = new Worker(WORKER)
void trained({ worker })
  .then(async (there) => {
    if (there !== (await trained({}))) throw new Error('a fit in a worker differs')
  })
  .finally(() => worker.terminate())
`
const esmWorker = `new URL(import.meta.resolve('gradloom/fit-worker'))`
const cjsWorker = `require.resolve('gradloom/fit-worker')`

const imports = Object.entries(names).map(([from, list]) => `import { ${list.join(', ')} } from '${from}'`)
const requires = Object.entries(names).map(([from, list]) => `const { ${list.join(', ')} } = require('${from}')`)
const esmHead = [...imports, `import * as nodeEntry from 'gradloom/node'`, `import 'gradloom/fit-worker'`].join('\n')
const cjsHead = [...requires, `const nodeEntry = require('gradloom/node')`, `require('gradloom/fit-worker')`].join('\n')
const untyped = body.replaceAll(/: (number|string) =/g, ' =')

// Of both kinds: a module of CommonJS has a copy of the library of its own.
const model = `
const w = variable('w', [2], [1, 2])
const train = entry({ x: tensor([2]) }, ({ x }) => {
  const loss = sum(mul(w, x))
  return { outputs: { loss }, updates: sgd(loss, [w], { learningRate: 0.1 }) }
})
`
const models = {
  'model.mjs': `import { ${names.gradloom.join(', ')} } from 'gradloom'\n${model}\nexport { train }\n`,
  'model.cjs': `const { ${names.gradloom.join(', ')} } = require('gradloom')\n${model}\nmodule.exports = compile({ train })\n`,
  'entries.cjs': `const { ${names.gradloom.join(', ')} } = require('gradloom')\n${model}\nexports.train = train\n`,
}

const files = {
  'package.json': JSON.stringify({ name: 'smoke', private: true, version: '0.0.0' }),
  'esm.mjs': `import { Worker } from 'node:worker_threads'\n${esmHead}\n${untyped}\n${inWorker.replace('WORKER', esmWorker)}\nconsole.log('  as an ES module: ok')\n`,
  'cjs.cjs': `const { Worker } = require('node:worker_threads')\n${cjsHead}\n${untyped}\n${inWorker.replace('WORKER', cjsWorker)}\nconsole.log('  as CommonJS: ok')\n`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: { noEmit: true, strict: true, target: 'es2022', module: 'nodenext', types: [] },
    files: ['types.mts', 'types.cts'],
  }),
  'types.mts': `${esmHead}\n${body}`,
  'types.cts': `${esmHead}\n${body}`,
}

try {
  run('npm', ['pack', '--ignore-scripts', '--loglevel', 'error', '--pack-destination', dir], root)
  const tarball = readdirSync(dir).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack left no tarball')
  run(process.execPath, [join(root, 'node_modules/publint/src/cli.js'), 'run', '--strict', join(dir, tarball)], root)

  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel', 'error']
  run('npm', ['install', '--omit=dev', '--prefer-offline', '--ignore-scripts', ...quiet, `./${tarball}`], dir)

  run(process.execPath, ['esm.mjs'], dir)
  run(process.execPath, ['cjs.cjs'], dir)
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], dir)
  console.log('  from TypeScript, both ways: ok')

  const command = (...args) =>
    execFileSync('npx', ['--no-install', 'gradloom', ...args], { cwd: dir, encoding: 'utf8' })
  if (!command('--help').startsWith('Usage: gradloom ')) throw new Error('gradloom --help prints no help')
  for (const [file, text] of Object.entries(models)) {
    writeFileSync(join(dir, file), text)
    const shown = command('inspect', file, '--of', 'w')
    if (!shown.includes('// w float32[2] = w - ')) throw new Error(`gradloom inspect ${file} prints no formula`)
  }
  // In this folder as in any other, on a model in TypeScript.
  const example = ['inspect', 'examples/mnist-mlp.ts', '--emit', 'plain', '--of', 'd_W1']
  const kernel = execFileSync('npx', ['--no-install', 'gradloom', ...example], { cwd: root, encoding: 'utf8' })
  if (!kernel.includes('// d_W1 float32[784, 256] = xᵀ · d_z1')) throw new Error('gradloom inspect prints no formula')
  if (kernel.trimEnd().split('\n').length > 25) throw new Error('the kernel of d_W1 is no longer short')
  console.log('  as a command: ok')

  const installed = JSON.parse(readFileSync(join(dir, 'node_modules/gradloom/package.json'), 'utf8'))
  console.log(`smoke: ${installed.name} ${installed.version} works as installed`)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
