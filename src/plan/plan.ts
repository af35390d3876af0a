import type { Affine } from '../ir/affine'
import { type Fused, partsIn } from '../ir/block'
import { aligned } from '../ir/memory'
import type { Buffer, Item, Plan, PlannedKernel } from '../ir/plan'
import type { Tensor } from '../ir/tensor'
import { bytesOf, isEmpty, sizeOf, type TensorType } from '../ir/type'
import { isVariable, type Variable } from '../ir/variable'
import { packArena } from './arena'
import { lifetimes } from './lifetimes'
import { orderKernels } from './order'
import type { Roots } from './roots'
import { type Homes, type Step, stepsOf } from './steps'

export interface PlanOptions {
  /** Write updates straight into state where that is safe. */
  readonly inPlace: boolean
  /** Let buffers whose lifetimes do not meet share memory. */
  readonly reuse: boolean
  /** Look for NaN and infinities before state is written. */
  readonly guard?: boolean
}

export interface PlanContext {
  readonly inputs: ReadonlyMap<string, Tensor>
  readonly stateOf: (variable: Variable) => Buffer
  readonly nameOf: (t: Tensor) => string
}

/**
 * Order, buffers and addresses. Inputs and outputs keep their memory, scratch is shared by lifetime; constants, which are
 * never written again, lie behind, so that whoever shares the memory of a step can have them elsewhere.
 */
export function makePlan(kernels: readonly Fused[], roots: Roots, context: PlanContext, options: PlanOptions): Plan {
  const { order, inPlace } = orderKernels(kernels, roots.updates, roots.checks.values(), options)
  const copies = [...roots.updates].filter(([v]) => !inPlace.has(v))
  const homes: Homes = new Map()
  const steps = stepsOf(order, homes, options)
  const { lives, count, at } = lifetimes(steps, homes)
  const end = count + copies.length
  for (const t of roots.checks.values()) lives.set(t, [lives.get(t)![0], end])
  const fixed = new Fixed()

  const inputs = new Map(
    [...context.inputs].map(([name, t]) => [name, fixed.add(t, context.nameOf(t), 'io', [0, end])]),
  )
  const outputs = new Map(
    [...roots.outputs].map(([name, t]) => [name, fixed.add(t, context.nameOf(t), 'io', [0, end])]),
  )
  const place = new Map<Tensor, Buffer>([...inputs.values(), ...outputs.values()].map((b) => [b.of, b]))
  for (const [variable, next] of roots.updates) if (inPlace.has(variable)) place.set(next, context.stateOf(variable))
  for (const t of lives.keys()) if (isVariable(t)) place.set(t, context.stateOf(t))
  for (const [, next] of copies) lives.set(next, [lives.get(next)![0], end])

  const isConstant = (t: Tensor): boolean => t.op.name === 'constant' && !place.has(t)
  const constants = [...lives.keys()].filter(isConstant)
  const scratch = [...lives].filter(([t]) => !place.has(t) && !isConstant(t))
  const spaces = workspacesOf(at)
  const needs = [
    ...scratch.map(([t, live]) => [t, live] as const),
    ...spaces.map(({ type, live }) => [type, live] as const),
  ]
  const packed = packArena(
    needs.map(([type, [first, last]]) => ({ bytes: bytesIn(type), first, last })),
    options,
  )
  scratch.forEach(([t, live], i) =>
    place.set(t, bufferOf(t, context.nameOf(t), 'scratch', fixed.bytes + packed.offsets[i]!, live)),
  )
  const workspaces = new Map(
    spaces.map(({ fused, of, type, live }, i) => {
      const offset = fixed.bytes + packed.offsets[scratch.length + i]!
      return [fused, bufferOf(of, `${context.nameOf(of)}_workspace`, 'scratch', offset, live, type)]
    }),
  )
  const workBytes = fixed.bytes + packed.bytes
  const behind = new Fixed(workBytes)
  for (const t of constants) place.set(t, behind.add(t, context.nameOf(t), 'constant', [0, end]))
  const shifts = new Map<Tensor, Affine>()
  const strides = new Map<Tensor, readonly number[]>()
  for (const [t, { owner, shift, strides: own }] of homes) {
    const buffer = place.get(owner)
    if (buffer) place.set(t, buffer)
    if (shift) shifts.set(t, shift)
    if (own) strides.set(t, own)
  }
  const written = new Map([...roots.updates].filter(([v]) => inPlace.has(v)).map(([v, next]) => [next, v]))
  const made: Made = { place, written, workspaces }
  const items = steps.map((step) => itemOf(step, made))
  const firstWrite = items.findIndex((item) => item.kind === 'run' && item.kernel.inPlace.length > 0)
  const checks = [...roots.checks].map(([message, t]): Item => ({ kind: 'check', count: place.get(t)!, message }))
  items.splice(firstWrite < 0 ? items.length : firstWrite, 0, ...checks)
  if (options.guard) items.push({ kind: 'guard' })
  for (const [variable, next] of copies)
    items.push({ kind: 'copy', from: place.get(next)!, to: context.stateOf(variable) })
  return {
    items,
    buffers: [...new Set([...place.values(), ...workspaces.values()])],
    place,
    shifts,
    strides,
    inputs,
    outputs,
    workBytes,
    constantBytes: behind.bytes - workBytes,
    naiveBytes: fixed.bytes + needs.reduce((sum, [type]) => sum + aligned(bytesIn(type)), 0),
  }
}

