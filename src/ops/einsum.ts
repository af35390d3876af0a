import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { showShape, sizeOf } from '../ir/type'
import { sumT } from './broadcast'
import { contractT } from './contract'
import { sliceT } from './pieces'
import { reshapeT, transposeT } from './view'

/** Labels of every operand's axes and of the result's. */
export interface EinsumAttrs {
  readonly inputs: readonly (readonly number[])[]
  readonly output: readonly number[]
}

export interface Einsum {
  readonly operands: readonly Tensor[]
  readonly attrs: EinsumAttrs
}

/**
 * The labels of `ij,jk->ik`. An ellipsis stands for leading axes, which broadcast: an operand is without those of 1 where
 * another has more. Without an arrow the labels that occur once are kept.
 */
export function parseEinsum(equation: string, operands: readonly Tensor[]): Einsum {
  const ranks = operands.map((t) => t.shape.length)
  const text = equation.replace(/\s/g, '')
  const [left, right, more] = text.split('->')
  const terms = left!.split(',')
  const fail = (why: string): GraphError => new GraphError(`einsum: '${equation}': ${why}`)
  if (more !== undefined || !/^(?:[A-Za-z]|\.\.\.|,|->)*$/.test(text))
    throw fail("write letters, commas, '...' and one '->'")
  if (terms.length !== ranks.length) throw fail(`it names ${terms.length} operands, ${ranks.length} are given`)
  const lengths = terms.map((term, i) => {
    const named = term.replace('...', '').length
    const open = term.includes('...')
    if (open ? named > ranks[i]! : named !== ranks[i])
      throw fail(`operand ${i + 1} has ${ranks[i]} axes, '${term}' names ${named}`)
    return ranks[i]! - named
  })
  const hidden = Math.max(0, ...lengths)
  const ids = new Map<string, number>()
  const id = (letter: string): number => {
    if (!ids.has(letter)) ids.set(letter, hidden + ids.size)
    return ids.get(letter)!
  }
  // Hidden axes align from the right.
  const labels = (term: string, count: number): number[] => {
    const at = term.indexOf('...')
    const dots = Array.from({ length: count }, (_, i) => hidden - count + i)
    if (at < 0) return [...term].map(id)
    return [...[...term.slice(0, at)].map(id), ...dots, ...[...term.slice(at + 3)].map(id)]
  }
  const inputs = terms.map((term, i) => labels(term, lengths[i]!))
  const letters = [...terms.join('').replaceAll('.', '')]
  const once = [...new Set(letters)].filter((l) => letters.indexOf(l) === letters.lastIndexOf(l)).sort()
  const wanted = right ?? `${hidden > 0 ? '...' : ''}${once.join('')}`
  const unknown = [...wanted.replace('...', '')].find((l) => !letters.includes(l))
  if (unknown !== undefined) throw fail(`'${unknown}' of the result is in no operand`)
  const output = labels(wanted, wanted.includes('...') ? hidden : 0)
  if (new Set(output).size !== output.length) throw fail('a label occurs twice in the result')
  const extents = Array.from({ length: hidden }, (_, l) =>
    operands.map((t, i) => t.shape[inputs[i]!.indexOf(l)] ?? 1).find((extent) => extent !== 1),
  )
  const kept = operands.map((t, i) =>
    withoutRepeated({ t, labels: inputs[i]! }, (l) => l < hidden && extents[l] !== undefined),
  )
  return { operands: kept.map(({ t }) => t), attrs: { inputs: kept.map(({ labels }) => labels), output } }
}

/** Without axes of 1 that repeat: the other operands say how often. */
function withoutRepeated({ t, labels }: Term, repeats: (label: number) => boolean): Term {
  const kept = labels.flatMap((l, axis) => (t.shape[axis] === 1 && repeats(l) ? [] : [axis]))
  const pick = (of: readonly number[]): number[] => kept.map((axis) => of[axis]!)
  return kept.length === labels.length ? { t, labels } : { t: reshapeT(t, pick(t.shape)), labels: pick(labels) }
}

interface Term {
  readonly t: Tensor
  readonly labels: readonly number[]
}

/** Takes the diagonal of labels that an operand repeats, and sums those that nobody else needs. */
function reduced({ t, labels }: Term, needed: ReadonlySet<number>): Term {
  let now = t
  let left = [...labels]
  for (let i = 0; i < left.length; i++) {
    const j = left.indexOf(left[i]!, i + 1)
    if (j < 0) continue
    // Both axes last, then every (n + 1)-th element.
    const n = now.shape[i]!
    const rest = left.map((_, k) => k).filter((k) => k !== i && k !== j)
    const batch = rest.map((k) => now.shape[k]!)
    const flat = reshapeT(transposeT(now, [...rest, i, j]), [...batch, n * n])
    now = sliceT(flat, {
      start: [...batch.map(() => 0), 0],
      step: [...batch.map(() => 1), n + 1],
      size: [...batch, n],
    })
    left = [...rest.map((k) => left[k]!), left[i]!]
    i = -1
  }
  const alone = left.flatMap((l, i) => (needed.has(l) ? [] : [i]))
  const total = alone.length === 0 ? now : sumT(now, { axes: alone, keepDims: false })
  return { t: total, labels: left.filter((l) => needed.has(l)) }
}

/** Contracts the pair that costs least, again and again: greedy, as opt_einsum does it by default. */
export function contractAll(operands: readonly Tensor[], { inputs, output }: EinsumAttrs): Tensor {
  const extents = new Map<number, number>()
  operands.forEach((t, i) =>
    inputs[i]!.forEach((l, axis) => {
      const [known, own] = [extents.get(l), t.shape[axis]!]
      if (known !== undefined && known !== own)
        throw new GraphError(`axis ${axis} of operand ${i + 1} ${showShape(t.shape)} is ${own}, elsewhere ${known}`)
      extents.set(l, own)
    }),
  )
  const neededBut = (terms: readonly Term[], skip: readonly Term[]): Set<number> =>
    new Set([...output, ...terms.filter((x) => !skip.includes(x)).flatMap((x) => x.labels)])
  let terms: Term[] = operands.map((t, i) => ({ t, labels: inputs[i]! }))
  terms = terms.map((x) => reduced(x, neededBut(terms, [x])))
  const sizeOfLabels = (labels: Iterable<number>): number => sizeOf([...labels].map((l) => extents.get(l)!))
  while (terms.length > 1) {
    let best:
      { readonly cost: number; readonly pair: readonly [Term, Term]; readonly out: readonly number[] } | undefined
    for (const [i, a] of terms.entries()) {
      for (const b of terms.slice(i + 1)) {
        const all = new Set([...a.labels, ...b.labels])
        const needed = neededBut(terms, [a, b])
        const out = [...all].filter((l) => needed.has(l))
        const cost = sizeOfLabels(all) + sizeOfLabels(out)
        if (!best || cost < best.cost) best = { cost, pair: [a, b], out }
      }
    }
    const [a, b] = best!.pair
    const made = { t: contractT(a.t, b.t, { a: a.labels, b: b.labels, out: best!.out }), labels: best!.out }
    terms = [...terms.filter((x) => x !== a && x !== b), made]
  }
  const [{ t, labels }] = terms as [Term]
  const permutation = output.map((l) => labels.indexOf(l))
  return permutation.every((p, i) => p === i) ? t : transposeT(t, permutation)
}
