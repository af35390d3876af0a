import { isFloat } from '../ir/type'
import type { Tensor } from '../ir/tensor'
import { isVariable, shortName } from '../ir/variable'
import type { Body } from '../ir/region'
import { partAttrs, standsFor } from '../ops/region'
import { spokenName } from './formula'

/** Names of tensors for people: as the user gave them, `d_` for gradients, else by op. */
export interface TensorNames {
  nameOf(t: Tensor): string
  /** Named by the user, an output, or the gradient of such a tensor. */
  isNamed(t: Tensor): boolean
  /** Every name of every tensor, aliases included. */
  find(name: string): Tensor | undefined
  all(): ReadonlyMap<string, Tensor>
}

export interface NamingInput {
  /** Tensors as the user built them, with what became of them after rewriting. */
  readonly original: readonly Tensor[]
  readonly image: (t: Tensor) => Tensor | undefined
  readonly outputs: ReadonlyMap<string, Tensor>
  /** The same outputs after rewriting, each a tensor of its own. */
  readonly results: ReadonlyMap<string, Tensor>
}

export function nameTensors({ original, image, outputs, results }: NamingInput): TensorNames {
  // Of two outputs of one value the first names it.
  const outputName = new Map([...outputs].reverse().map(([name, t]) => [t, name]))
  const losses = lossesByTarget(original)
  const base = (t: Tensor): string | undefined => (isVariable(t) ? shortName(t) : (t.origin.name ?? outputName.get(t)))
  const full = new Map<Tensor, string | undefined>()
  // Gradients of gradients nest as deep as the user differentiates, which is shallow.
  const explicit = (t: Tensor): string | undefined => {
    if (full.has(t)) return full.get(t)
    full.set(t, undefined)
    const { gradient } = t.origin
    const own = base(t)
    let name = own
    if (own === undefined && gradient) {
      const of = explicit(gradient.of)
      const several = (losses.get(gradient.of)?.size ?? 0) > 1
      const loss = several ? (explicit(gradient.loss) ?? 'loss') : undefined
      name = of === undefined ? undefined : loss === undefined ? `d_${of}` : `d_${loss}_${of}`
    }
    full.set(t, name)
    return name
  }
  const names = new Map<Tensor, string>()
  // The first name that the user gave wins over later ones and over names that were made.
  const userNamed = new Set<Tensor>()
  const aliases = new Map<string, Tensor>()
  const offer = (t: Tensor, name: string | undefined): void => {
    const final = image(t)
    if (name === undefined || !final) return
    if (!aliases.has(name)) aliases.set(name, final)
    const isUserName = base(t) !== undefined
    if (names.has(final) && !(isUserName && !userNamed.has(final))) return
    names.set(final, name)
    if (isUserName) userNamed.add(final)
  }
  for (const t of original) offer(t, explicit(t))
  for (const [name, t] of results) {
    if (names.has(t)) continue
    names.set(t, name)
    aliases.set(name, t)
  }
  const taken = new Set([...aliases.keys()])
  const invented = new Map<Tensor, string>()
  const counts = new Map<string, number>()
  const invent = (t: Tensor): string => {
    const known = invented.get(t)
    if (known !== undefined) return known
    const stem = stemOf(t)
    let name = stem
    for (let n = counts.get(stem) ?? 2; taken.has(name); n++) {
      name = `${stem}_${n}`
      counts.set(stem, n + 1)
    }
    taken.add(name)
    invented.set(t, name)
    aliases.set(name, t)
    return name
  }
  const nameOf = (t: Tensor): string => {
    const named = names.get(t)
    if (named !== undefined) return named
    const same = standsFor(t)
    const final = same && (image(same) ?? same)
    return final && final !== t ? nameOf(final) : invent(t)
  }
  const stemOf = (t: Tensor): string => {
    const kept = keptBy(t)
    if (kept) return `${nameOf(kept.of)}${kept.suffix}`
    const same = standsFor(t)
    if (same) return spokenName(same)
    if (t.op.name === 'identity' && t.inputs[0]) return nameOf(t.inputs[0])
    const of = t.origin.gradient && image(t.origin.gradient.of)
    if (of) return `d_${nameOf(of)}`
    const isGradient = t.origin.rule !== undefined && !t.origin.recomputed && isFloat(t.dtype)
    return `${t.origin.scope === '' ? '' : `${t.origin.scope}/`}${isGradient ? 'd_' : ''}${spokenName(t)}`
  }
  return {
    nameOf,
    isNamed: (t) => names.has(t),
    find: (name) => aliases.get(name),
    all: () => aliases,
  }
}

/** What a part of a region keeps. */
function keptBy(t: Tensor): { readonly of: Tensor; readonly suffix: string } | undefined {
  const region = t.op.kind === 'part' ? t.inputs[0]! : undefined
  if (region?.op.kind !== 'region') return undefined
  const [{ carries, outputs }] = region.op.bodies(region.attrs) as [Body]
  const { kind, index } = partAttrs(t)
  if (kind === 'stack' || kind === 'result') return { of: outputs[index]!, suffix: kind === 'stack' ? '_turns' : '' }
  return { of: carries[index]!, suffix: kind === 'history' ? '_turns' : '' }
}

/** The scalars whose gradients with respect to one tensor appear in the graph. */
function lossesByTarget(original: readonly Tensor[]): Map<Tensor, Set<Tensor>> {
  const losses = new Map<Tensor, Set<Tensor>>()
  for (const { origin } of original) {
    if (!origin.gradient) continue
    const { of, loss } = origin.gradient
    losses.set(of, (losses.get(of) ?? new Set()).add(loss))
  }
  return losses
}
