import type { Kernel } from '../ir/loop'
import type { Buffer, Plan } from '../ir/plan'
import { arrayNameOf, type DType } from '../ir/type'
import { FEED_NAMES } from './feed-text'
import { jsDialect } from './js'
import { HELPER_NAMES, type MathFunction } from './js-math'
import { Namer } from './names'
import { kernelText, listText } from './text'

/** Everything that is printed of one specialisation. */
export interface StepText {
  /** Kernels as functions, in order of running. */
  readonly kernels: readonly string[]
  readonly helpers: ReadonlySet<MathFunction>
  /** Declarations of the views on memory. */
  readonly views: string
  /** The table of contents: one call a kernel, in functions of bounded size. */
  readonly step: string
  /** The function from feeds to results. */
  readonly run: string
  readonly bufferName: (buffer: Buffer) => string
}

export interface StepInput {
  readonly entry: string
  readonly plan: Plan
  readonly kernels: readonly Kernel[]
  readonly inputs: readonly InputText[]
  /** Named dimensions exist: another size is another specialisation. */
  readonly dynamic: boolean
  /** A section heading for the item at this position, if one begins there. */
  readonly heading: (item: number) => string | undefined
}
export interface InputText {
  readonly name: string
  readonly buffer: Buffer
  /** Extents that index values must stay below, with the op that needs it. */
  readonly ranges: readonly { readonly below: number; readonly op: string }[]
}
export interface StepOptions {
  readonly approximate: boolean
  readonly types: boolean
}

// Calls in one function: V8 does not optimise above 60 KB of bytecode.
const CALLS_A_FUNCTION = 200
/** Inputs of fewer elements are copied one by one: a call of `set` costs more than the loop. */
const SMALL = 64

export function stepText(input: StepInput, options: StepOptions): StepText {
  const { plan } = input
  const helpers = new Set<MathFunction>()
  const dialect = jsDialect({ ...options, uses: (name) => helpers.add(name) })
  const namer = new Namer([...HELPER_NAMES, ...FEED_NAMES, ...input.kernels.map((k) => k.name)])
  const buffers = new Map<Buffer, string>()
  const bufferName = (buffer: Buffer): string => {
    const known = buffers.get(buffer)
    if (known !== undefined) return known
    const made = namer.unique(buffer.name)
    buffers.set(buffer, made)
    return made
  }
  for (const buffer of usedBuffers(plan)) bufferName(buffer)
  const outer = [...HELPER_NAMES, ...FEED_NAMES]
  const kernels = input.kernels.map((k) => kernelText(k, (p) => bufferName(p.buffer), dialect, outer))
  const views = [...buffers].map(([buffer, name]) => viewText(buffer, name)).join('\n')
  return {
    kernels,
    helpers,
    views,
    bufferName,
    step: callsText(input, bufferName, options),
    run: runText(input, bufferName, options),
  }
}

/** Buffers that a run touches, in order of address. */
export function usedBuffers(plan: Plan): Buffer[] {
  const used = new Set<Buffer>([...plan.inputs.values(), ...plan.outputs.values()])
  for (const item of plan.items) {
    if (item.kind === 'copy') {
      used.add(item.from)
      used.add(item.to)
    } else {
      for (const buffer of item.kernel.stores.values()) used.add(buffer)
    }
  }
  for (const buffer of plan.buffers) used.add(buffer)
  const rank = { state: 0, io: 1, constant: 2, scratch: 3 }
  return [...used].sort((a, b) => rank[a.region] - rank[b.region] || a.offset - b.offset)
}

const viewText = (b: Buffer, name: string): string =>
  `const ${name} = new ${arrayNameOf(b.dtype)}(memory.${b.region === 'state' ? 'state' : 'work'}, ${b.offset}, ${b.size})`

function callsText({ plan, kernels, heading }: StepInput, name: (b: Buffer) => string, { types }: StepOptions): string {
  const kind = types ? ': void' : ''
  let next = 0
  const lines = plan.items.map((item, i) => {
    const title = heading(i)
    const lead = title === undefined ? '' : `${i === 0 ? '' : '\n'}  // ${title}\n`
    if (item.kind === 'copy') return `${lead}  ${name(item.to)}.set(${name(item.from)})`
    const kernel = kernels[next++]!
    return (
      lead +
      listText(
        kernel.name,
        kernel.params.map((p) => name(p.buffer)),
        '  ',
      )
    )
  })
  if (lines.length <= CALLS_A_FUNCTION)
    return `function step()${kind} {\n${lines.join('\n')}${lines.length ? '\n' : ''}}`
  const parts: string[] = []
  for (let i = 0; i < lines.length; i += CALLS_A_FUNCTION) {
    parts.push(
      `function step${parts.length + 1}()${kind} {\n${lines
        .slice(i, i + CALLS_A_FUNCTION)
        .join('\n')
        .replace(/^\n/, '')}\n}`,
    )
  }
  return `${parts.join('\n\n')}\n\nfunction step()${kind} {\n${parts.map((_, i) => `  step${i + 1}()`).join('\n')}\n}`
}

