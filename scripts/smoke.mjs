// Packs the built package, installs the tarball somewhere else, and uses it as an ES module, as CommonJS and from TypeScript.
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
  'gradloom/inspect': ['source'],
  'gradloom/nn': ['layers', 'sequential'],
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
if (typeof nodeEntry !== 'object') throw new Error('no node entry')
`

const imports = Object.entries(names).map(([from, list]) => `import { ${list.join(', ')} } from '${from}'`)
const requires = Object.entries(names).map(([from, list]) => `const { ${list.join(', ')} } = require('${from}')`)
const esmHead = [...imports, `import * as nodeEntry from 'gradloom/node'`].join('\n')
const cjsHead = [...requires, `const nodeEntry = require('gradloom/node')`].join('\n')
const untyped = body.replaceAll(/: (number|string) =/g, ' =')

const files = {
  'package.json': JSON.stringify({ name: 'smoke', private: true, version: '0.0.0' }),
  'esm.mjs': `${esmHead}\n${untyped}\nconsole.log('  as an ES module: ok')\n`,
  'cjs.cjs': `${cjsHead}\n${untyped}\nconsole.log('  as CommonJS: ok')\n`,
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

  const installed = JSON.parse(readFileSync(join(dir, 'node_modules/gradloom/package.json'), 'utf8'))
  console.log(`smoke: ${installed.name} ${installed.version} works as installed`)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
