import { nameTensors } from '../../codegen/tensor-names'
import { entryInternals, programInternals } from '../../compile/internals'
import { compiledOf } from '../../compile/inspected'
import type { Traced } from '../../compile/trace-entry'
import { GraphError } from '../../ir/errors'
import { toposort, withBodies } from '../../ir/graph'
import { checkFlags, checkKeys, checkOneOf } from '../../ir/names-of'
import type { Tensor } from '../../ir/tensor'
import type { Data } from '../../ir/type'
import { isVariable, type Variable } from '../../ir/variable'
import { mergeRules, rewrite, type RuleSet } from '../../passes/rewrite'
import { simplification } from '../../passes/simplify'
import type { OpName } from '../../ops/table'
import { encodeModel } from '../proto/files'
import type { ModelProto, StringEntry } from '../proto/messages'
import { UnsupportedError } from '../unsupported'
import { FIRST, OUTPUT, STATE } from './state'
import { Assembler, FileNames } from './assemble'
import { writeTensors } from './graph'
import { EXPORTS } from './table'
import type { Value } from './value'
import { FileDraft, GraphWriter } from './writer'

/** The versions of ONNX's own ops that are written. */
export const WRITTEN_OPSETS = { from: 17, to: 21 } as const

/** Options of `writeOnnx`. */
export interface WriteOnnxOptions {
  /** Which entry of a program with several. */
  readonly entry?: string
  /** Extents of named dimensions; those of the last call if absent. */
  readonly bindings?: Readonly<Record<string, number>>
  /** The version of ONNX's ops: 17, or 18 where a graph needs it, if absent. */
  readonly opset?: number
  /** Whether variables that the entry only reads are part of the graph (the default), or inputs as those that it updates are. */
  readonly weights?: 'initializers' | 'inputs'
  /**
   * Inputs that stand for variables have their values as defaults: a runtime may then leave them out. False if absent, for
   * onnxruntime-web does not let such inputs be fed; the values are in the file all the same, see `onnxState`.
   */
  readonly defaults?: boolean
}

/** The bytes of an ONNX file that computes what an entry of a program does. */
export function writeOnnx(program: object, options: WriteOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  checkKeys('writeOnnx', options, ['entry', 'bindings', 'opset', 'weights', 'defaults'])
  checkFlags('writeOnnx', options, ['defaults'])
  const { opset, weights = 'initializers', bindings, defaults = false } = options
  checkOneOf('writeOnnx', 'weights', weights, ['initializers', 'inputs'])
  const { from, to } = WRITTEN_OPSETS
  if (opset !== undefined && !(Number.isInteger(opset) && opset >= from && opset <= to))
    throw new GraphError(`writeOnnx: opset must be a whole number from ${from} to ${to}, it is ${String(opset)}`)
  const run = entryOf(program, options.entry)
  const { program: internals } = entryInternals('writeOnnx', run)
  const { traced } = compiledOf('writeOnnx', run, bindings === undefined ? {} : { bindings }).compilation
  const subject: Subject = {
    traced,
    values: (v) => internals.store.view(v).slice(),
    areInputs: weights === 'inputs',
    haveDefaults: defaults,
  }
  const draft = draftOf(subject, opset ?? from)
  if (draft.file.needed <= draft.file.opset) return encodeModel(modelOf(draft))
  if (opset !== undefined)
    throw new UnsupportedError(
      `opset ${opset}`,
      `the entry "${traced.entry}" has bitwise or scattering ops that came with opset ${draft.file.needed}; opset ${opset} has nothing for them`,
    )
  return encodeModel(modelOf(draftOf(subject, draft.file.needed)))
}

/** A model has its program; a program of several entries needs the name of one. */
function entryOf(given: object, name: string | undefined): object {
  const model = (given as { readonly program?: object }).program
  const program = typeof model === 'object' && 'fit' in given ? model : given
  const wanted = name ?? (program === model ? 'predict' : undefined)
  if (wanted === undefined) return program
  const { entries } = programInternals('writeOnnx', program)
  if (!entries.has(wanted))
    throw new GraphError(`writeOnnx: there is no entry "${wanted}"; there are ${[...entries.keys()].join(', ')}`)
  if (typeof program !== 'function') return (program as Readonly<Record<string, object>>)[wanted]!
  const { name: own } = entryInternals('writeOnnx', program)
  if (own === wanted) return program
  throw new GraphError(`writeOnnx: this is the entry "${own}"; pass the program to choose "${wanted}"`)
}

