import type { Buffer, Plan } from '../ir/plan'
import { arrayNameOf, type DType } from '../ir/type'
import type { ModuleScope, StepInput, StepOptions } from './module'
import { Namer, shortPath } from './names'

/** Inputs of fewer elements are copied one by one: a call of `set` costs more than the loop. */
const SMALL = 64

export const quoted = (text: string): string => {
  const inner = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")
  return `'${inner.replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029')}'`
}
export const keyText = (key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) && key !== '__proto__' ? key : `[${quoted(key)}]`
const memberText = (object: string, key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? `${object}.${key}` : `${object}[${quoted(key)}]`

/** What is fed under a name; every object has a `constructor` without being fed one. */
const feedOf = (key: string): string =>
  key in Object.prototype
    ? `Object.hasOwn(feeds, ${quoted(key)}) ? ${memberText('feeds', key)} : undefined`
    : memberText('feeds', key)

/**
 * From feeds to results: every input is checked before anything runs, the expected typed array on a short path, all else
 * by `fillInput`. Unknown names are refused. Where the size differs, `other` looks for the specialisation that fits.
 * All feeds are read before any is copied: one that is computed may call the same program, which fills the same inputs.
 */
export function runText(
  { entry, plan, inputs, dynamic }: Pick<StepInput, 'entry' | 'plan' | 'inputs' | 'dynamic'>,
  bufferName: (b: Buffer) => string,
  { types, scope }: Pick<StepOptions, 'types' | 'scope'>,
): string {
  const names = inputs.map((i) => i.name)
  // An input may be called "i" or "feed0": locals must not hide its view.
  const locals = new Namer(scope.namer.names())
  const counter = locals.unique('i')
  const lines: string[] = []
  const label = quoted(`entry "${entry}"`)
  if (names.length > 0) lines.push(`  if (typeof feeds !== 'object' || feeds === null) noFeeds(${label}, feeds)`)
  const feeds = new Map(inputs.map(({ name }, i) => [name, locals.unique(`feed${i}`)]))
  for (const [name, feed] of feeds) lines.push(`  const ${feed}${types ? ': any' : ''} = ${feedOf(name)}`)
  if (dynamic) lines.push(`  if (!(${fitsText({ inputs }, (name) => feeds.get(name)!)})) return other(feeds)`)
  const known = names.length === 0 ? 'none' : names.map((n) => JSON.stringify(n)).join(', ')
  const isKnown = names.map((n) => `key !== ${quoted(n)}`).join(' && ') || 'true'
  lines.push(`  for (const key in feeds) if (${isKnown}) unknownInput(${label}, key, ${quoted(known)})`)
  for (const { name, buffer, ranges } of inputs) {
    const feed = feeds.get(name)!
    const view = bufferName(buffer)
    const label = quoted(`input "${name}" of entry "${entry}"`)
    const slow = `fillInput(${label}, ${feed}, ${view}, ${shapeText(buffer.shape)}, ${quoted(buffer.dtype)})`
    lines.push(...fastFeed(feed, counter, view, buffer, slow, types))
    for (const { below, op } of ranges) lines.push(`  checkIndices(${label}, ${view}, ${below}, ${quoted(op)})`)
  }
  lines.push(`  ${scope.step}()`)
  const results = [...plan.outputs].map(([name, buffer]) => {
    const view = bufferName(buffer)
    const value = buffer.shape.length === 0 ? `${view}[0]` : `copied(${view}, ${scope.results.get(buffer)!})`
    return `${keyText(name)}: ${value}`
  })
  lines.push(`  return { ${results.join(', ')} }`.replace('{  }', '{}'))
  const signature = types ? '(feeds: Record<string, any>): Record<string, any>' : '(feeds)'
  return `function ${scope.run}${signature} {\n${lines.join('\n')}\n}`
}

/** Declares a type for each result that has a shape, under a name that the scope then knows. */
export function resultTypesText({ outputs }: Plan, { namer, results }: Pick<ModuleScope, 'namer' | 'results'>): string {
  const lines = [...new Set(outputs.values())].flatMap((buffer) => {
    if (buffer.shape.length === 0 || results.has(buffer)) return []
    const name = namer.unique(`${shortPath(buffer.name)}Array`)
    results.set(buffer, name)
    return [`const ${name} = shaped(${arrayNameOf(buffer.dtype)}, ${shapeText(buffer.shape)})`]
  })
  return lines.join('\n')
}

/** The same function as an expression, without the way out to other sizes. */
export const strictText = (run: string): string =>
  run.replace(/^ {2}if \(!\(fits\(.*\n/m, '').replace('function run', 'function')

/** Whether feeds have the sizes of this specialisation; `valueOf` says where a feed stands. */
export function fitsText({ inputs }: Pick<StepInput, 'inputs'>, valueOf = feedOf): string {
  const sized = inputs.filter(({ buffer }) => buffer.shape.length > 0)
  const tests = sized.map(({ name, buffer }) => {
    return `fits(${valueOf(name)}, ${buffer.size}, ${quoted(`shape ${shapeText(buffer.shape)}`)})`
  })
  return tests.join(' && ') || 'true'
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`

const SCALAR_TEST: Readonly<Record<DType, (v: string) => string>> = {
  float32: (v) => `typeof ${v} === 'number'`,
  float64: (v) => `typeof ${v} === 'number'`,
  int32: (v) => `${v} === (${v} | 0)`,
  uint8: (v) => `${v} === (${v} & 255)`,
  bool: (v) => `typeof ${v} === 'boolean'`,
}

function fastFeed(
  feed: string,
  i: string,
  view: string,
  { dtype, shape, size }: Buffer,
  slow: string,
  types: boolean,
): string[] {
  if (shape.length === 0) {
    const value = dtype === 'bool' ? `${feed} ? 1 : 0` : feed
    return [`  if (${SCALAR_TEST[dtype](feed)}) ${view}[0] = ${value}`, `  else ${slow}`]
  }
  if (dtype === 'bool') return [`  ${slow}`]
  const isExpected = `${feed} instanceof ${arrayNameOf(dtype)} && ${feed}.length === ${size}`
  const hasShape = ` && ${types ? `(${feed} as { shape?: unknown })` : feed}.shape === undefined`
  const copy =
    size < SMALL ? `for (let ${i} = 0; ${i} < ${size}; ${i}++) ${view}[${i}] = ${feed}[${i}]` : `${view}.set(${feed})`
  return [`  if (${isExpected}${hasShape}) ${copy}`, `  else ${slow}`]
}
