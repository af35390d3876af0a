import { spokenName } from '../codegen/formula'
import { commentText } from '../codegen/names'
import { type BindingOption, specialisedOf } from '../compile/inspected'
import { GraphError } from '../ir/errors'
import { type Formula, nameF, numberF } from '../ir/formula'
import { checkKeys } from '../ir/names-of'
import { type Gradient, placeOf, type Term } from '../ir/origin'
import { fileName, type Place } from '../ir/place'
import { postorder } from '../ir/postorder'
import type { Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import { constantValue } from '../ops/leaf'
import { bothOf, equation, equationOf } from './formulas'
import { type WrittenGraph, writtenGraph } from './written'

/** Options of `derivation`. */
export interface DerivationOptions extends BindingOption {
  /** A gradient by its name, such as `d_W1`. */
  readonly of: string
}

/** What a tensor's gradient owes to one op that reads the tensor. */
export interface DerivationTerm {
  /** `[h > 0] ⊙ d_h`: what this op adds to the gradient. */
  readonly text: string
  readonly latex: string
  /** The op, and what it computes: `relu`, `h = relu(z1)`. */
  readonly op: string
  readonly forward: { readonly text: string; readonly latex: string }
  /** Names of the gradients that it is made of, each of an earlier step. */
  readonly from: readonly string[]
  /** The line where the op was written. */
  readonly place?: Place
}

/** The gradient of one tensor on the way, with a term for each op that reads the tensor. */
export interface DerivationStep {
  /** The gradient, `d_h`, and the tensor whose gradient it is. */
  readonly name: string
  readonly of: string
  readonly shape: readonly number[]
  readonly dtype: DType
  /** `d_z1 = [h > 0] ⊙ d_h`. */
  readonly text: string
  readonly latex: string
  /** One for each path that joins here; none for the loss, whose gradient is 1. */
  readonly terms: readonly DerivationTerm[]
}

/** The chain rule from a loss to one gradient, as plain data. */
export interface Derivation {
  readonly name: string
  readonly of: string
  readonly loss: string
  /** From the loss to the gradient that was asked for. */
  readonly steps: readonly DerivationStep[]
  /** A step a paragraph, its terms with their ops and lines below it. */
  toString(): string
}

/**
 * How the chain rule leads from a loss back to one gradient: for each tensor on the way its gradient, and for each op that reads
 * the tensor the term that the op's rule adds, with the op's own formula and line. Formulas are those of the model as it was
 * written, in the notation of `formula`: a softmax is one op with one rule, and nothing is simplified yet. A loop counts as one
 * op. Throws a GraphError that lists the gradients if there is none of the name.
 */
export function derivation(run: object, options: DerivationOptions): Derivation {
  checkKeys('derivation', options, ['of', 'bindings'])
  const graph = writtenGraph(specialisedOf('derivation', run, options).compilation.traced)
  const target = gradientNamed(options.of, graph)
  const order = postorder([target], (t) => gradientOf(t).terms.flatMap(({ from }) => from.filter(isLabelled)))
  const known = new Set(order)
  const steps = [...seedsOf(order, graph), ...order.map((t) => stepOf(t, graph, known))]
  const { of, loss } = gradientOf(target)
  const [name, ofName, lossName] = [target, of, loss].map(graph.keyOf) as [string, string, string]
  const title = `${name}, the gradient of ${lossName} with respect to ${ofName}`
  const toString = (): string =>
    [title, ...steps.flatMap((step, i) => linesOf(step, i + 1))].map(commentText).join('\n')
  return { name, of: ofName, loss: lossName, steps, toString }
}

const isLabelled = (t: Tensor): boolean => t.origin.gradient !== undefined

const gradientOf = (t: Tensor): Gradient => {
  const { gradient } = t.origin
  if (!gradient) throw new Error('only gradients lead to gradients')
  return gradient
}

function gradientNamed(name: string, graph: WrittenGraph): Tensor {
  const found = graph.find(name)
  if (found && isLabelled(found)) return found
  const all = [...graph.own].filter(isLabelled).map((t) => `"${graph.keyOf(t)}"`)
  const list = all.length === 0 ? 'it has none' : `there are ${[...new Set(all)].join(', ')}`
  throw new GraphError(`derivation: "${name}" is not a gradient of this entry; ${list}`)
}

/** Numbers and inputs carry no label: of what they are the gradient, the op says whose rule began with them. */
const gradientName = (g: Tensor, by: Tensor, graph: WrittenGraph): string =>
  isLabelled(g) ? graph.keyOf(g) : `d_${graph.keyOf(by)}`

/** Where the chain rule begins. */
function seedsOf(order: readonly Tensor[], graph: WrittenGraph): DerivationStep[] {
  const seeds = new Map<string, DerivationStep>()
  for (const { by, from } of order.flatMap((t) => gradientOf(t).terms)) {
    for (const g of from.filter((t) => !isLabelled(t))) {
      const name = gradientName(g, by, graph)
      const written = equationOf(nameF(name), leafF(g, graph))
      seeds.set(name, { name, of: graph.keyOf(by), shape: g.shape, dtype: g.dtype, ...written, terms: [] })
    }
  }
  return [...seeds.values()]
}

const leafF = (t: Tensor, graph: WrittenGraph): Formula => {
  const value = constantValue(t)
  return value === undefined ? graph.nameOf(t) : numberF(value)
}

function stepOf(t: Tensor, graph: WrittenGraph, steps: ReadonlySet<Tensor>): DerivationStep {
  const { of, terms } = gradientOf(t)
  const [only, ...others] = terms
  // What an op hands on as it is is the gradient of its result.
  const same = only && others.length === 0 && steps.has(only.cotangent) ? only.cotangent : undefined
  return {
    name: graph.keyOf(t),
    of: graph.keyOf(of),
    shape: t.shape,
    dtype: t.dtype,
    ...equationOf(graph.nameOf(t), same ? graph.nameOf(same) : graph.formulaOf(t, steps)),
    terms: terms.map((term) => termOf(term, graph, steps)),
  }
}

function termOf({ by, from, cotangent }: Term, graph: WrittenGraph, steps: ReadonlySet<Tensor>): DerivationTerm {
  const place = placeOf(by.origin)
  return {
    ...bothOf(steps.has(cotangent) ? graph.nameOf(cotangent) : graph.formulaOf(cotangent, steps)),
    op: spokenName(by),
    // A loop is what it gives.
    forward: whatIs(by.op.kind === 'region' ? (from[0]?.origin.gradient?.of ?? by) : by, graph),
    from: from.map((g) => gradientName(g, by, graph)),
    ...(place ? { place } : {}),
  }
}

const whatIs = (t: Tensor, graph: WrittenGraph): { readonly text: string; readonly latex: string } =>
  graph.own.has(t) ? equation(graph, t) : bothOf(graph.formulaOf(t))

function linesOf({ text, terms }: DerivationStep, n: number): string[] {
  const pad = ' '.repeat(String(n).length + 2)
  const because = ({ text: term, op, forward, place }: DerivationTerm): string => {
    const what = terms.length > 1 ? `${term}   ` : ''
    const where = place ? `   ${fileName(place.file)}:${place.line}` : ''
    return `${pad}${what}by ${op}: ${forward.text}${where}`
  }
  return [`${n}. ${text}`, ...terms.map(because)]
}
