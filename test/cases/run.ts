// The cases taken from public reports, each in every mode of execution:
//   run.ts [--json] [--only ID,ID]
// Ends with 1 if one of those that can run fails.
import { runCase, type Outcome } from './case'
import { cases } from './list/index'

const args = process.argv.slice(2)
const json = args.includes('--json')
const onlyAt = args.indexOf('--only')
const only = onlyAt < 0 ? undefined : (args[onlyAt + 1] ?? '').split(',')
const unknown = only?.filter((id) => !cases.some((c) => c.id === id)) ?? []
if (unknown.length > 0) {
  console.error(`no case is called ${unknown.join(', ')}`)
  process.exit(2)
}

const started = performance.now()
const outcomes: Outcome[] = []
const chosen = cases.filter((c) => !only || only.includes(c.id))
const beside = new Map(chosen.filter((c) => c.apart).map((c) => [c.id, runCase(c)]))
for (const c of chosen) {
  const outcome = await (beside.get(c.id) ?? runCase(c))
  outcomes.push(outcome)
  console.log(json ? JSON.stringify(outcome) : readable(outcome))
}
const count = (pass: Outcome['pass']): number => outcomes.filter((o) => o.pass === pass).length
if (!json) {
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${count(true)} passed, ${count(false)} failed, ${count('not yet')} not yet, ${seconds} s`)
}
if (count(false) > 0) process.exitCode = 1

function readable({ id, modes, pass, detail }: Outcome): string {
  const verdict = pass === true ? 'pass' : pass === false ? 'FAIL' : '-'
  return `${verdict.padEnd(5)}${id.padEnd(8)}${modes.join(' ').padEnd(50)}${detail}`.trimEnd()
}
