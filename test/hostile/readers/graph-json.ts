import {
  compile,
  entry,
  FeedError,
  FormatError,
  graphFromJson,
  type GraphParts,
  graphToJson,
  GraphError,
  RuntimeError,
  type Tensor,
} from 'gradloom'
import { toposort } from '../../../src/ir/graph'
import { newData, sizeOf } from '../../../src/ir/type'
import { entryInternals } from '../../../src/compile/internals'
import { type OpName, OPS } from '../../../src/ops/table'
import { checkBounds } from '../../fuzz/bounds'
import { BATCH, PROGRAMS } from '../../io/graph-programs'
import { build, CASES, type OpCase } from '../../ops/cases'
import type { Reader } from '../reader'

type Random = () => number
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const encode = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json))
const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)]!
const junk = (random: Random): Json => structuredClone(pick(JUNK, random))

/** A row of an op as a document, where one can be written. */
function documentOf(test: OpCase): object | undefined {
  const inputs = Object.fromEntries(
    test.inputs.map(({ shape, dtype }, i) => [
      `x${i}`,
      { shape, dtype: dtype === 'float' ? ('float32' as const) : dtype },
    ]),
  )
  const body = (xs: Record<string, Tensor>) => ({
    outputs: { y: test.build(...test.inputs.map((_, i) => xs[`x${i}`]!)) },
  })
  try {
    return graphToJson(build(inputs, body, { target: 'js', schedule: 'plain' }).net)
  } catch {
    return undefined
  }
}

const smallest = (name: OpName): OpCase => {
  const size = ({ inputs }: OpCase): number => inputs.reduce((n, { shape }) => n + 1 + sizeOf(shape), 0)
  const [first, ...rest] = CASES[name].filter(({ inputs }) => inputs.every(({ shape }) => !shape.includes(0)))
  return rest.reduce((a, b) => (size(b) < size(a) && b.inputs.length > 0 ? b : a), first!)
}

let documents: readonly object[] | undefined
/** Training programs first, then each op with attributes. */
function samples(): readonly object[] {
  documents ??= [
    ...Object.values(PROGRAMS).map((of) =>
      graphToJson(compile(of() as never, { target: 'js' }), { bindings: { B: BATCH } }),
    ),
    ...(Object.keys(OPS) as OpName[])
      .map((name) => documentOf(smallest(name)))
      .filter((document) => document !== undefined && JSON.stringify(document).includes('attrs')),
  ] as readonly object[]
  return documents
}

/** What stands in place of what should be there. */
const JUNK: readonly Json[] = [
  ...[null, true, '', 'x', '__proto__', 'constructor', 'NaN', '\ud800', [], {}, [[]], ['a'], { a: 1 }],
  ...[-1, 0, 1, 2, 3, 0.5, 64, 65, 1e9, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53, -(2 ** 31), 1e300],
  ...[[-1], [0, 0], [2 ** 16, 2 ** 16], [2 ** 31 - 1], [0, 2 ** 31 - 1, 2 ** 31 - 1], ['0']],
]
const OP_NAMES = [...Object.keys(OPS), 'scan', 'cond', 'part', 'standIn', 'toString', '__proto__']

/** Every place in a document, as the object or list that has it and the key. */
function placesOf(json: Json): (readonly [Json[] | Record<string, Json>, string])[] {
  if (typeof json !== 'object' || json === null) return []
  const holder = json as Record<string, Json>
  return Object.keys(json).flatMap((key) => [[holder, key] as const, ...placesOf(holder[key]!)])
}

function mutate(json: Json, random: Random): void {
  const places = placesOf(json)
  // Half of them in attributes: what is wrong there may pass where a shape would not.
  const attrs = places
    .filter(([, key]) => key === 'attrs')
    .flatMap(([of]) => placesOf((of as Record<string, Json>)['attrs']!))
  const [holder, key] = pick(attrs.length > 0 && random() < 0.5 ? attrs : places, random)
  const of = holder as Record<string, Json>
  const value = of[key]!
  const way = random()
  if (key === 'op' && way < 0.5) of[key] = pick(OP_NAMES, random)
  else if (typeof value === 'number' && way < 0.4) of[key] = value + pick([-1, 1, 2, 100, 0.5], random)
  else if (Array.isArray(value) && way < 0.3)
    value.splice(Math.floor(random() * (value.length + 1)), way < 0.15 ? 1 : 0, ...(way < 0.15 ? [] : [value.at(-1) ?? 0])) // prettier-ignore
  else if (typeof value === 'string' && way < 0.2) of[key] = value.slice(1)
  else if (!Array.isArray(holder) && way < 0.3) delete of[key]
  else if (!Array.isArray(holder) && way < 0.4)
    Object.defineProperty(of, pick(['__proto__', 'x', 'gradientOf', 'name'], random), { value: junk(random), enumerable: true, configurable: true, writable: true }) // prettier-ignore
  else of[key] = junk(random)
}

