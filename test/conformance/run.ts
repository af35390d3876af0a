// The backend node tests of ONNX on every target:
//   run.ts [--json] [--only PART] [--folder simple|pytorch-converted|pytorch-operator] [--target js|wasm] [--show failed|unsupported|passed|odd] [--update]
// Ends with 1 where fewer pass than docs/conformance.md says, or where one fails; --update writes that file.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { kept } from '../docs/text'
import { check, type Outcome, type Target } from './check'
import { claimedIn, type Outcomes, report, totalsOf } from './report'
import { FOLDERS, isInstalled, MISSING, opsOf, readTest, testNames } from './suite'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: 'node' },
    target: { type: 'string' },
    show: { type: 'string', default: 'failed' },
    update: { type: 'boolean', default: false },
  },
})
if (!isInstalled()) {
  console.error(MISSING)
  process.exit(2)
}
const DOCUMENT = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url))
const TARGETS: readonly Target[] = ['js', 'wasm']
const targets = TARGETS.filter((target) => !options.target || options.target === target)
const folder = FOLDERS.find((f) => f === options.folder) ?? fault(`folders: ${FOLDERS.join(', ')}`, 2)
const names = testNames(folder).filter((name) => name.includes(options.only))
const isWhole = options.only === '' && folder === 'node'
if (targets.length === 0 || names.length === 0) fault('no test fits', 2)
if (options.update && !(isWhole && targets.length === TARGETS.length))
  fault('--update takes all tests on all targets', 2)

function fault(message: string, code: 2): never
function fault(message: string, code?: 1): void
function fault(message: string, code = 1): void {
  console.error(message)
  if (code === 2) process.exit(code)
  process.exitCode = code
}

const runs = new Map<Target, Outcomes>()
for (const target of targets) {
  const outcomes = new Map(names.map((name): [string, Outcome] => [name, check(name, target, folder)]))
  runs.set(target, outcomes)
  const { passed, failed, unsupported, odd } = totalsOf(outcomes.values())
  if (!options.json) {
    for (const [name, { kind, reason }] of outcomes)
      if (kind === options.show)
        console.log(`${kind} ${name} (${opsOf(readTest(name, folder)).join(' ')}): ${reason.slice(0, 300)}`)
    if (odd > 0) console.log(`${odd} of the unsupported tests on ${target} are odd`)
  }
  if (failed > 0) fault(`${failed} tests fail on ${target}`)
  if (isWhole && !options.update) {
    const claimed = claimedIn(readFileSync(DOCUMENT, 'utf8'), target)
    if (passed < claimed) fault(`${passed} tests pass on ${target}, docs/conformance.md says ${claimed}`)
  }
  console.log(JSON.stringify({ suite: `onnx-${folder}`, target, passed, failed, unsupported: unsupported + odd }))
}
if (options.update) writeFileSync(DOCUMENT, (await kept('conformance.md', report(runs))).wanted)