/** What kernels find where. */
interface Made {
  readonly place: ReadonlyMap<Tensor, Buffer>
  readonly written: ReadonlyMap<Tensor, Variable>
  readonly workspaces: ReadonlyMap<Fused, Buffer>
}

function itemOf(step: Step, made: Made): Item {
  const { place } = made
  if (step.kind === 'run') return { kind: 'run', kernel: planned(step.fused, made) }
  if (step.kind === 'choice') {
    const [a, b] = step.arms.map((arm) => arm.map((inner) => itemOf(inner, made))) as [Item[], Item[]]
    return { kind: 'choice', condition: place.get(step.choice.condition)!, arms: [a, b], parts: partsIn(step.choice) }
  }
  const { loop, steps, copies } = step
  const items = steps.map((inner) => itemOf(inner, made))
  for (const { from, to } of copies) items.push({ kind: 'copy', from: place.get(from)!, to: place.get(to)! })
  const cell = place.get(loop.turn)!
  return { kind: 'loop', time: loop.time, reverse: loop.reverse, cell, items, parts: partsIn(loop) }
}

/** Memory that ops ask for beside their results, in use while their kernel runs. */
function workspacesOf(at: ReadonlyMap<Fused, number>) {
  return [...at].flatMap(([fused, place]) => {
    const of = fused.values[0]!.tensor
    const type = of.op.kind === 'loops' && !isEmpty(of) ? of.op.workspace?.(of.inputs, of.attrs) : undefined
    return type ? [{ fused, of, type, live: [place, place] as const }] : []
  })
}

const bytesIn = ({ shape, dtype }: TensorType): number => sizeOf(shape) * bytesOf(dtype)

const bufferOf = (
  of: Tensor,
  name: string,
  region: Buffer['region'],
  offset: number,
  live: readonly [number, number],
  { dtype, shape }: TensorType = of,
): Buffer => ({ name, dtype, shape, size: sizeOf(shape), region, offset, of, live })

/** Memory that is not shared: one stretch after the other. */
class Fixed {
  constructor(public bytes = 0) {}
  add(of: Tensor, name: string, region: Buffer['region'], live: readonly [number, number]): Buffer {
    const buffer = bufferOf(of, name, region, this.bytes, live)
    this.bytes += aligned(bytesIn(of))
    return buffer
  }
}

function planned(fused: Fused, { place, written, workspaces }: Made): PlannedKernel {
  const stores = new Map(fused.outputs.map(({ tensor }) => [tensor, place.get(tensor)!]))
  const workspace = workspaces.get(fused)
  const inPlace = fused.outputs.flatMap(({ tensor }) => written.get(tensor) ?? [])
  return { fused, stores, ...(workspace ? { workspace } : {}), inPlace }
}
