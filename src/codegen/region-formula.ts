import { callF, choiceF, ELLIPSIS, type Formula, infixF } from '../ir/formula'
import { toposort } from '../ir/graph'
import type { Body } from '../ir/region'
import type { Tensor } from '../ir/tensor'
import { operandsOf, partAttrs } from '../ops/region'

/** Of more first values and slices than that only its own are said. */
const MOST = 6

/**
 * A result of a loop or a choice: `last(h_next, h from h0, x in xs)` is what the last turn hands on, `turns(...)` what all turns
 * give, one below the other. `written` gives the formula of anything else, what a turn computes included.
 */
export function partFormula(part: Tensor, written: (t: Tensor) => Formula): Formula {
  const region = part.inputs[0]!
  if (region.op.kind !== 'region') throw new Error(`${region.op.name} is no region`)
  const bodies = region.op.bodies(region.attrs)
  const { kind, index } = partAttrs(part)
  if (kind === 'result') {
    const [yes, no] = bodies.map((body) => written(body.outputs[index]!)) as [Formula, Formula]
    return choiceF(written(region.inputs[0]!), yes, no)
  }
  const [body] = bodies as readonly [Body]
  const what = kind === 'stack' ? body.outputs[index]! : kind === 'final' ? body.next[index]! : body.carries[index]!
  const given = new Map(operandsOf(region).flatMap(({ operand, stand }) => (stand ? [[stand, operand]] : [])))
  const read = readBy(what, body)
  const all = [
    ...body.carries.map((stand) => [stand, 'from'] as const),
    ...body.slices.map((stand) => [stand, 'in'] as const),
  ].filter(([stand]) => read.has(stand))
  const shown = all.length > MOST ? all.filter(([stand]) => stand === body.carries[index] && kind !== 'stack') : all
  return callF(kind === 'final' ? 'last' : 'turns', [
    written(what),
    ...shown.map(([stand, word]) => infixF(word, written(stand), written(given.get(stand)!))),
    ...(shown === all ? [] : [ELLIPSIS]),
  ])
}

/** All that a result of a turn depends on, in this turn or in those before. */
function readBy(what: Tensor, { carries, next }: Body): ReadonlySet<Tensor> {
  const seen = new Set<Tensor>()
  for (let ends = [what]; ends.length > 0;) {
    const order = toposort(ends, seen)
    for (const t of order) seen.add(t)
    ends = order.flatMap((t) => {
      const carried = carries.indexOf(t)
      return carried < 0 ? [] : [next[carried]!]
    })
  }
  return seen
}
