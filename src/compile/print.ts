import { type InputText, type ModuleScope, moduleScope, stepText, type StepText } from '../codegen/module'
import { docLines, kernelFacts, type KernelFacts, kernelName } from '../codegen/provenance'
import type { Kernel } from '../ir/loop'
import type { PlannedKernel } from '../ir/plan'
import { type Schedule, scheduleKernel } from '../schedule/schedule'
import type { Compilation } from './pipeline'

/** A kernel of a compilation with what is known of it. */
export interface PrintedKernel {
  readonly planned: PlannedKernel
  readonly facts: () => KernelFacts
  readonly kernel: Kernel
}

export interface Printed {
  readonly kernels: readonly PrintedKernel[]
  readonly text: StepText
}

export interface PrintOptions {
  /** TypeScript instead of JavaScript. */
  readonly types?: boolean
  /** Names shared with other compilations in the same text. */
  readonly scope?: ModuleScope
  /** Leave a way out to other sizes; by default where there are named dimensions. */
  readonly dynamic?: boolean
  /** Formulas, shapes and origins above each kernel, on by default. */
  readonly comments?: boolean
}

/** Schedules and prints a compilation; the same kernels in either schedule. */
export function printCompilation(compilation: Compilation, schedule: Schedule, options: PrintOptions = {}): Printed {
  const { plan, names, traced } = compilation
  const scope = options.scope ?? moduleScope()
  const kernels = plan.items.flatMap((item): PrintedKernel[] => {
    if (item.kind !== 'run') return []
    const { kernel, body } = scheduleKernel(item.kernel, schedule, {
      place: plan.place,
      nameOf: names.nameOf,
      isNamed: names.isNamed,
    })
    const name = scope.namer.unique(kernelName(item.kernel, names))
    const facts = (): KernelFacts => kernelFacts(item.kernel, names)
    // Formulas and the user's lines cost more than the loops: they are written only where somebody reads them.
    const doc = options.comments === false ? [] : docLines(facts())
    return [{ planned: item.kernel, facts, kernel: { name, doc, params: kernel.params, body } }]
  })
  const text = stepText(
    {
      entry: traced.entry,
      plan,
      kernels: kernels.map((k) => k.kernel),
      inputs: inputTexts(compilation),
      dynamic: options.dynamic ?? traced.bindings.size > 0,
      heading: headings(compilation),
    },
    { approximate: schedule === 'fast', types: options.types ?? false, scope },
  )
  return { kernels, text }
}

/** Inputs with the ranges that index operands must keep. */
function inputTexts({ traced, plan }: Compilation): InputText[] {
  return [...traced.inputs].map(([name, t]) => ({
    name,
    buffer: plan.inputs.get(name)!,
    ranges: traced.indices.filter((u) => u.index === t),
  }))
}

type Part = 'forward' | 'backward' | 'update'

/** A heading wherever the step passes from forward to backward to update. */
function headings({ plan }: Compilation): (item: number) => string | undefined {
  const parts = plan.items.map((item): Part => {
    if (item.kind === 'copy') return 'update'
    if (item.kind === 'check') return 'forward'
    const { fused, stores } = item.kernel
    if (fused.values.some(({ tensor: { origin } }) => origin.rule ?? origin.gradient)) return 'backward'
    return [...stores.values()].every((b) => b.region === 'state') ? 'update' : 'forward'
  })
  return (i) => (parts[i] !== parts[i - 1] ? parts[i] : undefined)
}
