import type { Inspection } from 'gradloom/inspect'
import type { Drawing, DrawnNode } from '../protocol'

/** What is pointed at in one of the three views. */
export type Target =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'node'; readonly key: string }
  | { readonly kind: 'kernel'; readonly kernel: number }

/** What lights up in each view. */
export interface Marks {
  readonly lines: ReadonlySet<number>
  readonly nodes: ReadonlySet<string>
  readonly kernels: ReadonlySet<number>
}

export const NO_MARKS: Marks = { lines: new Set(), nodes: new Set(), kernels: new Set() }

export const isSameTarget = (a: Target | undefined, b: Target | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

/** What belongs to a target in all three views, itself among them. */
export function marksOf(
  target: Target | undefined,
  inspection: Pick<Inspection, 'kernels'> | undefined,
  drawing: Pick<Drawing, 'nodes'> | undefined,
): Marks {
  if (!target || !inspection || !drawing) return NO_MARKS
  const { kernels } = inspection
  const { nodes } = drawing
  switch (target.kind) {
    case 'line': {
      const there = nodes.filter((n) => n.places.includes(target.line))
      const own = kernels.filter((k) => k.places.some((p) => p.line === target.line)).map((k) => k.id)
      return {
        lines: new Set([target.line]),
        nodes: keysOf(there),
        // A box of several lines says nothing of one of them.
        kernels: new Set([...own, ...there.filter((n) => n.places.length === 1).flatMap(kernelsOf)]),
      }
    }
    case 'node': {
      const node = nodes.find((n) => n.key === target.key)
      return node
        ? { lines: new Set(node.places), nodes: new Set([node.key]), kernels: new Set(kernelsOf(node)) }
        : NO_MARKS
    }
    case 'kernel': {
      const kernel = kernels.find((k) => k.id === target.kernel)
      if (!kernel) return NO_MARKS
      return {
        lines: new Set(kernel.places.map((p) => p.line)),
        nodes: keysOf(nodes.filter((n) => n.kernels.includes(kernel.id))),
        kernels: new Set([kernel.id]),
      }
    }
  }
}

/** Kernels that compute what a node stands for; of what is not computed, those that read it. */
const kernelsOf = (node: DrawnNode): readonly number[] => (node.kernels.length > 0 ? node.kernels : node.readBy)

const keysOf = (nodes: readonly DrawnNode[]): Set<string> => new Set(nodes.map((n) => n.key))
