import type { Axis } from '../ir/affine'
import type { Choice, Fused, Loop } from '../ir/block'
import { loadsOf } from '../ir/scalar'
import { toposort } from '../ir/graph'
import type { Tensor } from '../ir/tensor'
import { hasOwnMemory, operandsOf, partsByRegion } from '../ops/region'
import { isChoice, makeChoice, resultsOf } from './choice'
import { groupBlocks, type Grouped, type GroupOptions } from './group'
import { inlineBlocks, type InlineOptions, outermost } from './inline'
import { type FusionNotes, fusionNotes } from './notes'
import { internScalars, scalarInterner } from './intern'
import { lengthOf, makeLoop, wantedOf } from './loop'
import { spaces } from './lower'
import { type Scope, scopeWithin } from './scope'

export type FusionOptions = InlineOptions & GroupOptions

/** From tensors to kernels, in an order in which they could run, with what was not fused and why. */
export function fuse(roots: readonly Tensor[], options: FusionOptions): { kernels: Fused[]; notes: FusionNotes } {
  const notes = fusionNotes()
  return { kernels: fuseWithin(roots, outermost(), options, notes), notes }
}

function fuseWithin(roots: readonly Tensor[], scope: Scope, options: FusionOptions, notes: FusionNotes): Fused[] {
  const order = toposort(roots)
  const parts = partsByRegion(order)
  const wanted = new Set(roots)
  for (const region of parts.keys())
    for (const { operand, stand } of operandsOf(region)) if (hasOwnMemory(stand)) wanted.add(operand)
  const innerOf = (region: Tensor, outer: Scope): Loop | Choice | undefined => {
    const read = parts.get(region)
    if (!read) return undefined
    if (isChoice(region)) {
      const arm = (i: 0 | 1): Fused[] =>
        fuseWithin(resultsOf(region, i, read), scopeWithin(region, outer, spaces()), options, notes)
      return makeChoice(region, read, [arm(0), arm(1)])
    }
    const time: Axis = { name: 't', extent: lengthOf(region), kind: 'time' }
    const inside = wantedOf(region, read)
    const body = scopeWithin(region, outer, spaces(), time)
    return makeLoop(region, time, read, inside, fuseWithin(inside.results, body, options, notes))
  }
  const blocks = inlineBlocks(order, wanted, options, notes, { scope, innerOf })
  return groupBlocks(blocks, wanted, options, notes).map(interned)
}

/** What is computed twice in a kernel becomes one scalar. */
function interned(fused: Grouped): Fused {
  if (fused.inner) return { ...fused, loads: fused.inner.reads }
  const intern = scalarInterner()
  const bodies = internScalars(fused.reduce?.accumulators.map((a) => a.body) ?? [], intern)
  const renewed = new Map(fused.reduce?.accumulators.map((a, i) => [a, { ...a, body: bodies[i]! }]))
  const accumulators = [...renewed.values()].map((a) => (a.of ? { ...a, of: renewed.get(a.of)! } : a))
  ;[...renewed.keys()].forEach((a, i) => renewed.set(a, accumulators[i]!))
  const { scatter } = fused
  const values = internScalars([...fused.values.map((v) => v.value), ...(scatter ? [scatter.offset] : [])], (s) =>
    intern(s.kind === 'acc' ? { ...s, of: renewed.get(s.of)! } : s),
  )
  const outputs = fused.values.map(({ tensor }, i) => ({ tensor, value: values[i]! }))
  const stored = new Set(fused.outputs.map((o) => o.tensor))
  return {
    axes: fused.axes,
    ...(fused.reduce ? { reduce: { axes: fused.reduce.axes, accumulators } } : {}),
    ...(scatter ? { scatter: { ...scatter, offset: values.at(-1)! } } : {}),
    values: outputs,
    outputs: outputs.filter((o) => stored.has(o.tensor)),
    loads: loadsOf([...accumulators.map((a) => a.body), ...values]),
    ...(fused.after ? { after: fused.after } : {}),
  }
}
