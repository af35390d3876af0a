import { formulaText } from '../codegen/formula-text'
import { formulaLatex } from '../codegen/latex'
import { commentText } from '../codegen/names'
import { type BindingOption, specialisedOf } from '../compile/inspected'
import { GraphError } from '../ir/errors'
import type { Formula } from '../ir/formula'
import { checkKeys, checkOneOf } from '../ir/names-of'
import { placeOf } from '../ir/origin'
import type { Place } from '../ir/place'
import type { Tensor } from '../ir/tensor'
import { type DType, showType } from '../ir/type'
import { type WrittenGraph, writtenGraph } from './written'

/** Options of `formula`. */
export interface FormulaOptions extends BindingOption {
  /** A tensor or a gradient (`d_W1`), or a variable for its next value. */
  readonly of: string
  /** `text` (the default), or `latex` for math mode, in commands that KaTeX and MathJax know. */
  readonly format?: 'text' | 'latex'
}

/** What a tensor is in terms of others. */
export interface FormulaRow {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: DType
  /** `d_W1 = xᵀ · d_z1`. */
  readonly text: string
  readonly latex: string
  /** The line where it was written, or of the op whose gradient it belongs to. */
  readonly place?: Place
}

/** The formulas of an entry, in order of computing. */
export interface Formulas extends ReadonlyArray<FormulaRow> {
  /** A formula a line, with its type. */
  toString(): string
}

/**
 * The formula of a tensor, of a gradient or of a variable's next value, as the model was written and in its names:
 * `d_W1 = xᵀ · ([h > 0] ⊙ d_h)`. Operands without a name are written out; what is long, or read in several places, has a name
 * that can be asked for in turn. `·` is the matrix product (of stacks of matrices too, where ᵀ turns the last two axes), `⊙` goes
 * element by element, and a condition in brackets is 1 where it holds and 0 elsewhere, whatever it is multiplied by. In LaTeX,
 * numbers below a sum or another reduction are its axes. Of a loop, `last(h_next, h from 0, x in xs)` is what the last turn
 * hands on and `turns(...)` what all of them give. Throws a GraphError that lists the names if there is no such tensor.
 */
export function formula(run: object, options: FormulaOptions): string {
  checkKeys('formula', options, ['of', 'bindings', 'format'])
  const { of, format = 'text' } = options
  checkOneOf('formula', 'format', format, ['text', 'latex'])
  const graph = writtenGraph(specialisedOf('formula', run, options).compilation.traced)
  return equation(graph, named('formula', of, graph))[format]
}

/**
 * The formulas of all tensors of an entry that have a name, in the order of computing, gradients and updates included, with
 * those that they refer to by a name that was made for it. What a loop runs stands in front of its results.
 */
export function formulas(run: object, options: BindingOption = {}): Formulas {
  checkKeys('formulas', options, ['bindings'])
  const graph = writtenGraph(specialisedOf('formulas', run, options).compilation.traced)
  // A loop's gradient computes the turns of the loop again, under the same names.
  const rows = new Map<string, FormulaRow>()
  for (const t of graph.own) {
    const place = placeOf(t.origin)
    const { text, latex } = equation(graph, t)
    const name = graph.keyOf(t)
    if (!rows.has(text))
      rows.set(text, { name, shape: t.shape, dtype: t.dtype, text, latex, ...(place ? { place } : {}) })
  }
  return listed([...rows.values()])
}

function listed(rows: readonly FormulaRow[]): Formulas {
  const line = ({ text, ...type }: FormulaRow): string => commentText(`${text}   ${showType(type)}`)
  return Object.assign([...rows], { toString: () => rows.map(line).join('\n') })
}

interface Written {
  readonly text: string
  readonly latex: string
}

export const bothOf = (f: Formula): Written => ({ text: formulaText(f), latex: formulaLatex(f) })

export function equationOf(left: Formula, right: Formula): Written {
  const [a, b] = [bothOf(left), bothOf(right)]
  return { text: `${a.text} = ${b.text}`, latex: `${a.latex} = ${b.latex}` }
}

/** A tensor's name and what it is. */
export const equation = (graph: WrittenGraph, t: Tensor): Written => equationOf(graph.nameOf(t), graph.formulaOf(t))

function named(what: string, name: string, graph: WrittenGraph): Tensor {
  const t = graph.find(name)
  if (t && t.op.kind !== 'leaf') return t
  const list = [...graph.own].map((x) => `"${graph.keyOf(x)}"`).join(', ')
  const why = t ? 'is given, it has no formula' : 'is not a tensor of this entry'
  throw new GraphError(`${what}: "${name}" ${why}; there are ${list}`)
}
