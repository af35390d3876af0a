import { feedText } from '../codegen/feed-text'
import type { MathFunction } from '../codegen/js-math'
import { helperText } from '../codegen/js-math'
import { type ModuleScope, moduleScope } from '../codegen/module'
import { commentText, identifier, Namer } from '../codegen/names'
import { keyText, quoted, shapeText } from '../codegen/run-text'
import { GraphError } from '../ir/errors'
import type { Buffer } from '../ir/plan'
import { arrayNameOf, type Data, type DType, showType } from '../ir/type'
import type { ConstantAttrs } from '../ops/leaf'
import { type Bindings, bindingKey, dimNames } from '../runtime/bind'
import type { Store } from '../runtime/store'
import { type EntryInternals, programInternals, type Specialised } from './internals'
import { printCompilation } from './print'

export interface EmitOptions {
  /** A JavaScript module, the same in TypeScript, or the declarations that go with the JavaScript one. */
  readonly format: 'js' | 'ts' | 'd.ts'
  /** Extents of named dimensions, one record for each size the module shall take. */
  readonly bindings?: readonly Readonly<Record<string, number>>[]
  /** Present values of all variables inside the text (the default), or zeros to be set through `state`. */
  readonly weights?: 'inline' | 'none'
  /** As the program runs it if absent. */
  readonly schedule?: 'fast' | 'plain'
}

/**
 * The text of a standalone ES module: a function for each entry and `state`, no imports, no code from strings. It computes
 * bit for bit what the program in memory computes. Throws a GraphError where an entry has named dimensions and `bindings`
 * do not give them.
 */
export function emit(program: object, options: EmitOptions): string {
  const { format, bindings = [], weights = 'inline' } = options
  if (!['js', 'ts', 'd.ts'].includes(format))
    throw new GraphError(`emit: format "${String(format)}" is none of js, ts, d.ts`)
  if (weights !== 'inline' && weights !== 'none')
    throw new GraphError(`emit: weights "${String(weights)}" is none of inline, none`)
  const { entries, store, settings } = programInternals('emit', program)
  const parts = [...entries.values()].map((entry) => ({ entry, variants: variantsOf(entry, bindings) }))
  if (format === 'd.ts') return declarations(parts.map((p) => p.entry))
  const types = format === 'ts'
  const schedule = options.schedule ?? settings.schedule
  const shared = moduleScope(['state', 'stateMemory', 'decode', 'variable', 'variables'])
  const names = parts.map(({ entry }) => shared.namer.unique(entry.name))
  const stateViews = new Map<Buffer, string>()
  const helpers = new Set<MathFunction>()
  const steps = parts.flatMap(({ entry, variants }, i) => {
    const made = variants.map((variant) => {
      const suffix = [...variant.bindings].map(([dim, n]) => `${identifier(dim)}${n}`).join('_')
      const stem = shared.namer.unique(suffix === '' ? `${names[i]}_step` : `${names[i]}_${suffix}`)
      const scope: ModuleScope = {
        ...shared,
        step: stem,
        run: shared.namer.unique(`run_${stem}`),
        stateMemory: 'stateMemory',
        workMemory: shared.namer.unique(`memory_${stem}`),
      }
      const { text } = printCompilation(variant.compilation, schedule, { types, scope, dynamic: false })
      text.helpers.forEach((h) => helpers.add(h))
      const { plan } = variant.compilation
      const constants = plan.buffers.filter((b) => b.region === 'constant')
      return {
        scope,
        fits: text.fits,
        text: [
          `const ${scope.workMemory} = new ArrayBuffer(${Math.max(plan.workBytes, 64)})`,
          text.views,
          ...constants.map(
            (b) => `${scope.buffers.get(b)!}.set(${dataText((b.of.attrs as ConstantAttrs).value as Data, b.dtype)})`,
          ),
          ...text.kernels,
          text.step,
          text.run,
        ].join('\n\n'),
      }
    })
    return [...made.map((m) => m.text), entryText(entry, names[i]!, made, types)]
  })
  for (const [buffer, name] of shared.buffers) if (buffer.region === 'state') stateViews.set(buffer, name)
  return `${[
    header(parts),
    `${types ? '/* eslint-disable */\n' : ''}class FeedError extends Error {}`,
    helperText(helpers, { types }),
    feedText({ types }),
    `const stateMemory = ${stateText(store, weights, types)}`,
    ...steps,
    stateApi(store, stateViews, types),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}

function variantsOf(entry: EntryInternals, bindings: readonly Readonly<Record<string, number>>[]): Specialised[] {
  const dims = dimNames(entry.entry.inputs)
  if (dims.length === 0) return [entry.specialise(new Map())]
  const wanted = new Map<string, Bindings>()
  for (const record of bindings) {
    if (!dims.every((d) => Object.hasOwn(record, d))) continue
    const binding: Bindings = new Map(dims.map((d) => [d, record[d]!]))
    for (const [d, n] of binding)
      if (!Number.isInteger(n) || n < 0)
        throw new GraphError(`emit: dimension "${d}" must be a whole number from 0, it is ${n}`)
    wanted.set(bindingKey(binding), binding)
  }
  if (wanted.size === 0) {
    throw new GraphError(
      `emit: entry "${entry.name}" has named dimensions; pass bindings: [{ ${dims.map((d) => `${d}: 32`).join(', ')} }]`,
    )
  }
  return [...wanted.values()].map((binding) => entry.specialise(binding))
}

const header = (
  parts: readonly { readonly entry: EntryInternals; readonly variants: readonly Specialised[] }[],
): string =>
  [
    '// Generated by gradloom. Standalone: no imports, no code from strings.',
    ...parts.map(({ entry, variants }) => {
      const sizes = variants.map((v) => bindingKey(v.bindings)).filter((k) => k !== '')
      return `//   ${commentText(entry.name)}(${signatureText(entry)})${sizes.length ? `   compiled for ${commentText(sizes.join('; '))}` : ''}`
    }),
  ].join('\n')

