import { formulaOf } from '../codegen/formula'
import { formulaText } from '../codegen/formula-text'
import { numberText } from '../codegen/names'
import type { TensorNames } from '../codegen/tensor-names'
import { NonFiniteError, type NonFiniteReport, type OperandValue } from '../ir/errors'
import { ELLIPSIS, type Formula, nameF } from '../ir/formula'
import { siteText } from '../ir/origin'
import type { Buffer } from '../ir/plan'
import type { Tensor } from '../ir/tensor'
import { type Data, indexAt, isFloat, showShape, showType, sizeOf } from '../ir/type'
import { isVariable } from '../ir/variable'
import { constantValue } from '../ops/leaf'
import { firstFault, operandPosition } from '../runtime/guard'
import type { Compilation } from './pipeline'

/**
 * What the `guard` item of a plan does: throws a NonFiniteError if there is a NaN or an infinity that matters. Undefined for
 * a program that is not guarded.
 */
export function guardOf(compilation: Compilation, viewOf: (buffer: Buffer) => Data): (() => void) | undefined {
  const { expansions, plan, roots, traced } = compilation
  if (!expansions) return undefined
  // Of a loop there is what it leaves: turns write over what is between.
  const computed = plan.items.flatMap((item) => {
    if (item.kind === 'run') return item.kernel.fused.outputs.map((o) => o.tensor)
    return item.kind === 'loop' || item.kind === 'choice' ? item.parts : []
  })
  const given = [...traced.inputs.values(), ...[...plan.place.keys()].filter(isVariable)]
  // An int that was made of a NaN no longer shows it.
  const lost = computed.filter((t) => t.dtype === 'int32' || t.dtype === 'uint8').flatMap((t) => t.inputs)
  const sinks = [...new Set([...roots.outputs.values(), ...roots.updates.values(), ...lost])]
  const valuesOf = (t: Tensor): ArrayLike<number> | undefined => {
    const value = constantValue(t)
    if (value !== undefined) return [value]
    const buffer = plan.place.get(t)
    const from = plan.shifts.get(t)?.base
    if (!buffer || from === undefined) return buffer && viewOf(buffer)
    return viewOf(buffer).subarray(from, from + sizeOf(t.shape))
  }
  return () => {
    const fault = firstFault({ order: [...given, ...computed], sinks, valuesOf })
    if (fault) throw explain(compilation as Guarded, computed, fault, valuesOf)
  }
}

type Guarded = Compilation & Required<Pick<Compilation, 'expansions'>>
type ValuesOf = (t: Tensor) => ArrayLike<number> | undefined

function explain(
  compilation: Guarded,
  computed: readonly Tensor[],
  fault: { readonly tensor: Tensor; readonly position: number },
  valuesOf: ValuesOf,
): NonFiniteError {
  const { tensor, position } = fault
  const { names, roots, traced } = compilation
  if (tensor.op.kind === 'leaf') {
    const part = isVariable(tensor) ? 'state' : 'input'
    const name = isVariable(tensor) ? tensor.name : [...traced.inputs].find(([, t]) => t === tensor)![0]
    const found = { tensor: name, index: indexAt(tensor.shape, position), value: valuesOf(tensor)![position]! }
    const what = `${isVariable(tensor) ? 'variable' : 'input'} "${name}" ${showType(tensor)}`
    const when = isVariable(tensor) ? ' before the step' : ` of entry "${traced.entry}"`
    return new NonFiniteError(`guard: ${what} holds ${numberText(found.value)}${at(found.index)}${when}`, {
      ...found,
      part,
      operands: [],
    })
  }
  const blamed = blame(compilation, fault, valuesOf)
  const { written, result } = blamed
  const part = partOf(compilation, computed, result)
  const variable = part === 'update' ? [...roots.updates].find(([, next]) => next === result)?.[0] : undefined
  const known = formulaNames(compilation)
  const formula = formulaText(formulaOf(written, known))
  const site = siteText(written.origin)
  const operands = operandsOf(compilation, blamed, valuesOf)
  const report: NonFiniteReport = {
    tensor: variable?.name ?? (names.isNamed(result) ? names.nameOf(result) : nameOfUnnamed(names, blamed)),
    index: indexAt(result.shape, blamed.position),
    value: valuesOf(result)![blamed.position]!,
    part,
    formula,
    ...(site === undefined ? {} : { site }),
    operands,
  }
  const { gradient, rule } = result.origin
  const nameOf = (t: Tensor): string => names.nameOf(compilation.image(t) ?? t)
  const belongs = gradient
    ? [`${report.tensor} is the gradient of ${nameOf(gradient.loss)} with respect to ${nameOf(gradient.of)}`]
    : rule
      ? [
          `part of the gradient of ${formulaText(formulaOf(forwardOf(rule), (t) => (t.op.kind === 'leaf' || t.origin.name !== undefined ? nameF(nameOf(t)) : undefined)))}`,
        ]
      : []
  const where = part === 'update' ? 'update' : `${part} pass`
  const label = variable ? `the new value of variable "${variable.name}"` : `"${report.tensor}"`
  const lines = [
    `guard: ${label} ${showType(result)} is ${numberText(report.value)}${at(report.index)}, in the ${where}`,
    `${report.tensor} = ${formula}${site === undefined ? '' : `   (${site})`}`,
    ...belongs,
    ...operands.map((o) => o.text),
  ]
  return new NonFiniteError(lines.join('\n  '), report)
}

