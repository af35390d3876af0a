import type { Inspection, KernelView } from 'gradloom/inspect'

/** Lines of the code that belong together: those of one kernel, or what stands between kernels. */
export interface Stretch {
  readonly key: string
  readonly text: string
  /** The number of its first line, from 1. */
  readonly first: number
  /** The kernels that are this function; several where they differ in where their buffers lie only. */
  readonly kernels: readonly KernelView[]
}

/** The code, cut where kernels begin and end. */
export function stretchesOf({ code, kernels }: Pick<Inspection, 'code' | 'kernels'>): Stretch[] {
  const lines = code.text.replace(/\n$/, '').split('\n')
  const functions = new Map<number, { last: number; kernels: KernelView[] }>()
  for (const kernel of kernels) {
    const [first, last] = kernel.lines
    const found = functions.get(first)
    if (found) found.kernels.push(kernel)
    else functions.set(first, { last, kernels: [kernel] })
  }
  const stretches: Stretch[] = []
  const add = (first: number, last: number, own: readonly KernelView[]): void => {
    const text = lines.slice(first - 1, last).join('\n')
    if (own.length > 0 || text.trim() !== '') stretches.push({ key: `${first}`, text, first, kernels: own })
  }
  let next = 1
  for (const [first, { last, kernels: own }] of [...functions].sort(([a], [b]) => a - b)) {
    add(next, first - 1, [])
    add(first, last, own)
    next = last + 1
  }
  add(next, lines.length, [])
  return stretches
}
