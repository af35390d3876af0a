import type { Tensor } from '../ir/tensor'
import { type Data, isFloat, sizeOf, stridesOf } from '../ir/type'

/** A step as a guard sees it. */
export interface GuardedStep {
  /** What the step is given first, then every tensor in the order in which it is computed. */
  readonly order: readonly Tensor[]
  /** Where a NaN or an infinity does harm. */
  readonly sinks: readonly Tensor[]
  /** What a tensor holds; undefined for one that is not kept. */
  readonly valuesOf: (t: Tensor) => ArrayLike<number> | undefined
}

/** An element that is NaN or infinite although nothing it was computed from is. */
export interface Fault {
  readonly tensor: Tensor
  readonly position: number
}

/**
 * The first element, in order of execution, that is NaN where no operand is NaN or infinite where no operand is infinite,
 * and from which a NaN or an infinity leads to a sink. What a selection does not take, and an infinity that is divided by or
 * clamped, leads nowhere. What is computed from constants alone is meant to be what it is; a NaN of theirs counts where it
 * meets anything else.
 */
export function firstFault({ order, sinks, valuesOf }: GuardedStep): Fault | undefined {
  const marks = new Map<Tensor, Uint8Array>()
  for (const t of sinks) markAll(t, valuesOf(t), marks)
  if (marks.size === 0) return undefined
  const constants = constantsAmong(order)
  let first: Fault | undefined
  // Backwards: readers come before what they read, and the fault that is found last is the first to have happened.
  for (let i = order.length - 1; i >= 0; i--) {
    const tensor = order[i]!
    const marked = marks.get(tensor)
    if (!marked || constants.has(tensor)) continue
    const position =
      tensor.op.kind === 'leaf'
        ? marked.indexOf(1)
        : tensor.op.pointwise
          ? followPoints(tensor, marked, { marks, constants, valuesOf })
          : followWhole(tensor, marked, { marks, constants, valuesOf })
    if (position >= 0) first = { tensor, position }
  }
  return first
}

const isNonFinite = (x: number): boolean => x - x !== 0

function markAll(t: Tensor, values: ArrayLike<number> | undefined, marks: Map<Tensor, Uint8Array>): void {
  if (!values || !isFloat(t.dtype)) return
  for (let i = 0; i < values.length; i++) if (isNonFinite(values[i]!)) mark(t, i, marks)
}

function mark(t: Tensor, position: number, marks: Map<Tensor, Uint8Array>): void {
  let points = marks.get(t)
  if (!points) marks.set(t, (points = new Uint8Array(sizeOf(t.shape))))
  points[position] = 1
}

function constantsAmong(order: readonly Tensor[]): Set<Tensor> {
  const constants = new Set<Tensor>()
  const isConstant = (t: Tensor): boolean => t.op.name === 'constant' || constants.has(t)
  for (const t of order) {
    for (const x of t.inputs) if (x.op.name === 'constant') constants.add(x)
    if (t.op.kind !== 'leaf' && t.inputs.length > 0 && t.inputs.every(isConstant)) constants.add(t)
  }
  return constants
}

interface Search {
  readonly marks: Map<Tensor, Uint8Array>
  readonly constants: ReadonlySet<Tensor>
  readonly valuesOf: GuardedStep['valuesOf']
}

/** Marks the points from which the marked ones come; the first of those that come from none, or -1. */
function followPoints(t: Tensor, marked: Data, { marks, constants, valuesOf }: Search): number {
  const values = valuesOf(t)!
  let found = -1
  for (let p = marked.indexOf(1); p >= 0; p = marked.indexOf(1, p + 1)) {
    let isInherited = false
    for (const x of takenAt(t, p, valuesOf)) {
      const operand = isFloat(x.dtype) ? valuesOf(x) : undefined
      if (!operand) continue
      const q = operandPosition(t, x, p)
      const value = operand[q]!
      if (!isNonFinite(value)) continue
      isInherited ||= isSameKind(value, values[p]!, constants.has(x))
      if (!constants.has(x)) mark(x, q, marks)
    }
    if (!isInherited && found < 0) found = p
  }
  return found
}

/** The same where a point of the result may come from any of the operands' points. */
function followWhole(t: Tensor, marked: Data, { marks, constants, valuesOf }: Search): number {
  const values = valuesOf(t)!
  const kinds: { readonly value: number; readonly isConstant: boolean }[] = []
  for (const x of new Set(t.inputs)) {
    const operand = isFloat(x.dtype) ? valuesOf(x) : undefined
    if (!operand) continue
    const isConstant = constants.has(x)
    const held = Array.from(operand)
    for (const value of [held.find((v) => v !== v), held.find((v) => Math.abs(v) === Infinity)])
      if (value !== undefined) kinds.push({ value, isConstant })
    if (!isConstant) markAll(x, operand, marks)
  }
  for (let p = marked.indexOf(1); p >= 0; p = marked.indexOf(1, p + 1))
    if (!kinds.some(({ value, isConstant }) => isSameKind(value, values[p]!, isConstant))) return p
  return -1
}

const isSameKind = (operand: number, value: number, isConstant: boolean): boolean =>
  value !== value ? operand !== operand && !isConstant : Math.abs(operand) === Infinity

/** The operands that are read at a point: of a selection only the one that it takes. */
function takenAt(t: Tensor, p: number, valuesOf: GuardedStep['valuesOf']): readonly Tensor[] {
  if (t.op.name !== 'where') return t.inputs
  const [condition, yes, no] = t.inputs as [Tensor, Tensor, Tensor]
  return [valuesOf(condition)?.[operandPosition(t, condition, p)] ? yes : no]
}

/** Where a pointwise op reads an operand, which broadcasts to the result, for an element of the result. */
export function operandPosition(t: Tensor, x: Tensor, position: number): number {
  const strides = stridesOf(x.shape)
  const lead = t.shape.length - x.shape.length
  let at = 0
  let rest = position
  for (let i = t.shape.length - 1; i >= 0; i--) {
    const extent = t.shape[i]!
    const index = rest % extent
    rest = (rest - index) / extent
    if (i >= lead && x.shape[i - lead] !== 1) at += index * strides[i - lead]!
  }
  return at
}
