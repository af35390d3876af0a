import type { AnyOp } from '../../ir/op'
import { type Body, bodyResults } from '../../ir/region'
import { makeTensor, type Tensor } from '../../ir/tensor'
import { sameShape, showType, type TensorType } from '../../ir/type'
import { condOp, type CondAttrs } from '../../ops/cond'
import { type PartAttrs, partOp, standIn, type StandInAttrs } from '../../ops/region'
import { scanOp } from '../../ops/scan'
import { type CountedOutput, type ScanAttrs, scanPart } from '../../ops/scan-parts'
import { fieldsOf, listOf, MOST, nameOf, oneOf, refuse, shapeOf, typeOf, wholeOf } from './fields'
import type { At, NodeParts, nodesFrom } from './nodes'

/** Loops in loops. */
const MAX_DEPTH = 32
const TURN: TensorType = { dtype: 'int32', shape: [] }
/** A region has no value itself. */
const NOTHING: TensorType = { dtype: 'bool', shape: [] }

/** A loop or a choice; `read` reads the nodes of its bodies. */
export function regionFrom(parts: NodeParts, read: typeof nodesFrom): Tensor {
  const { at, where, depth, op, type } = parts
  at(where, () => {
    if (depth >= MAX_DEPTH) refuse(`loops and choices in more than ${MAX_DEPTH} others`)
    if (!sameShape(type.shape, NOTHING.shape) || type.dtype !== NOTHING.dtype)
      refuse(`${op} stands as ${showType(NOTHING)}, here as ${showType(type)}`)
  })
  return op === 'scan' ? scanFrom(parts, read) : condFrom(parts, read)
}

function scanFrom({ inputs, attrs, origin, where, at, depth }: NodeParts, read: typeof nodesFrom): Tensor {
  const found = at(where, () => fieldsOf('attrs', attrs, ['length', 'reverse', 'body'], ['counts']))
  const body = bodyFrom(`${where}.body`, found.body, read, at, depth, inputs)
  return at(where, () => {
    const length = wholeOf('length', found.length, 0, MOST)
    const { slices, carries, captured } = body
    if (inputs.length !== slices.length + carries.length + captured.length)
      refuse(`scan has ${inputs.length} inputs for ${slices.length + carries.length + captured.length} stand-ins`)
    slices.forEach((t, i) => same(`slice ${i}`, inputs[i], { dtype: t.dtype, shape: [length, ...t.shape] }))
    carries.forEach((t, i) => {
      same(`carry ${i}`, inputs[slices.length + i], t)
      same(`what is handed on as carry ${i}`, body.next[i], t)
    })
    const first = slices.length + carries.length
    captured.forEach((t, i) => same(`captured ${i}`, inputs[first + i], t))
    // What is stacked must fit too.
    for (const t of body.outputs) shapeOf('what is stacked', [length, ...t.shape])
    for (const t of carries) shapeOf('a carry of all turns', [length, ...t.shape])
    const scan: ScanAttrs = {
      ...{ body, length, reverse: oneOf('reverse', found.reverse, [false, true]) },
      ...countsFrom(found.counts, body.outputs),
    }
    return makeTensor(scanOp as AnyOp, inputs, scan, NOTHING, origin)
  })
}

function condFrom({ inputs, attrs, origin, where, at, depth }: NodeParts, read: typeof nodesFrom): Tensor {
  const found = at(where, () => fieldsOf('attrs', attrs, ['arms'], ['counts']))
  const [condition, ...rest] = inputs
  const [json, other] = at(where, () => {
    same('the condition', condition, NOTHING)
    const arms = listOf('arms', found.arms, 2)
    return arms.length === 2 ? arms : refuse('a choice has two arms')
  })
  const a = bodyFrom(`${where}.arms[0]`, json, read, at, depth, rest)
  const b = bodyFrom(`${where}.arms[1]`, other, read, at, depth, rest.slice(a.captured.length))
  return at(where, () => {
    if (rest.length !== a.captured.length + b.captured.length)
      refuse(`cond has ${rest.length} inputs for ${a.captured.length + b.captured.length} stand-ins`)
    for (const arm of [a, b])
      if (arm.slices.length + arm.carries.length > 0) refuse('an arm has neither slices nor carries')
    ;[...a.captured, ...b.captured].forEach((t, i) => same(`captured ${i}`, rest[i], t))
    if (a.outputs.length !== b.outputs.length) refuse('both arms must have as many outputs')
    a.outputs.forEach((t, i) => same(`output ${i} of the second arm`, b.outputs[i], t))
    const cond: CondAttrs = { arms: [a, b], ...countsFrom(found.counts, a.outputs) }
    return makeTensor(condOp as AnyOp, inputs, cond, NOTHING, origin)
  })
}