const quoted = (text: string): string => {
  const inner = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")
  return `'${inner.replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029')}'`
}
const keyText = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) && key !== '__proto__' ? key : `[${quoted(key)}]`)
const memberText = (object: string, key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? `${object}.${key}` : `${object}[${quoted(key)}]`

/**
 * From feeds to results: every input is checked before anything runs, the expected typed array on a short path, all else
 * by `fillInput`. Unknown names are refused. Where the size differs, `other` looks for the specialisation that fits.
 */
function runText(
  { entry, plan, inputs, dynamic }: StepInput,
  bufferName: (b: Buffer) => string,
  { types }: StepOptions,
): string {
  const names = inputs.map((i) => i.name)
  const lines: string[] = []
  if (dynamic) {
    const sized = inputs.filter(({ buffer }) => buffer.shape.length > 0)
    for (const { name, buffer } of sized) {
      const value = memberText('feeds', name)
      lines.push(
        `  if (!fits(${value}, ${buffer.size}, ${quoted(`shape ${shapeText(buffer.shape)}`)})) return other(feeds)`,
      )
    }
  }
  const known = names.length === 0 ? 'none' : names.map((n) => JSON.stringify(n)).join(', ')
  const isKnown = names.map((n) => `key !== ${quoted(n)}`).join(' && ') || 'true'
  lines.push(
    `  for (const key in feeds) if (${isKnown}) unknownInput(${quoted(`entry "${entry}"`)}, key, ${quoted(known)})`,
  )
  inputs.forEach(({ name, buffer, ranges }, i) => {
    const view = bufferName(buffer)
    const label = quoted(`input "${name}" of entry "${entry}"`)
    const slow = `fillInput(${label}, feed${i}, ${view}, ${shapeText(buffer.shape)}, ${quoted(buffer.dtype)})`
    lines.push(`  const feed${i} = ${memberText('feeds', name)}`, ...fastFeed(`feed${i}`, view, buffer, slow, types))
    for (const { below, op } of ranges) lines.push(`  checkIndices(${label}, ${view}, ${below}, ${quoted(op)})`)
  })
  lines.push('  step()')
  const results = [...plan.outputs].map(([name, buffer]) => {
    const view = bufferName(buffer)
    const value = buffer.shape.length === 0 ? `${view}[0]` : `shaped(${view}.slice(), ${shapeText(buffer.shape)})`
    return `${keyText(name)}: ${value}`
  })
  lines.push(`  return { ${results.join(', ')} }`.replace('{  }', '{}'))
  const signature = types ? '(feeds: Record<string, any>): Record<string, any>' : '(feeds)'
  return `function run${signature} {\n${lines.join('\n')}\n}`
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`

const SCALAR_TEST: Readonly<Record<DType, (v: string) => string>> = {
  float32: (v) => `typeof ${v} === 'number'`,
  float64: (v) => `typeof ${v} === 'number'`,
  int32: (v) => `${v} === (${v} | 0)`,
  uint8: (v) => `${v} === (${v} & 255)`,
  bool: (v) => `typeof ${v} === 'boolean'`,
}

function fastFeed(feed: string, view: string, { dtype, shape, size }: Buffer, slow: string, types: boolean): string[] {
  if (shape.length === 0) {
    const value = dtype === 'bool' ? `${feed} ? 1 : 0` : feed
    return [`  if (${SCALAR_TEST[dtype](feed)}) ${view}[0] = ${value}`, `  else ${slow}`]
  }
  if (dtype === 'bool') return [`  ${slow}`]
  const isExpected = `${feed} instanceof ${arrayNameOf(dtype)} && ${feed}.length === ${size}`
  const hasShape = shape.length > 1 ? ` && ${types ? `(${feed} as any)` : feed}.shape === undefined` : ''
  const copy = size < SMALL ? `for (let i = 0; i < ${size}; i++) ${view}[i] = ${feed}[i]` : `${view}.set(${feed})`
  return [`  if (${isExpected}${hasShape}) ${copy}`, `  else ${slow}`]
}