/** Declares the types that nodes have by now, so that shapes alone do not give away what else is wrong. */
function repaired(json: Json): Json {
  for (let i = 0; i < 8; i++) {
    try {
      graphFromJson(json as never)
      return json
    } catch (error) {
      const found = /entries\[(\d+)\]\.nodes\[(\d+)\]: .* is (\w+)\[([\d, ]*)\], but .* stands there$/.exec(
        String(error),
      )
      if (!found) return json
      const [, entry, node, dtype, shape] = found
      const { nodes } = (json as unknown as { entries: { nodes: Record<string, Json>[] }[] }).entries[Number(entry)]!
      Object.assign(nodes[Number(node)]!, { dtype, shape: shape === '' ? [] : shape!.split(', ').map(Number) })
    }
  }
  return json
}

/** Lists in lists, or loops in loops, deeper than anybody should follow. */
function deep(random: Random): string {
  const depth = Math.floor(10 ** (1 + 3 * random()))
  if (random() < 0.5) return `${'['.repeat(depth)}${']'.repeat(depth)}`
  const body = (inner: string): string =>
    `{"op":"scan","shape":[],"dtype":"bool","attrs":{"length":1,"reverse":false,"body":{"slices":[],"carries":[],"captured":[],"nodes":[${inner}],"next":[],"outputs":[]}}}`
  let nodes = ''
  for (let i = 0; i < Math.min(depth, 2000); i++) nodes = body(nodes)
  return `{"format":"gradloom-graph","version":1,"variables":[],"entries":[{"name":"main","inputs":[],"nodes":[${nodes}],"outputs":[],"updates":[]}]}`
}

/** Documents of graphs. */
export const graphJson: Reader = {
  name: 'graph-json',
  samples: () => samples().map(encode),
  read: (bytes) => graphFromJson(new TextDecoder().decode(bytes)),
  refusals: [FormatError],
  forged: (random) => {
    if (random() < 0.02) return new TextEncoder().encode(deep(random))
    const document = JSON.parse(JSON.stringify(pick(samples(), random))) as Json
    for (let count = 1 + Math.floor(2 * random()); count > 0; count--) mutate(document, random)
    return encode(random() < 0.7 ? repaired(document) : document)
  },
  verify: (result) => verify(result as GraphParts),
}

/** What a compiler may still refuse, such as a constant index that is out of range or too many entries of one name. */
const LATER = [GraphError, FeedError, RuntimeError]
/** Elements in all that a graph may have and still be run. */
const FEW = 20_000

/** What was accepted compiles, stays within its memory and runs, where it is small, or is refused by an error that says why. */
function verify({ entries }: GraphParts): void {
  for (const [name, own] of Object.entries(entries)) {
    try {
      const specs = own.inputs as Readonly<
        Record<string, { readonly dims: readonly number[]; readonly dtype: 'float32' }>
      >
      if (Object.values(specs).some(({ dims }) => sizeOf(dims) > FEW)) continue
      const sizes: number[] = []
      compile(
        entry(specs, (xs) => {
          const { outputs, updates } = own.body(xs as never)
          const all = toposort([...Object.values(outputs), ...(updates ?? []).flat()])
          sizes.push(all.reduce((n, t) => n + sizeOf(t.shape), 0))
          if (sizes[0]! > FEW) throw new GraphError('too large to run')
          return { outputs, updates: [...(updates ?? [])] }
        }),
        { target: 'js', threads: 1 },
      )
      const net = compile(own, { target: 'js' }) as unknown as (feeds: object) => object
      const { probe, current } = entryInternals('test', net)
      // What bodies of loops read is not followed.
      if (!probe.order.some((t) => t.op.kind === 'region')) checkBounds(current!)
      net(Object.fromEntries(Object.entries(specs).map(([key, { dims, dtype }]) => [key, dims.length === 0 ? 0 : newData(dtype, sizeOf(dims))]))) // prettier-ignore
    } catch (error) {
      if (!LATER.some((kind) => error instanceof kind)) throw new Error(`${name}: ${String(error)}`, { cause: error })
    }
  }
}