interface Subject {
  readonly traced: Traced
  readonly values: (v: Variable) => Data
  readonly areInputs: boolean
  readonly haveDefaults: boolean
}

interface Draft extends Subject {
  readonly file: FileDraft
  readonly graph: GraphWriter
  readonly inputs: ReadonlyMap<string, Value>
  readonly variables: ReadonlyMap<Variable, Value>
  readonly outputs: ReadonlyMap<string, Value>
  readonly updates: ReadonlyMap<Variable, Value>
  /** What a tensor became before it was written. */
  readonly image: (t: Tensor) => Tensor | undefined
}

/** Composites that ONNX has no op for are written out. */
const expanding: RuleSet = () => [
  (t) => {
    if (t.op.kind !== 'composite') return undefined
    const how = EXPORTS[t.op.name as OpName]
    return typeof how === 'object' && how && (how.takes?.(t) ?? true) ? undefined : t.op.expand(t.inputs, t.attrs)
  },
]

function draftOf(subject: Subject, opset: number): Draft {
  const { inputs, roots } = subject.traced
  const updates = [...roots.updates].filter(([v, next]) => v !== next)
  const asked = [...roots.outputs.values(), ...updates.map(([, next]) => next)]
  const rewritten = rewrite(asked, mergeRules(expanding, simplification()))
  const file = new FileDraft(opset)
  const graph = new GraphWriter(file)
  const fed = new Map([...inputs].map(([name, t]) => [name, graph.stands(t)]))
  const read = toposort(rewritten.roots).filter(isVariable)
  const variables = new Map(
    [...new Set([...read, ...updates.map(([v]) => v)])].map((v) => {
      const { dtype, shape } = v
      const value = file.store(dtype, { dtype, shape, data: subject.values(v) }, v)
      graph.set(v, value)
      return [v, value]
    }),
  )
  const results = resultsOf(graph, writeTensors(graph, rewritten.roots))
  const outputs = new Map([...roots.outputs.keys()].map((name, i) => [name, results[i]!]))
  const next = new Map(updates.map(([v], i) => [v, results[outputs.size + i]!]))
  return { ...subject, file, graph, inputs: fed, variables, outputs, updates: next, image: (t) => rewritten.image(t) }
}

/** Each result is made by a node and is no other one's. */
function resultsOf(graph: GraphWriter, values: readonly Value[]): Value[] {
  graph.of = undefined
  const made = new Set(graph.nodes.flatMap((node) => node.outputs))
  return values.map((x) => (made.delete(x) ? x : graph.node('Identity', [x], x.shape)))
}

/** What an input begins with, under a name of its own: a default would have its name. */
function firstOf(file: FileDraft, value: Value): Value {
  const i = file.stored.findIndex((one) => one.value === value)
  const { data } = file.stored[i]!
  const first: Value = { ...value }
  file.stored[i] = { value: first, data }
  return first
}

function modelOf(draft: Draft): ModelProto {
  const { traced, file, graph, inputs, variables, outputs, updates, areInputs, haveDefaults } = draft
  const names = new FileNames()
  for (const [name, value] of inputs) names.name(value, name)
  for (const [v, value] of variables) names.name(value, v.name)
  const metadata: StringEntry[] = []
  for (const [name, value] of outputs) {
    const given = names.name(value, name)
    if (given !== name) metadata.push({ key: `${OUTPUT}${name}`, value: given })
  }
  const fed: Value[] = []
  for (const [v, value] of variables) {
    const next = updates.get(v)
    if (!next && !areInputs) continue
    fed.push(value)
    const own = names.of(value)
    if (next) metadata.push({ key: `${STATE}${own}`, value: names.name(next, `${own}_next`) })
    if (!haveDefaults) metadata.push({ key: `${FIRST}${own}`, value: names.name(firstOf(file, value), `${own}_first`) })
  }
  const final = nameTensors({
    original: withBodies(traced.order),
    image: draft.image,
    outputs: traced.roots.outputs,
    results: new Map(),
  })
  const assembler = new Assembler(names, { nameOf: final.nameOf, valueOf: (t) => graph.find(t) })
  return {
    irVersion: 8,
    producerName: 'gradloom',
    graph: assembler.graph(
      traced.entry,
      {
        nodes: graph.nodes,
        inputs: [...inputs.values(), ...fed],
        outputs: [...outputs.values(), ...updates.values()],
      },
      file.stored,
    ),
    opsetImport: [{ domain: '', version: file.opset }],
    metadataProps: metadata,
  }
}
