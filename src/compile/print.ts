import { type ModuleScope, moduleScope, stepText, type StepText } from '../codegen/module'
import { docLines, kernelFacts, type KernelFacts, kernelName, updatedBy } from '../codegen/provenance'
import type { Kernel } from '../ir/loop'
import { type Buffer, type FedInput, kernelsOf, type Plan, type PlannedKernel } from '../ir/plan'
import type { Tensor } from '../ir/tensor'
import { contextOf, loopsOf, prepareKernel, type Schedule } from '../schedule/schedule'
import { MANY_KERNELS, structureOf } from '../schedule/structure'
import { timesIn } from '../schedule/times'
import type { Compilation } from './pipeline'

/** A kernel of a compilation with what is known of it. */
export interface PrintedKernel {
  readonly planned: PlannedKernel
  readonly facts: () => KernelFacts
  /** Shared with kernels of equal structure where that was asked for. */
  readonly kernel: Kernel
  /** The buffers it is called with. */
  readonly args: readonly Buffer[]
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
  /** One function for all kernels of equal structure, where there are many; off by default, since each has a formula of its own. */
  readonly share?: boolean
  /** Formulas, shapes and origins above each kernel, on by default. */
  readonly comments?: boolean
  /** Calls of `tick` between the kernels, and none of its name. */
  readonly isTimed?: boolean
}

/** Schedules and prints a compilation; the same kernels in either schedule. */
export function printCompilation(compilation: Compilation, schedule: Schedule, options: PrintOptions = {}): Printed {
  const { plan, names, traced } = compilation
  const { isTimed = false } = options
  const scope = options.scope ?? moduleScope([...(isGuarded(plan) ? ['guard'] : []), ...(isTimed ? ['tick'] : [])])
  const context = contextOf(plan, names)
  const shares = options.share === true && plan.items.length >= MANY_KERNELS
  const known = new Map<string, Kernel>()
  const kernels = kernelsOf(plan.items).map((planned): PrintedKernel => {
    const flat = prepareKernel(planned, schedule, context)
    const facts = (): KernelFacts => kernelFacts(planned, names)
    const args = flat.params.map((p) => p.buffer)
    const structure = shares ? structureOf(flat) : undefined
    const same = structure === undefined ? undefined : known.get(structure)
    if (same) return { planned, facts, kernel: same, args }
    const body = loopsOf(flat, schedule, context)
    const times = timesIn(body)
    const kernel: Kernel = {
      name: scope.namer.unique(kernelName(planned, names)),
      // Formulas and the user's lines cost more than the loops: they are written only where somebody reads them.
      doc: options.comments === false ? [] : docLines(facts()),
      params: flat.params,
      body,
      ...(times.length > 0 ? { times } : {}),
    }
    if (structure !== undefined) known.set(structure, kernel)
    return { planned, facts, kernel, args }
  })
  const text = stepText(
    {
      entry: traced.entry,
      plan,
      calls: kernels,
      inputs: inputTexts(compilation),
      dynamic: options.dynamic ?? traced.bindings.size > 0,
      heading: headings(compilation),
      isTimed,
    },
    { approximate: schedule === 'fast', types: options.types ?? false, scope },
  )
  return { kernels, text }
}

/** Whether a step looks for NaN and infinities. */
export const isGuarded = ({ items }: Plan): boolean => items.some((item) => item.kind === 'guard')

/** Inputs with the ranges that index operands must keep. */
export function inputTexts({ traced, plan }: Compilation): FedInput[] {
  return [...traced.inputs].map(([name, t]) => ({
    name,
    buffer: plan.inputs.get(name)!,
    ranges: traced.indices.filter((u) => u.index === t),
  }))
}

type Part = 'forward' | 'backward' | 'update'

const isGradient = ({ tensor: { origin } }: { readonly tensor: Tensor }): boolean =>
  (origin.rule ?? origin.gradient) !== undefined
const isBackward = ({ fused }: PlannedKernel): boolean => fused.outputs.some(isGradient)

/** A heading wherever the step passes from forward to backward to update. */
export function headings({ plan }: Compilation): (item: number) => string | undefined {
  const parts = plan.items.map((item): Part => {
    if (item.kind === 'copy' || item.kind === 'guard') return 'update'
    if (item.kind === 'check') return 'forward'
    if (item.kind === 'loop' || item.kind === 'choice')
      return kernelsOf([item]).some(isBackward) ? 'backward' : 'forward'
    const { values, outputs } = item.kernel.fused
    if (updatedBy(item.kernel)) return values.some(isGradient) ? 'backward' : 'update'
    return isGradient(outputs[0]!) ? 'backward' : 'forward'
  })
  return (i) => (parts[i] !== parts[i - 1] ? parts[i] : undefined)
}
