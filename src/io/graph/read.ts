import { entry as makeEntry, tensor } from '../../api/entry'
import type { Entry } from '../../api/types'
import { FormatError, quoted } from '../../formats/error'
import { parseJson } from '../../formats/json'
import { GraphError } from '../../ir/errors'
import { makeTensor, type Tensor } from '../../ir/tensor'
import { withoutTrace } from '../../ir/trace'
import { sameShape, showType } from '../../ir/type'
import type { Update, Variable } from '../../ir/variable'
import { makeInput } from '../../ops/leaf'
import { FORMAT, VERSION, type GraphDocument } from './document'
import { fieldsOf, listOf, Names, oneOf, refuse, typeOf, wholeOf } from './fields'
import { type Leaves, nodesFrom } from './nodes'
import { variableFrom } from './variables'

/** What a document holds, as `compile` takes it. */
export interface GraphParts {
  readonly variables: readonly Variable[]
  readonly entries: Readonly<Record<string, Entry>>
}

/**
 * The entries of a document, or of its text, for `compile`, with the variables that they share: what `graphToJson` has written
 * computes bit for bit what it did. The shape of every node is found anew and must be the one that stands there. Throws a
 * FormatError that says where, before anything is returned, for a document that nobody vouches for and that is not what it
 * should be.
 */
export function graphFromJson(document: GraphDocument | string): GraphParts {
  return withoutTrace(() => {
    const found = at('the document', () =>
      fieldsOf('the document', typeof document === 'string' ? parseJson(FORMAT, document, MAX_DEPTH) : document, [
        'format',
        'version',
        'variables',
        'entries',
      ]),
    )
    at('format', () => oneOf('format', found.format, [FORMAT]))
    at('version', () => oneOf('version', found.version, [VERSION]))
    const variables = variablesFrom(found.variables)
    const names = new Names('entry')
    const entries = at('entries', () => listOf('entries', found.entries)).map((json, i) => {
      const where = `entries[${i}]`
      const fields = at(where, () => fieldsOf('entry', json, ['name', 'inputs', 'nodes', 'outputs', 'updates']))
      const name = at(where, () => names.add(fields.name))
      return [name, entryFrom(where, fields, variables)] as const
    })
    return { variables: [...variables.values()], entries: Object.fromEntries(entries) }
  })
}

/** What is refused inside is an error of the format at that place. */
function at<T>(where: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    throw new FormatError(FORMAT, `${where}: ${error.message}`, where, { cause: error })
  }
}

/** A loop in a loop is a few deeper. */
const MAX_DEPTH = 500

function variablesFrom(json: unknown): ReadonlyMap<string, Variable> {
  const found = new Map<string, Variable>()
  for (const [i, item] of at('variables', () => listOf('variables', json)).entries())
    at(`variables[${i}]`, () => {
      const v = variableFrom(item)
      if (found.has(v.name)) refuse(`variable ${quoted(v.name)} is there twice`)
      found.set(v.name, v)
    })
  return found
}

type EntryFields = Readonly<Record<'inputs' | 'nodes' | 'outputs' | 'updates', unknown>>

function entryFrom(where: string, fields: EntryFields, variables: ReadonlyMap<string, Variable>): Entry {
  const inputs = at(`${where}.inputs`, () => inputsFrom(fields.inputs))
  const leaves: Leaves = {
    input: (name) => inputs.get(name) ?? refuse(`there is no input ${quoted(name)}`),
    variable: (name) => variables.get(name) ?? refuse(`there is no variable ${quoted(name)}`),
  }
  const nodes = nodesFrom(`${where}.nodes`, fields.nodes, [], at, leaves)
  const nodeAt = (json: unknown): Tensor => nodes[wholeOf('node', json, 0, nodes.length - 1)]!
  const outputs = at(`${where}.outputs`, () => {
    const names = new Names('output')
    return listOf('outputs', fields.outputs).map((json) => {
      const { name, node } = fieldsOf('output', json, ['name', 'node'])
      return [names.add(name), nodeAt(node)] as const
    })
  })
  const updates = at(`${where}.updates`, () => {
    const names = new Names('update')
    return listOf('updates', fields.updates).map((json): Update => {
      const { variable, node } = fieldsOf('update', json, ['variable', 'node'])
      const v = leaves.variable(names.add(variable))
      const next = nodeAt(node)
      if (v.dtype !== next.dtype || !sameShape(v.shape, next.shape))
        refuse(`the update of ${quoted(v.name)} ${showType(v)} is ${showType(next)}`)
      return [v, next]
    })
  })
  for (const [, t] of [...outputs, ...updates])
    if (t.op.kind === 'region') at(where, () => refuse('a result is a part of a region, not the region'))
  const specs = Object.fromEntries([...inputs].map(([name, t]) => [name, tensor(t.shape, t.dtype)]))
  return makeEntry(specs, (given: Readonly<Record<string, Tensor>>) => {
    const own = new Map([...inputs].map(([name, t]) => [t, given[name]!]))
    const image = over(nodes, own)
    return {
      outputs: Object.fromEntries(outputs.map(([name, t]) => [name, image(t)])),
      updates: updates.map(([v, t]): Update => [v, image(t)]),
    }
  })
}

/** The nodes over other inputs. */
function over(nodes: readonly Tensor[], inputs: ReadonlyMap<Tensor, Tensor>): (t: Tensor) => Tensor {
  const made = new Map(inputs)
  const image = (t: Tensor): Tensor => made.get(t) ?? t
  for (const t of nodes) {
    const { rule } = t.origin
    const isSame = t.inputs.every((x) => image(x) === x) && (!rule || image(rule) === rule)
    if (isSame || made.has(t)) continue
    const origin = rule ? { ...t.origin, rule: image(rule) } : t.origin
    made.set(t, makeTensor(t.op, t.inputs.map(image), t.attrs, t, origin))
  }
  return image
}

function inputsFrom(json: unknown): ReadonlyMap<string, Tensor> {
  const names = new Names('input')
  return new Map(
    listOf('inputs', json).map((item) => {
      const found = fieldsOf('input', item, ['name', 'shape', 'dtype'])
      const name = names.add(found.name)
      return [name, makeInput(name, typeOf(found))]
    }),
  )
}