const at = (index: readonly number[]): string => (index.length === 0 ? '' : ` at ${showShape(index)}`)

/** A composite by its own name, not that of the last op it is made of. */
const nameOfUnnamed = (names: TensorNames, { written, result }: Blamed): string =>
  written === result ? names.nameOf(result) : written.op.name

interface Blamed {
  /** As the user wrote it. */
  readonly written: Tensor
  /** The tensor that holds its values, and the element that is named. */
  readonly result: Tensor
  readonly position: number
  /** Every point of the result reads one point of each operand. */
  readonly isPointwise: boolean
}

/** The composite that the user wrote, if the fault lies within one and shows in what that gives. */
function blame(
  { expansions: { owners, bodies }, image }: Guarded,
  { tensor, position }: { readonly tensor: Tensor; readonly position: number },
  valuesOf: ValuesOf,
): Blamed {
  const owner = owners.get(tensor.origin)
  const result = owner && image(bodies.get(owner)!)
  const values = result && isFloat(result.dtype) ? valuesOf(result) : undefined
  const first = values ? Array.from(values).findIndex((v) => !Number.isFinite(v)) : -1
  if (!owner || !result || first < 0)
    return { written: tensor, result: tensor, position, isPointwise: tensor.op.pointwise ?? false }
  const inside: Tensor[] = [result]
  const operands = new Set(owner.inputs)
  for (let i = 0; i < inside.length; i++)
    for (const x of inside[i]!.inputs)
      if (!operands.has(x) && x.op.kind !== 'leaf' && !inside.includes(x)) inside.push(x)
  const isPointwise = inside.every((t) => t.op.pointwise)
  return { written: owner, result, position: first, isPointwise }
}

/** Names where people know them; results of composites as they were written. */
function formulaNames({ names, expansions: { bodies }, image }: Guarded): (t: Tensor) => Formula | undefined {
  const written = new Map([...bodies].map(([owner, body]) => [image(body), owner]))
  let depth = 0
  const known = (t: Tensor): Formula | undefined => {
    if (t.op.kind === 'leaf' || names.isNamed(t)) return nameF(names.nameOf(t))
    const owner = written.get(t)
    if (!owner) return undefined
    if (depth > 2) return ELLIPSIS
    depth++
    const formula = formulaOf(owner, known)
    depth--
    return formula
  }
  return known
}

function operandsOf(compilation: Guarded, { written, result, position, isPointwise }: Blamed, valuesOf: ValuesOf) {
  const known = formulaNames(compilation)
  return [...new Set(written.inputs)].flatMap((x): OperandValue[] => {
    const values = valuesOf(x)
    if (!values || constantValue(x) !== undefined) return []
    const name = formulaText(known(x) ?? formulaOf(x, known))
    if (!isPointwise) return [{ name, text: `${name} ${showType(x)}: ${summary(values)}` }]
    const q = operandPosition(result, x, position)
    const index = indexAt(x.shape, q)
    const value = values[q]!
    const label =
      index.length === 0 ? name : /^[\w/.]+$/.test(name) ? `${name}${showShape(index)}` : `(${name})${showShape(index)}`
    return [{ name, index, value, text: `${label} = ${numberText(value)}` }]
  })
}

function summary(values: ArrayLike<number>): string {
  let [least, most, nans, infinite] = [Infinity, -Infinity, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!
    if (v !== v) nans++
    else if (Math.abs(v) === Infinity) infinite++
    else {
      least = Math.min(least, v)
      most = Math.max(most, v)
    }
  }
  const parts = [
    ...(nans > 0 ? [`${nans} NaN`] : []),
    ...(infinite > 0 ? [`${infinite} infinite`] : []),
    ...(least <= most
      ? [`${nans + infinite > 0 ? 'the others ' : ''}from ${numberText(least)} to ${numberText(most)}`]
      : []),
  ]
  return parts.join(', ') || 'no elements'
}

/** A rule of a rule belongs, in the end, to something the user wrote. */
function forwardOf(rule: Tensor): Tensor {
  let now = rule
  while (now.origin.rule) now = now.origin.rule
  return now
}

const isGradient = ({ origin }: Tensor): boolean => (origin.rule ?? origin.gradient) !== undefined

function partOf({ roots }: Guarded, computed: readonly Tensor[], t: Tensor): NonFiniteReport['part'] {
  if (isGradient(t)) return 'backward'
  const after = new Set<Tensor>(computed.filter(isGradient))
  for (const x of computed) if (x.inputs.some((y) => after.has(y))) after.add(x)
  const goals = (wanted: (x: Tensor) => boolean): Set<Tensor> => {
    const found = new Set<Tensor>(computed.filter(wanted))
    for (const x of [...computed].reverse()) if (found.has(x)) for (const y of x.inputs) found.add(y)
    return found
  }
  if (goals(isGradient).has(t)) return 'forward'
  const updates = new Set(roots.updates.values())
  if (after.has(t)) return goals((x) => updates.has(x)).has(t) ? 'update' : 'backward'
  const outputs = new Set(roots.outputs.values())
  return goals((x) => outputs.has(x)).has(t) ? 'forward' : 'update'
}
