import { listAt } from '../ir/list-at'
import { formulaOf, spokenName } from '../codegen/formula'
import { formulaText } from '../codegen/formula-text'
import { formulaLatex } from '../codegen/latex'
import { numberText } from '../codegen/names'
import { insideOf } from '../codegen/provenance'
import { nameTensors } from '../codegen/tensor-names'
import type { Compilation } from '../compile/pipeline'
import { type Formula, nameF, numberF } from '../ir/formula'
import { toposort, withBodies } from '../ir/graph'
import type { PlannedKernel } from '../ir/plan'
import { bodyResults } from '../ir/region'
import type { Tensor } from '../ir/tensor'
import { constantValue } from '../ops/leaf'
import { isStandIn, operandsOf } from '../ops/region'
import { type Expansions, recordedExpansion } from '../passes/expand'
import { rewrite } from '../passes/rewrite'
import { mapRoots, type Roots, rootTensors } from '../plan/roots'
import type { GraphView, Inspection, TensorView } from './inspection'
import { partsOf } from './part'
import { placeOf } from '../ir/origin'

interface Views {
  readonly graphs: Inspection['graphs']
  /** Numbers of tensors in the simplified graph. */
  readonly idOf: ReadonlyMap<Tensor, number>
}

/** What a stage has to say of its tensors. */
interface Stage {
  readonly roots: Roots
  readonly nameOf: (t: Tensor) => string
  readonly isNamed: (t: Tensor) => boolean
  readonly kernelsOf: (t: Tensor) => readonly number[]
}

/** The graph of a compilation at each stage. */
export function graphViews(compilation: Compilation, planned: readonly PlannedKernel[]): Views {
  const { traced, roots, names, image } = compilation
  const kernels = new Map<Tensor, number[]>()
  planned.forEach(({ fused }, id) => {
    for (const t of insideOf(fused)) listAt(kernels, t).push(id)
  })
  const kernelsOf = (t: Tensor | undefined): readonly number[] => (t && kernels.get(t)) ?? []
  const written = namesOf(traced.roots)
  const asWritten = (source: (t: Tensor) => Tensor | undefined): Omit<Stage, 'roots'> => ({
    isNamed: (t) => written.isNamed(source(t) ?? t),
    nameOf: (t) => {
      const before = source(t)
      if (!before) return names.nameOf(t)
      // What became something else keeps the name of what it was.
      const after = written.isNamed(before) ? undefined : image(before)
      return after && spokenName(after) === spokenName(t) ? names.nameOf(after) : written.nameOf(before)
    },
    kernelsOf: (t) => {
      const before = source(t)
      return kernelsOf(before && image(before))
    },
  })
  const { roots: expanded, source } = expandedOf(compilation)
  const simplified = viewOf({ roots, kernelsOf, ...names })
  return {
    graphs: {
      traced: viewOf({ roots: traced.roots, ...asWritten((t) => t) }).view,
      expanded: viewOf({ roots: expanded, ...asWritten(source) }).view,
      simplified: simplified.view,
    },
    idOf: simplified.idOf,
  }
}

const namesOf = (roots: Roots): ReturnType<typeof nameTensors> =>
  nameTensors({
    original: withBodies(toposort(rootTensors(roots))),
    image: (t) => t,
    outputs: roots.outputs,
    results: new Map(),
  })

/** The graph without composites, and for each tensor in it the one of the traced graph that it is, or belongs to. */
function expandedOf({ traced }: Compilation): { roots: Roots; source: (t: Tensor) => Tensor | undefined } {
  const { owners, bodies }: Expansions = { owners: new Map(), bodies: new Map() }
  const done = rewrite(rootTensors(traced.roots), recordedExpansion({ owners, bodies }))
  const before = new Map<Tensor, Tensor>()
  for (const t of withBodies(traced.order)) {
    const made = done.image(t)
    if (made && !before.has(made)) before.set(made, t)
  }
  return { roots: mapRoots(traced.roots, done.roots), source: (t) => before.get(t) ?? owners.get(t.origin) }
}

// A formula that is longer names its operands instead of writing them out.
const LONGEST = 100