const signatureText = ({ probe }: EntryInternals): string =>
  commentText([...probe.inputs].map(([name, t]) => `${name}: ${t.dtype}`).join(', '))

/** The exported function of an entry: the only variant, or the first that has the size of the feeds. */
function entryText(
  entry: EntryInternals,
  name: string,
  variants: readonly { readonly scope: ModuleScope; readonly fits: string }[],
  types: boolean,
): string {
  const signature = types ? `(feeds: ${feedsType(entry)}): ${resultsType(entry)}` : '(feeds)'
  const result = types ? ` as ${resultsType(entry)}` : ''
  const rest = variants.slice(0, -1).map((v) => `  if (${v.fits}) return ${v.scope.run}(feeds)${result}\n`)
  const local = name === entry.name ? `export function ${name}` : `function ${name}`
  const body = `${local}${signature} {\n${rest.join('')}  return ${variants.at(-1)!.scope.run}(feeds)${result}\n}`
  return name === entry.name ? body : `${body}\nexport { ${name} as ${quoted(entry.name)} }`
}

const TYPED: (dtype: DType) => string = (dtype) => arrayNameOf(dtype)
const feedsType = ({ probe }: EntryInternals): string =>
  `{ ${[...probe.inputs].map(([name, t]) => `${keyOf(name)}: ${t.shape.length === 0 ? 'number | boolean' : `${TYPED(t.dtype)} | readonly unknown[]`}`).join('; ')} }`
const resultsType = ({ probe }: EntryInternals): string =>
  `{ ${[...probe.roots.outputs].map(([name, t]) => `${keyOf(name)}: ${t.shape.length === 0 ? 'number' : `${TYPED(t.dtype)} & { readonly shape: readonly number[] }`}`).join('; ')} }`
const keyOf = (name: string): string => (keyText(name) === name ? name : quoted(name))

const STATE_TYPE = `{
  readonly names: readonly string[]
  get(name: string): number | ((Float32Array | Float64Array | Int32Array | Uint8Array) & { readonly shape: readonly number[] })
  set(name: string, value: unknown): void
}`

function declarations(entries: readonly EntryInternals[]): string {
  const namer = new Namer(['state'])
  const functions = entries.map((e) => {
    const name = namer.unique(e.name)
    const text = `function ${name}(feeds: ${feedsType(e)}): ${resultsType(e)}`
    return name === e.name ? `export declare ${text}` : `declare ${text}\nexport { ${name} as ${quoted(e.name)} }`
  })
  return `${functions.join('\n')}\nexport declare const state: ${STATE_TYPE}\n`
}

function stateText(store: Store, weights: 'inline' | 'none', types: boolean): string {
  const size = store.bytes
  if (weights === 'none') return `new ArrayBuffer(${size})`
  return `decode(${quoted(base64(new Uint8Array(store.memory.buffer, store.memory.base, size)))}).buffer\n\n${decodeText(types)}`
}

const decodeText = (types: boolean): string =>
  `function decode(text${types ? ': string' : ''}) {\n  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0))\n}`

/** Constants in full digits: small, and readable where they stand. */
const dataText = (data: Data, dtype: DType): string =>
  `${arrayNameOf(dtype)}.of(${Array.from(data, (v) => (Object.is(v, -0) ? '-0' : String(v))).join(', ')})`

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(text)
}

/** Reading and setting variables by name. */
function stateApi(store: Store, views: ReadonlyMap<Buffer, string>, types: boolean): string {
  const t = (text: string): string => (types ? text : '')
  const rows = store.variables.map((v) => {
    const buffer = store.bufferOf(v)
    const view = views.get(buffer) ?? `new ${arrayNameOf(v.dtype)}(stateMemory, ${buffer.offset}, ${buffer.size})`
    return `  [${quoted(v.name)}, { view: ${view}, shape: ${shapeText(v.shape)}, dtype: ${quoted(v.dtype)} }], // ${commentText(showType(v))}`
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
