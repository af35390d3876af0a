import type { BindingOption } from '../compile/inspected'
import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { showType } from '../ir/type'
import { inspect } from './inspect'
import type { GraphView, Inspection, KernelView, TensorView } from './inspection'
import { provenanceText } from './provenance-text'

/** What `provenance` takes. */
export interface ProvenanceOptions extends BindingOption {
  /** Texts of the model's files, by path or name: their lines are shown as well. */
  readonly text?: Readonly<Record<string, string>>
}

/** A kernel, and those of its formulas that come from a line. */
export interface KernelMention {
  readonly kernel: string
  /** Empty where the line is only a step on the way. */
  readonly formulas: readonly string[]
}

/** What became of a line of the model. */
export interface LineProvenance {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The line itself, where the text of its file was given. */
  readonly text?: string
  /** What was written there: `h float32[32, 256] = relu(x · W1 + b1)`. */
  readonly tensors: readonly string[]
  readonly forward: readonly KernelMention[]
  readonly gradients: readonly KernelMention[]
  /** Kernels that write state: those of what the line updates, and those that compute a gradient of the line for it. */
  readonly updates: readonly KernelMention[]
}

/** What `provenance` gives: from lines to kernels, and back. */
export interface Provenance {
  readonly entry: string
  /** By file and line. */
  readonly lines: readonly LineProvenance[]
  /** In the order in which they run, each with the lines that it comes from. */
  readonly kernels: readonly {
    readonly kernel: string
    readonly part: KernelView['part']
    readonly lines: readonly { readonly file: string; readonly line: number }[]
  }[]
  /** The model's lines with what became of them, for people. */
  toString(): string
}

/**
 * What became of each line of the model: the tensors it made, and the kernels for their values, for their gradients and for
 * updates; and for each kernel the lines that it comes from. Throws a GraphError as `inspect` does, and where lines were not
 * recorded.
 */
export function provenance(run: object, options: ProvenanceOptions = {}): Provenance {
  checkKeys('provenance', options, ['bindings', 'text'])
  const { text = {}, ...shown } = options
  const inspection = inspect(run, shown)
  const lines = linesOf(inspection, text)
  if (lines.length === 0)
    throw new GraphError(
      `provenance: no tensor of "${inspection.entry}" knows its line; build the model with recordSites(true)`,
    )
  const kernels = inspection.kernels.map(({ name, part, places }) => ({
    kernel: name,
    part,
    lines: places.map(({ file, line }) => ({ file, line })),
  }))
  const found = { entry: inspection.entry, lines, kernels }
  return { ...found, toString: () => provenanceText(found) }
}

type Section = 'forward' | 'gradients' | 'updates'
const SECTIONS = { forward: 'forward', backward: 'gradients', update: 'updates' } as const

interface Draft extends Record<Section, Map<number, string[]>> {
  readonly file: string
  readonly line: number
  readonly tensors: string[]
}

function linesOf({ graphs, kernels }: Inspection, text: Readonly<Record<string, string>>): LineProvenance[] {
  const drafts = new Map<string, Draft>()
  const draftAt = ({ place }: TensorView): Draft | undefined => {
    if (!place) return undefined
    const { file, line } = place
    const key = `${file}:${line}`
    const known = drafts.get(key)
    if (known) return known
    const made: Draft = { file, line, tensors: [], forward: new Map(), gradients: new Map(), updates: new Map() }
    drafts.set(key, made)
    return made
  }
  const written = targetsOf(graphs.traced)
  for (const t of writtenIn(graphs.traced.tensors)) {
    const formula = t.part === 'state' || t.formula === t.name ? '' : ` = ${t.formula}`
    draftAt(t)?.tensors.push(`${written.get(t.id) ?? t.name} ${showType(t)}${formula}`)
  }
  const { tensors } = graphs.simplified
  const targets = targetsOf(graphs.simplified)
  for (const { id, part, formulas, tensors: inside } of kernels)
    for (const t of inside) {
      const mentions = draftAt(tensors[t]!)?.[SECTIONS[part]]
      if (!mentions) continue
      const label = targets.get(t) ?? tensors[t]!.name
      const own = formulas.filter((formula) => formula.startsWith(`${label} `))
      mentions.set(id, [...new Set([...(mentions.get(id) ?? []), ...own])])
    }
  // A variable has no kernel of its own: those that write it come from where it was made, too.
  const variables = new Map(tensors.filter((t) => t.part === 'state').map((t) => [t.name, t]))
  for (const [id, name] of targets) {
    const variable = variables.get(name)
    const writer = tensors[id]!.kernels.at(-1)
    if (!variable || writer === undefined) continue
    const own = kernels[writer]!.formulas.filter((formula) => formula.startsWith(`${name} `))
    draftAt(variable)?.updates.set(writer, own)
  }
  const mentions = (found: ReadonlyMap<number, readonly string[]>): KernelMention[] =>
    [...found].sort(([a], [b]) => a - b).map(([id, formulas]) => ({ kernel: kernels[id]!.name, formulas }))
  return [...drafts.values()]
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
    .map((draft) => {
      const line = textOf(draft.file, text)?.split('\n')[draft.line - 1]?.trimEnd()
      return {
        file: draft.file,
        line: draft.line,
        ...(line === undefined ? {} : { text: line }),
        tensors: draft.tensors,
        forward: mentions(draft.forward),
        gradients: mentions(draft.gradients),
        updates: mentions(draft.updates),
      }
    })
}

/** The variable that a tensor is the next value of. */
const targetsOf = ({ updates }: GraphView): Map<number, string> =>
  new Map(Object.entries(updates).map(([name, id]) => [id, name]))

/** Of what a line makes forward: what has a name, and what is not only an operand of the rest of the line. */
function writtenIn(tensors: readonly TensorView[]): TensorView[] {
  const lineOf = ({ place }: TensorView): string | undefined => place && `${place.file}:${place.line}`
  const operands = new Set<number>()
  for (const t of tensors)
    for (const x of t.inputs) if (t.part === tensors[x]!.part && lineOf(t) === lineOf(tensors[x]!)) operands.add(x)
  const shown = tensors.filter((t) => t.part === 'forward' || t.part === 'update' || t.part === 'state')
  return shown.filter((t) => t.named || !operands.has(t.id))
}

/** The text of a file, given by its path, by its address, or by the end of one. */
export function textOf(file: string, text: Readonly<Record<string, string>>): string | undefined {
  if (Object.hasOwn(text, file)) return text[file]
  const path = pathOf(file)
  const key = Object.keys(text).find((key) => path === pathOf(key) || path.endsWith(`/${pathOf(key)}`))
  return key === undefined ? undefined : text[key]
}

/** With the signs of one system, and of an address without what is in front of its path. */
function pathOf(file: string): string {
  const path = file.replace(/^file:\/\/(?:\/(?=[a-z]:))?/i, '')
  return (path === file ? file : decodeURI(path)).replaceAll('\\', '/')
}
