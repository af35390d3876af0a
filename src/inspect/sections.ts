import type { GraphView, TensorView } from './inspection'

/** Around updates that are many. */
export const UPDATES = '(updates)'
export type Section = 'forward' | 'gradients' | typeof UPDATES

interface Sections {
  /** The scope of each tensor; updates without one have that of what they update, many of them within one of their own. */
  readonly scopes: readonly string[]
  /** What it is there for; leaves are there for what reads them first. */
  sectionOf(id: number): Section
}

/** The one that there is beside '', or ''. */
function only(scopes: readonly string[]): string {
  const found = new Set(scopes.filter((scope) => scope !== ''))
  return found.size === 1 ? [...found][0]! : ''
}

const FEW = 12
const SECTIONS: Readonly<Record<string, Section>> = { backward: 'gradients', update: UPDATES }

export function sections({ tensors }: GraphView, readers: ReadonlyMap<number, number>): Sections {
  const isUpdate = ({ scope, part }: TensorView): boolean => scope === '' && part === 'update'
  // Of what they update, or of what alone reads them.
  const updated = tensors.map(({ scope }) => scope)
  const readBy = tensors.map(() => new Set<string>())
  for (const t of tensors) if (isUpdate(t)) updated[t.id] = only(t.inputs.map((x) => updated[x]!))
  for (const t of [...tensors].reverse()) {
    if (isUpdate(t) && updated[t.id] === '' && readBy[t.id]!.size === 1) updated[t.id] = [...readBy[t.id]!][0]!
    for (const x of t.inputs) readBy[x]!.add(updated[t.id]!)
  }
  // Scopes of the model show what it computes: the arithmetic of an optimiser, where it is much, stands apart.
  const apart = tensors.filter(isUpdate).length > FEW
  const scopes = tensors.map((t) =>
    !isUpdate(t) ? t.scope : apart ? [UPDATES, updated[t.id]!].filter(Boolean).join('/') : updated[t.id]!,
  )
  for (const { id, part } of tensors) {
    const reader = part === 'state' || part === 'constant' ? readers.get(id) : undefined
    if (reader !== undefined && scopes[id] === '') scopes[id] = scopes[reader]!
  }
  const sectionOf = (id: number): Section => {
    const { part } = tensors[id]!
    const reader = part === 'state' || part === 'constant' ? readers.get(id) : undefined
    return SECTIONS[reader === undefined ? part : tensors[reader]!.part] ?? 'forward'
  }
  return { scopes, sectionOf }
}
