import type { Inspection, TensorView } from '../inspect/inspection'
import { breakable, type Html, markup } from './html'
import { table, text } from './table'

interface Row {
  readonly name: string
  readonly type: string
  readonly formula: string
}

/**
 * What an entry computes: the forward pass as the model was written, each gradient that has a name, and what becomes of
 * state, in the words of the kernels.
 */
export function formulas({ graphs: { traced, simplified }, kernels }: Inspection): Html {
  const results = new Set(Object.values(traced.outputs))
  const forward = traced.tensors.filter((t) => t.part === 'forward' && (t.named || results.has(t.id)))
  const backward = simplified.tensors.filter((t) => t.part === 'backward' && t.named)
  const known = new Set([...forward, ...backward].map((t) => t.name))
  const updates = kernels.filter((k) => k.part === 'update').flatMap((k) => k.formulas.map(parsed))
  return markup`<h3>Formulas</h3>
    ${part('Forward', forward.map(rowOf))} ${part('Gradients', backward.map(rowOf))}
    ${part(
      'Updates',
      updates.filter((row) => !known.has(row.name)),
    )}`
}

const rowOf = ({ name, formula, dtype, shape }: TensorView): Row => ({
  name,
  type: `${dtype}[${shape.join(', ')}]`,
  formula,
})

/** `W float32[3, 4] = W - …`, as kernels have it. */
function parsed(line: string): Row {
  const [, name = '', type = '', formula = line] = /^(.*?) (\w+\[[\d, ]*\]) = (.*)$/s.exec(line) ?? []
  return { name, type, formula }
}

function part(title: string, rows: readonly Row[]): Html {
  if (rows.length === 0) return markup``
  const body = rows.map(
    ({ name, type, formula }) =>
      markup`<tr>
        <th scope="row"><code>${breakable(name)}</code></th>
        <td class="type">${type}</td>
        <td class="math">= ${formula}</td>
      </tr> `,
  )
  const heads = [text('tensor'), text('type'), text('formula')]
  return markup`<h4>${title}</h4>
    ${table(title, heads, body, { className: 'formulas', isUnseen: true })}`
}
