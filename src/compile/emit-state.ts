import { commentText } from '../codegen/names'
import { quoted, shapeText } from '../codegen/run-text'
import type { Buffer } from '../ir/plan'
import { showType } from '../ir/type'
import type { Store } from '../runtime/store'

export const STATE_TYPE = `{
  readonly names: readonly string[]
  get(name: string): number | ((Float32Array | Float64Array | Int32Array | Uint8Array) & { readonly shape: readonly number[] })
  set(name: string, value: unknown): void
}`

/** Reading and setting variables by name; `viewOf` is an expression for the view of one. */
export function stateApi(store: Store, viewOf: (buffer: Buffer) => string, types: boolean): string {
  const t = (text: string): string => (types ? text : '')
  const rows = store.variables.map((v) => {
    return `  [${quoted(v.name)}, { view: ${viewOf(store.bufferOf(v))}, shape: ${shapeText(v.shape)}, dtype: ${quoted(v.dtype)} }], // ${commentText(showType(v))}`
  })
  const kind = t(': Map<string, { view: View; shape: readonly number[]; dtype: string }>')
  return `const variables${kind} = new Map([
${rows.join('\n')}
]${t(' as never')})
function variable(name${t(': string')}) {
  const found = variables.get(name)
  if (!found) throw new FeedError('no variable is called "' + name + '"; there are ' + state.names.join(', '))
  return found
}
export const state${t(`: ${STATE_TYPE}`)} = {
  names: [...variables.keys()],
  get(name) {
    const { view, shape } = variable(name)
    return ${t('(')}shape.length === 0 ? view[0] : Object.defineProperty(view.slice(), 'shape', { value: shape })${t(') as never')}
  },
  set(name, value) {
    const { view, shape, dtype } = variable(name)
    const checked = view.slice()
    fillInput('variable "' + name + '"', value, checked, shape, dtype)
    view.set(checked)
  },
}`
}