function formulaOver(t: Tensor, nameOf: Stage['nameOf'], isNamed: Stage['isNamed']): Formula {
  const over = (isName: (x: Tensor) => boolean): Formula =>
    formulaOf(t, (x) => (isName(x) ? nameF(nameOf(x)) : undefined))
  const written = over((x) => x.op.kind === 'leaf' || (x !== t && isNamed(x)))
  return formulaText(written).length > LONGEST ? over((x) => x !== t) : written
}

function viewOf({ roots, nameOf, isNamed, kernelsOf }: Stage): { view: GraphView; idOf: Map<Tensor, number> } {
  const order = placed(rootTensors(roots), nameOf)
  const partOf = partsOf(
    order.map(({ t }) => t),
    roots,
  )
  const idOf = new Map<Tensor, number>()
  const tensors: TensorView[] = []
  for (const { t, scope, inputs, serves } of order) {
    const value = constantValue(t)
    const formula = value === undefined ? formulaOver(t, nameOf, isNamed) : numberF(value)
    const place = placeOf(t.origin)
    const { rule } = t.origin
    const id = tensors.length
    idOf.set(t, id)
    tensors.push({
      id,
      name: value === undefined ? nameOf(t) : numberText(value),
      named: isNamed(t),
      op: spokenName(t),
      shape: t.shape,
      dtype: t.dtype,
      part: partOf(serves),
      scope,
      inputs: inputs.flatMap((x) => idOf.get(x) ?? []),
      formula: formulaText(formula),
      latex: formulaLatex(formula),
      ...(rule ? { rule: spokenName(rule) } : {}),
      ...(place ? { place } : {}),
      kernels: kernelsOf(t),
    })
  }
  const ids = (entries: Iterable<readonly [string, Tensor]>): Record<string, number> =>
    Object.fromEntries([...entries].map(([name, t]) => [name, idOf.get(t)!]))
  const updates = [...roots.updates].map(([v, t]) => [v.name, t] as const)
  return { view: { tensors, outputs: ids(roots.outputs), updates: ids(updates) }, idOf }
}

/** A region, and what stands in its bodies for its operands. */
interface Stands {
  readonly of: Tensor
  readonly own: ReadonlyMap<Tensor, Tensor>
}

interface Placed {
  readonly t: Tensor
  readonly scope: string
  readonly inputs: readonly Tensor[]
  /** Itself; of a stand-in the region. */
  readonly serves: Tensor
}

/** Operands first; what a loop or a choice runs stands in front of it, in a scope of its own. */
function placed(results: readonly Tensor[], nameOf: (t: Tensor) => string): Placed[] {
  const seen = new Set<Tensor>()
  const list: Placed[] = []
  const visit = (order: readonly Tensor[], pathOf: (t: Tensor) => string, stands?: Stands): void => {
    for (const t of order) {
      if (seen.has(t)) continue
      seen.add(t)
      const scope = pathOf(t)
      const inside = t.op.kind === 'region' ? t.op.bodies(t.attrs).flatMap(bodyResults) : []
      if (inside.length > 0) {
        const own = new Map(operandsOf(t).flatMap(({ operand, stand }) => (stand ? [[stand, operand]] : [])))
        const path = joined(scope, below(nameOf(t), scope))
        visit(toposort(inside), (x) => joined(path, below(scopeOf(x), scopeOf(t))), { of: t, own })
      }
      const from = stands?.own.get(t)
      list.push({
        t,
        scope,
        inputs: from ? [from] : [...t.inputs, ...inside],
        serves: stands && isStandIn(t) ? stands.of : t,
      })
    }
  }
  visit(toposort(results), scopeOf)
  return list
}

/** A gradient belongs where that stands whose gradient it is, wherever `grad` was called. */
function scopeOf({ origin }: Tensor): string {
  let own = origin
  while (own.rule && own.scope === '') own = own.rule.origin
  return own.scope
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('/')
/** A scope without the one around it. */
const below = (scope: string, outer: string): string =>
  scope === outer ? '' : outer !== '' && scope.startsWith(`${outer}/`) ? scope.slice(outer.length + 1) : scope
