import { toposort } from '../../ir/graph'
import { siteText } from '../../ir/origin'
import type { Body } from '../../ir/region'
import { describe, type Tensor } from '../../ir/tensor'
import { type Data, newData } from '../../ir/type'
import type { CondAttrs } from '../../ops/cond'
import type { ConstantAttrs } from '../../ops/leaf'
import { operandsOf, partAttrs, partsByRegion } from '../../ops/region'
import { scanAttrs } from '../../ops/scan-parts'
import type { OpName } from '../../ops/table'
import { UnsupportedError } from '../unsupported'
import { writePoint } from './point'
import { EXPORTS } from './table'
import { type Attributes, int, ints, type Value, valueLike } from './value'
import type { GraphDraft, GraphWriter } from './writer'

/** Writes all that roots are made of and that is not yet written; their values. */
export function writeTensors(to: GraphWriter, roots: readonly Tensor[]): readonly Value[] {
  const order = toposort(roots, { has: (t) => to.find(t) !== undefined })
  const parts = partsByRegion(order)
  for (const t of order) {
    to.of = t
    if (t.op.kind === 'region') writeRegion(to, t, parts.get(t) ?? [])
    else if (t.op.kind !== 'part') to.set(t, writeTensor(to, t))
  }
  return roots.map((t) => to.valueOf(t))
}

function writeTensor(to: GraphWriter, t: Tensor): Value {
  if (t.op.kind === 'leaf') return writeConstant(to, t)
  // Kernels of runtimes are not made for tensors without elements, and there is nothing to compute.
  if (t.shape.includes(0) && EXPORTS[t.op.name as OpName]) return emptyOf(to, t)
  const how = EXPORTS[t.op.name as OpName]
  if (how === null || how === undefined) refuse(t)
  if (typeof how === 'object' && (how.takes?.(t) ?? true)) return how.write(to, t, t.inputs.map((x) => to.valueOf(x))) // prettier-ignore
  return t.op.kind === 'point' ? writePoint(to, t) : refuse(t)
}

function refuse(t: Tensor): never {
  const site = siteText(t.origin)
  const at = t.origin.name !== undefined && site ? ` (${site})` : ''
  throw new UnsupportedError(t.op.name, `${t.op.name} has no form in ONNX: ${describe(t)}${at}`)
}

function writeConstant(to: GraphWriter, t: Tensor): Value {
  const { value } = t.attrs as ConstantAttrs
  if (typeof value === 'number') return to.number(value, t.dtype)
  return to.file.store(t.dtype, { dtype: t.dtype, shape: t.shape, data: value }, t)
}

function writeRegion(to: GraphWriter, region: Tensor, parts: readonly Tensor[]): void {
  if (region.op.name === 'scan') writeScan(to, region, parts)
  else writeCond(to, region, parts)
}

/** Results of a graph inside a node: each is made by a node of the graph, and is no other one's. */
function distinct(inner: GraphWriter, results: readonly Value[]): Value[] {
  const made = new Set(inner.nodes.flatMap((node) => node.outputs))
  return results.map((x) => (made.delete(x) ? x : inner.node('Identity', [x], x.shape)))
}

function writeCond(to: GraphWriter, region: Tensor, parts: readonly Tensor[]): void {
  const { arms } = region.attrs as CondAttrs
  const wanted = [...new Set(parts.map((part) => partAttrs(part).index))]
  const operands = new Map(operandsOf(region).map(({ operand, stand }) => [stand, operand]))
  const [then, otherwise] = arms.map(({ captured, outputs }): GraphDraft => {
    const inner = to.inner()
    for (const stand of captured) inner.set(stand, to.valueOf(operands.get(stand)!))
    const results = writeTensors(inner, wanted.map((i) => outputs[i]!)) // prettier-ignore
    return { nodes: inner.nodes, inputs: [], outputs: distinct(inner, results) }
  })
  const outputs = wanted.map((i) => valueLike(arms[0].outputs[i]!))
  const condition = to.valueOf(region.inputs[0]!)
  to.of = region
  to.add('If', [condition], outputs, {}, { then_branch: then!, else_branch: otherwise! })
  for (const part of parts) to.set(part, outputs[wanted.indexOf(partAttrs(part).index)]!)
}

/** What a scan is asked for: all carries after the last turn, and some results of each turn. */
function writeScan(to: GraphWriter, region: Tensor, parts: readonly Tensor[]): void {
  const { body, length, reverse } = scanAttrs(region)
  const kept = parts.filter((part) => partAttrs(part).kind !== 'final')
  const operands = operandsOf(region).map(({ operand, stand }) => [stand!, to.valueOf(operand)] as const)
  const operandOf = new Map(operands)
  const first = body.carries.map((carry) => operandOf.get(carry)!)
  const { finals, stacks } = length === 0 ? { finals: first, stacks: kept.map((part) => emptyOf(to, part)) } : loop()
  for (const part of parts) {
    const { kind, index } = partAttrs(part)
    to.set(part, kind === 'final' ? finals[index]! : stacks[kept.indexOf(part)]!)
  }

  function loop(): { finals: readonly Value[]; stacks: readonly Value[] } {
    const inner = to.inner()
    const over = body.slices.map((slice) => operandOf.get(slice)!)
    const places = to.constant('int32', [length], Array.from({ length }, (_, i) => i)) // prettier-ignore
    const own = [...body.carries, ...body.slices, body.turn]
    const inputs = own.map((stand) => inner.stands(stand))
    for (const stand of body.captured) inner.set(stand, operandOf.get(stand)!)
    const results = writeTensors(inner, [...body.next, ...kept.map((part) => keptOf(body, part))])
    const outputs = distinct(inner, results)
    const finals = body.carries.map(valueLike)
    const stacks = kept.map(valueLike)
    const direction = reverse ? 1 : 0
    const attributes: Attributes = {
      num_scan_inputs: int(over.length + 1),
      scan_input_directions: ints([...over, places].map(() => direction)),
      scan_output_directions: ints(kept.map(() => direction)),
    }
    to.of = region
    to.add('Scan', [...first, ...over, places], [...finals, ...stacks], attributes, { body: { nodes: inner.nodes, inputs, outputs } }) // prettier-ignore
    return { finals, stacks }
  }
}

/** What a turn gives for a part: a result, or a carry as it was before. */
function keptOf({ outputs, carries }: Body, part: Tensor): Tensor {
  const { kind, index } = partAttrs(part)
  return kind === 'stack' ? outputs[index]! : carries[index]!
}

function emptyOf(to: GraphWriter, { dtype, shape }: Tensor): Value {
  const data: Data = newData(dtype, 0)
  return to.file.store(dtype, { dtype, shape: [...shape], data })
}
