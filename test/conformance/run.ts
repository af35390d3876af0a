// The backend node tests of ONNX on every target:
//   run.ts [--json] [--only PART] [--target js|wasm] [--show failed|unsupported]
// Ends with 1 where fewer pass than docs/conformance.md says, or where one fails.
import { parseArgs } from 'node:util'
import { check, type Outcome, type Target } from './check'
import { isInstalled, MISSING, opsOf, readTest, testNames } from './suite'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    target: { type: 'string' },
    show: { type: 'string', default: 'failed' },
  },
})
if (!isInstalled()) {
  console.error(MISSING)
  process.exit(2)
}
const TARGETS: readonly Target[] = ['js', 'wasm']
const targets = TARGETS.filter((target) => !options.target || options.target === target)
const names = testNames().filter((name) => name.includes(options.only))

for (const target of targets) {
  const outcomes = new Map(names.map((name): [string, Outcome] => [name, check(name, target)]))
  const count = (kind: Outcome['kind']): number => [...outcomes.values()].filter((o) => o.kind === kind).length
  if (!options.json) {
    for (const [name, { kind, reason }] of outcomes)
      if (kind === options.show)
        console.log(`${kind} ${name} (${opsOf(readTest(name)).join(' ')}): ${reason.slice(0, 300)}`)
  }
  const [passed, failed, unsupported] = [count('passed'), count('failed'), count('unsupported')]
  console.log(JSON.stringify({ suite: 'onnx-node', target, passed, failed, unsupported }))
}
