import { nameTensors } from '../codegen/tensor-names'
import { commentText, numberText } from '../codegen/names'
import { toposort, withBodies } from '../ir/graph'
import { siteText } from '../ir/origin'
import { bodyResults } from '../ir/region'
import { requireTensor, type Tensor } from '../ir/tensor'
import { showType } from '../ir/type'
import { constantValue } from '../ops/leaf'

/**
 * The graph below a tensor as text: one tensor a line, operands indented below it. A part that is used more than once is
 * printed where it is first met and referred to by its number afterwards. What a loop or a choice runs stands below it, with
 * its stand-ins by name.
 */
export function print(tensor: Tensor | readonly Tensor[]): string {
  const roots = isList(tensor) ? tensor : [tensor]
  for (const t of roots) requireTensor('print', t)
  const order = withBodies(toposort(roots))
  const names = nameTensors({ original: order, image: (t) => t, outputs: new Map(), results: new Map() })
  const uses = new Map<Tensor, number>()
  for (const t of order) for (const x of t.inputs) uses.set(x, (uses.get(x) ?? 0) + 1)
  const ids = new Map<Tensor, number>()
  const lines: string[] = []
  // Explicit stack: graphs are deeper than the call stack.
  const stack = [...roots].reverse().map((t) => ({ t, depth: 0 }))
  while (stack.length > 0) {
    const { t, depth } = stack.pop()!
    const pad = '  '.repeat(depth)
    const known = ids.get(t)
    if (known !== undefined) {
      lines.push(`${pad}(${known}) as above`)
      continue
    }
    const shared = (uses.get(t) ?? 0) > 1 && constantValue(t) === undefined
    if (shared) ids.set(t, ids.size + 1)
    lines.push(`${pad}${shared ? `(${ids.get(t)}) ` : ''}${lineOf(t, names.isNamed(t) ? names.nameOf(t) : undefined)}`)
    for (const x of [...t.inputs].reverse()) stack.push({ t: x, depth: depth + 1 })
    if (t.op.kind === 'region')
      for (const result of t.op.bodies(t.attrs).flatMap(bodyResults).reverse())
        stack.push({ t: result, depth: depth + 2 })
  }
  return lines.join('\n')
}

const isList = (tensor: Tensor | readonly Tensor[]): tensor is readonly Tensor[] => Array.isArray(tensor)

function lineOf(t: Tensor, name: string | undefined): string {
  const value = constantValue(t)
  if (value !== undefined) return `${numberText(value)} ${showType(t)}`
  const attrs = t.op.kind === 'leaf' ? '' : attrsText(t.op.kind === 'region' ? plainOf(t.attrs) : t.attrs)
  const site = siteText(t.origin)
  return `${name === undefined ? '' : `${commentText(name)} = `}${t.op.name}${attrs} ${showType(t)}${site ? `   ${site}` : ''}`
}

/** Numbers and words among attributes. */
const plainOf = (attrs: unknown): object =>
  Object.fromEntries(Object.entries(attrs as object).filter(([, value]) => typeof value !== 'object'))

function attrsText(attrs: unknown): string {
  const text = JSON.stringify(attrs)
  return text === '{}' || text === undefined ? '' : ` ${text}`
}
