import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import type { AnyOp, Op } from '../ir/op'
import { currentOrigin, withinArm } from '../ir/origin'
import type { Body, RegionContext } from '../ir/region'
import { makeTensor, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { zerosT } from './broadcast'
import { scalarConstant } from './leaf'
import { countsWithin } from './index-range'
import type { Check } from '../ir/op'
import { insideOf, instantiate, type PartAttrs, partAttrs, partOp, standIn } from './region'
import { capture } from './scan'
import type { CountedOutput } from './scan-parts'

export interface CondAttrs {
  /** What runs where the condition holds, and where it does not. */
  readonly arms: readonly [Body, Body]
  /** Results that nobody asked for: how many indices were out of range in the arm that was taken. */
  readonly counts?: readonly CountedOutput[]
}

/** One of two graphs, chosen by a condition when it runs. Operands are the condition, then what each arm captures. */
export const condOp: Op<'cond', CondAttrs> = {
  name: 'cond',
  kind: 'region',
  infer: () => {
    throw new GraphError('a cond has several results; its parts have their types')
  },
  vjp: null,
  bodies: ({ arms }) => arms,
  stands: ({ arms }) => [undefined, ...arms.flatMap((body) => body.captured)],
  withBodies: (attrs, [a, b]) => ({ ...attrs, arms: [a!, b!] }),
  derive: deriveCond,
}

/** Closes two graphs, of which one is chosen; their results agree in number, shapes and dtypes. */
export function condT(
  condition: Tensor,
  choices: readonly [() => readonly Tensor[], () => readonly Tensor[]],
  check?: (a: readonly Tensor[], b: readonly Tensor[]) => void,
  isGradient = false,
): Tensor[] {
  const written = choices.map((build) => writtenArm(build, isGradient))
  const asked = written[0]!.results.length
  check?.(written[0]!.results, written[1]!.results)
  const none = scalarConstant(0, 'int32')
  const counted = written.map(({ counts }) => counts)
  const arms = written.map((arm, i) => {
    return closed(arm, counted.flatMap((list, of) => list.map(({ count }) => (of === i ? count : none)))) // prettier-ignore
  }) as [Arm, Arm]
  const counts = counted.flat().map(({ message }, i) => ({ output: asked + i, message }))
  const operands = [condition, ...arms.flatMap((arm) => arm.operands)]
  const bodies = [arms[0].body, arms[1].body] as const
  const attrs: CondAttrs = { arms: bodies, ...(counts.length > 0 ? { counts } : {}) }
  const cond = makeTensor(condOp as AnyOp, operands, attrs, { dtype: 'bool', shape: [] }, currentOrigin())
  return arms[0].body.outputs
    .slice(0, asked)
    .map((t, index) =>
      makeTensor(partOp as AnyOp, [cond], { kind: 'result', index } satisfies PartAttrs, t, currentOrigin()),
    )
}

interface WrittenArm {
  readonly arm: object
  readonly results: readonly Tensor[]
  readonly counts: readonly Check[]
}

/** An arm that is not taken reads no indices: all but numbers that are known are counted where it is. */
function writtenArm(build: () => readonly Tensor[], isGradient: boolean): WrittenArm {
  const arm = {}
  return withinArm(arm, () => {
    const results = build()
    const inside = insideOf(toposort(results), [], (t) => t.origin.arm === arm)
    const counts = countsWithin(results, inside, ({ index }) => index.op.name !== 'constant', isGradient)
    return { arm, results, counts }
  })
}

/** An arm computes all that is written in it, also what depends on nothing of its own. */
function closed({ arm, results }: WrittenArm, counts: readonly Tensor[]): Arm {
  const { made, captured } = capture([...results, ...counts], [], (t) => t.origin.arm === arm)
  const turn = standIn('turn', { dtype: 'int32', shape: [] }, { scope: '' })
  const stands = captured.map(([, stand]) => stand)
  return {
    body: { slices: [], carries: [], captured: stands, turn, next: [], outputs: made },
    operands: captured.map(([x]) => x),
  }
}

interface Arm {
  readonly body: Body
  readonly operands: readonly Tensor[]
}

/** Where the operands of an arm begin among those of a cond. */
export const firstOperandOf = ({ arms }: CondAttrs, arm: number): number =>
  arm === 0 ? 1 : 1 + arms[0].captured.length

/** The same choice between the gradients of the arms: what an arm does not read gets zeros from it. */
function deriveCond({
  region,
  inputs,
  attrs,
  arrivals,
  wanted,
  differentiate,
}: RegionContext<CondAttrs>): readonly (Tensor | null)[] {
  const targets = [...new Set(inputs.slice(1))].filter((x) => isFloat(x.dtype) && wanted(x))
  const gradientOf = (body: Body, arm: number) => (): Tensor[] => {
    const from = firstOperandOf(attrs, arm)
    const own = inputs.slice(from, from + body.captured.length)
    const leaves = new Map(body.captured.map((stand, i) => [stand, own[i]!]))
    const { arm: now } = currentOrigin()
    const again = instantiate(body.outputs, leaves, (t) => ({ ...t.origin, rule: region, recomputed: true, arm: now! }))
    const outputs = arrivals.map(({ part }) => again[partAttrs(part).index]!)
    const cotangents = arrivals.map((a) => a.cotangent)
    const found = differentiate(outputs, cotangents, targets, own)
    return targets.map((x, i) => found[i] ?? zerosT(x))
  }
  if (targets.length === 0) return inputs.map(() => null)
  const chosen = condT(inputs[0]!, [gradientOf(attrs.arms[0], 0), gradientOf(attrs.arms[1], 1)], undefined, true)
  return inputs.map((x, i) => {
    const k = targets.indexOf(x)
    return i > 0 && k >= 0 && inputs.indexOf(x, 1) === i ? chosen[k]! : null
  })
}
