import type { Value } from '../api/types'
import { attachInternals, entryInternals } from '../compile/internals'
import { outputsOnly } from '../compile/outputs-only'
import type { Traced } from '../compile/trace-entry'
import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { isVariable, type Variable } from '../ir/variable'

/** What a step would compute, and what it would go by. */
export interface Gradients {
  /** The entry's own outputs. */
  readonly outputs: Readonly<Record<string, Value>>
  /** By the full name of the variable; each has its dtype, and its shape as `shape`. */
  readonly gradients: Readonly<Record<string, Value>>
}

/**
 * A function that computes the outputs of an entry and the gradients in it, on the state as it is, and changes nothing: to
 * look at gradients while a program trains. `run` is a compiled entry such as `net.train`; the function takes its feeds.
 *
 *     const look = gradients(net.train)
 *     look({ x, y }).gradients.W1
 *
 * Gradients are those with respect to variables that `grad` or an optimiser put into the graph, before an optimiser has
 * clipped or scaled them; where one variable has several, as where a loss contains a gradient, the last in the graph. Inspection takes the function like any entry. Throws a GraphError where an entry has no gradient of a variable.
 */
export function gradients(run: object): (feeds: Readonly<Record<string, unknown>>) => Gradients {
  const { name, probe, variant } = entryInternals('gradients', run)
  const own = new Set(probe.roots.outputs.keys())
  const keys = new Map([...gradientsIn(probe).keys()].map((v) => [v, freeName(`d_${v.name}`, own)]))
  if (keys.size === 0)
    throw new GraphError(
      `gradients: entry "${name}" has no gradient of a variable; give an entry that trains, such as one that returns ` +
        `updates: sgd(loss, weights)`,
    )
  const look = variant((traced) => withGradients(traced, keys))
  const split: typeof look = (feeds) => {
    const results = look(feeds)
    return {
      outputs: Object.fromEntries([...own].map((key) => [key, results[key]])),
      gradients: Object.fromEntries([...keys].map(([v, key]) => [v.name, results[key]])),
    }
  }
  return attachInternals(split, entryInternals('gradients', look)) as never
}

/** The complete cotangent of each variable. */
function gradientsIn({ order }: Traced): Map<Variable, Tensor> {
  const found = new Map<Variable, Tensor>()
  for (const t of order) {
    const of = t.origin.gradient?.of
    if (of && isVariable(of)) found.set(of, t)
  }
  return found
}

/** The graph with gradients for outputs and without what it changes. */
function withGradients(traced: Traced, keys: ReadonlyMap<Variable, string>): Traced {
  const found = gradientsIn(traced)
  const added = [...keys].flatMap(([v, key]) => (found.has(v) ? [[key, found.get(v)!] as const] : []))
  return outputsOnly(traced, new Map([...traced.roots.outputs, ...added]))
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  return taken.has(wanted) ? freeName(`${wanted}_`, taken) : wanted
}
