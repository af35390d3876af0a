import { code, table } from '../docs/text'
import type { Outcome, Target } from './check'
import { ODD } from './odd'
import { opsOf, readTest } from './suite'

/** What became of every test on one target. */
export type Outcomes = ReadonlyMap<string, Outcome>

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly unsupported: number
  readonly odd: number
}

export function totalsOf(outcomes: Iterable<Outcome>): Totals {
  const totals = { passed: 0, failed: 0, unsupported: 0, odd: 0 }
  for (const { kind } of outcomes) totals[kind]++
  return totals
}

type Row = readonly (string | number)[]
const rows = (head: readonly string[], all: readonly Row[]): string =>
  table(
    head,
    all.map((cells) => cells.map(String)),
  )
const counts = ({ passed, failed, unsupported, odd }: Totals): string => [passed, failed, unsupported, odd].join(' / ')

const WRITTEN_OUT = ', written out'

/** The op that a test is about. What ONNX writes as other ops has the test of the op itself beside it. */
function subjectOf(name: string, names: ReadonlySet<string>): string {
  const own = name.replace(/_expanded$/, '')
  const isExpanded = own !== name && names.has(own)
  const ops = opsOf(readTest(own === name || isExpanded ? own : name)).filter(
    (op, _i, all) => all.length === 1 || op !== 'Constant',
  )
  return isExpanded ? ops.join(' + ') + WRITTEN_OUT : ops.join(' + ')
}

function groups<T>(all: Iterable<T>, key: (one: T) => string): [string, T[]][] {
  const found = new Map<string, T[]>()
  for (const one of all) found.set(key(one), [...(found.get(key(one)) ?? []), one])
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1))
}

const INTRODUCTION = `# Conformance

What becomes of the backend node tests of ONNX (Debian's \`libonnx-testdata\`) in \`gradloom/onnx\`. \`npm run conformance --
--update\` writes this file; \`npm run conformance\` ends with 1 where fewer tests pass than it says, or where one fails.

- **passed**: the results are those expected, to 1e-3 of their size and 1e-7, as ONNX's own runner asks.
- **unsupported**: the model was refused with an \`UnsupportedError\`, before anything was computed.
- **odd**: it cannot pass, for the reason that is given below. Such a test counts as unsupported in the line of totals.
- **constants**: an input decides about a shape, so the test's value of it was made part of the graph.`

/** The parts of `docs/conformance.md`. */
export function report(runs: ReadonlyMap<Target, Outcomes>): readonly string[] {
  const targets = [...runs.keys()]
  const first = runs.get(targets[0]!)!
  const all = new Set(first.keys())
  const subjects = new Map([...all].map((name) => [name, subjectOf(name, all)]))
  const of = (target: Target, names: readonly string[]): Outcome[] => names.map((name) => runs.get(target)!.get(name)!)
  const totals = targets.map((target): Row => {
    const outcomes = [...runs.get(target)!.values()]
    const { passed, failed, unsupported, odd } = totalsOf(outcomes)
    return [target, passed, failed, unsupported, odd, bound(outcomes)]
  })
  const ops = groups(all, (name) => subjects.get(name)!).map(([op, names]): Row => {
    const each = targets.map((target) => counts(totalsOf(of(target, names))))
    return [op, names.length, ...each, bound(of(targets[0]!, names)) || '']
  })
  const odd = [...first].filter(([, { kind }]) => kind === 'odd').map(([name]): Row => [code(name), ODD[name]!])
  const lacking = groups(
    [...first].filter(([, { kind }]) => kind === 'unsupported'),
    ([, { what }]) => what,
  ).map(([what, found]): Row => {
    const concerned = new Set(found.map(([name]) => subjects.get(name)!.replace(WRITTEN_OUT, '')))
    return [what, found.length, [...concerned].sort().join(', '), found[0]![1].reason.replace(/^onnx: /, '')]
  })
  return [
    INTRODUCTION,
    '## Totals',
    rows(['Target', 'Passed', 'Failed', 'Unsupported', 'Odd', 'Constants'], totals),
    '## By op',
    'Passed / failed / unsupported / odd on each target.',
    rows(['Op', 'Tests', ...targets, 'Constants'], ops),
    '## Known-odd tests',
    rows(['Test', 'What is odd'], odd),
    '## Unsupported',
    'What a model is refused for first, with the message of the first test.',
    rows(['What', 'Tests', 'Ops', 'Message'], lacking),
  ]
}

const bound = (outcomes: readonly Outcome[]): number => outcomes.filter(({ constants }) => constants > 0).length

/** How many tests the committed file says to pass on a target. */
export function claimedIn(text: string, target: Target): number {
  const found = new RegExp(`^\\| *${target} *\\| *(\\d+) *\\|`, 'm').exec(text)
  if (!found) throw new Error(`docs/conformance.md has no totals of ${target}; write it with --update`)
  return Number(found[1])
}