function same(what: string, t: Tensor | undefined, type: TensorType): void {
  if (t && t.op.kind !== 'region' && t.dtype === type.dtype && sameShape(t.shape, type.shape)) return
  refuse(`${what} must be ${showType(type)}, it is ${t ? showType(t) : 'nothing'}`)
}

/** Outputs that count mistakes are numbers. */
function countsFrom(json: unknown, outputs: readonly Tensor[]): { readonly counts?: readonly CountedOutput[] } {
  if (json === undefined) return {}
  const counts = listOf('counts', json).map((item) => {
    const { output, message } = fieldsOf('count', item, ['output', 'message'])
    const place = wholeOf('output', output, 0, outputs.length - 1)
    if (outputs[place]!.dtype !== 'int32') refuse(`output ${place} counts as int32, it is ${outputs[place]!.dtype}`)
    return { output: place, message: nameOf('message', message) }
  })
  return { counts }
}

function bodyFrom(
  where: string,
  json: unknown,
  read: typeof nodesFrom,
  at: At,
  depth: number,
  inputs: readonly Tensor[],
): Body {
  const found = at(where, () => fieldsOf('body', json, ['slices', 'carries', 'captured', 'nodes', 'next', 'outputs']))
  const stands = (role: StandInAttrs['role'], list: unknown, operands: readonly Tensor[]): Tensor[] =>
    listOf(role, list).map((item, i) => {
      const fields = fieldsOf(role, item, ['shape', 'dtype'], ['name'])
      const name = fields.name === undefined ? {} : { name: nameOf('name', fields.name) }
      return standIn(role, typeOf(fields), { scope: '', ...name }, role === 'captured' ? operands[i] : undefined)
    })
  const own = at(where, () => {
    const slices = stands('slice', found.slices, [])
    const carries = stands('carry', found.carries, [])
    const captured = stands('captured', found.captured, inputs.slice(slices.length + carries.length))
    return { slices, carries, captured, turn: standIn('turn', TURN, { scope: '' }) }
  })
  const first = [...own.slices, ...own.carries, ...own.captured, own.turn]
  const nodes = read(`${where}.nodes`, found.nodes, first, at, undefined, depth + 1)
  return at(where, () => {
    const results = (what: string, list: unknown): Tensor[] =>
      listOf(what, list).map((place) => nodes[wholeOf(`a place in ${what}`, place, 0, nodes.length - 1)]!)
    const body = { ...own, next: results('next', found.next), outputs: results('outputs', found.outputs) }
    if (body.next.length !== body.carries.length) refuse('a body hands on one value for each carry')
    if (bodyResults(body).some((t) => t.op.kind === 'region')) refuse('a result is a part of a region, not the region')
    return body
  })
}

/** One result of a region; its type is the one that the region gives it. */
export function partFrom({ inputs, attrs, origin }: NodeParts): Tensor {
  const [region, ...more] = inputs
  if (region?.op.kind !== 'region' || more.length > 0) return refuse('a part is of one loop or choice')
  const found = fieldsOf('attrs', attrs, ['kind', 'index'])
  const kinds = (region.op.name === 'scan' ? ['final', 'stack', 'history'] : ['result']) as PartAttrs['kind'][]
  const kind = oneOf('kind', found.kind, kinds)
  const results = resultsOf(region, kind)
  const index = wholeOf('index', found.index, 0, results.length - 1)
  const type = kind === 'result' ? results[index]! : scanPart(region, kind, index)
  return makeTensor(partOp as AnyOp, [region], { kind, index } satisfies PartAttrs, type, origin)
}

function resultsOf({ op, attrs }: Tensor, kind: PartAttrs['kind']): readonly Tensor[] {
  if (op.name === 'cond') return (attrs as CondAttrs).arms[0].outputs
  const { body } = attrs as ScanAttrs
  return kind === 'stack' ? body.outputs : body.carries
}
