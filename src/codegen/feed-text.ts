// A property of its own would cost an array of results more than its copy: each shape is a type whose prototype has it.

/**
 * The slow path of feeding an input, as text: it is part of every compiled step and of every emitted module, so that both
 * check alike. It fills `view` from numbers, nested arrays or typed arrays, or throws a FeedError that names the input.
 */
export function feedText(options: { readonly types: boolean }): string {
  const t = (annotation: string): string => (options.types ? annotation : '')
  const view = t(': View')
  return `${options.types ? 'type View = Float32Array | Float64Array | Int32Array | Uint8Array\n' : ''}\
function fillInput(input${t(': string')}, value${t(': unknown')}, view${view}, shape${t(': readonly number[]')}, dtype${t(': string')})${t(': void')} {
  const want = dtype + '[' + shape.join(', ') + ']'
  const fail = (got${t(': string')})${t(': never')} => {
    throw new FeedError(input + ' expects ' + want + ', got ' + got)
  }
  if (value === undefined || value === null) fail('nothing: the input is missing')
  const accept = (v${t(': unknown')}, at${t(': string')})${t(': number')} => {
    if (typeof v === 'boolean' && dtype === 'bool') return v ? 1 : 0
    if (typeof v !== 'number') return fail((v === undefined ? 'nothing' : typeof v) + ' at ' + at)
    const low = dtype === 'int32' ? -2147483648 : 0
    const high = dtype === 'int32' ? 2147483647 : dtype === 'uint8' ? 255 : 1
    if (dtype[0] !== 'f' && !(Number.isInteger(v) && v >= low && v <= high)) return fail(v + ' at ' + at)
    return v
  }
  if (ArrayBuffer.isView(value)) {
    const given = value${t(' as View | BigInt64Array')}
    const kind = given.constructor.name
    const own = ${t('(')}value${t(' as { shape?: unknown })')}.shape
    if (given instanceof BigInt64Array && dtype === 'int32' && given.length === view.length) {
      for (let i = 0; i < given.length; i++) view[i] = accept(Number(given[i]), 'index ' + i)
      return
    }
    if (kind !== view.constructor.name) fail(kind + ' (dtype is not converted: cast the data, or declare the input with its dtype)')
    if (own !== undefined && String(own) !== shape.join(',')) fail('an array of shape [' + String(own).replace(/,/g, ', ') + ']')
    if (given.length !== view.length) fail(given.length + ' values instead of ' + view.length)
    if (dtype === 'bool') for (let i = 0; i < given.length; i++) if (!(given[i] <= 1)) accept(Number(given[i]), 'index ' + i)
    view.set(given${t(' as never')})
    return
  }
  if (shape.length === 0) {
    if (typeof value !== 'number' && typeof value !== 'boolean') fail(Array.isArray(value) ? 'an array' : typeof value)
    view[0] = accept(value, 'rank 0')
    return
  }
  if (!Array.isArray(value)) fail(typeof value)
  let next = 0
  const visit = (part${t(': unknown')}, depth${t(': number')}, at${t(': string')})${t(': void')} => {
    if (depth === shape.length) {
      view[next++] = accept(part, 'index ' + at)
      return
    }
    if (!Array.isArray(part)) return fail(typeof part + ' where an array of ' + shape[depth] + ' is needed' + (at && ' at index ' + at))
    if (part.length !== shape[depth]) {
      const seen = measure(value)
      fail(seen === 'shape [' + shape.join(', ') + ']' ? part.length + ' values instead of ' + shape[depth] + ' at index ' + at : seen)
    }
    for (let i = 0; i < part.length; i++) visit(part[i], depth + 1, at + (at && ', ') + i)
  }
  visit(value, 0, '')
}
function measure(value${t(': unknown')})${t(': string')} {
  const shape${t(': number[]')} = []
  for (let v = value; Array.isArray(v); v = v[0]) shape.push(v.length)
  return 'shape [' + shape.join(', ') + ']'
}
function fits(value${t(': unknown')}, size${t(': number')}, shape${t(': string')})${t(': boolean')} {
  if (Array.isArray(value)) return measure(value) === shape
  if (!ArrayBuffer.isView(value)) return true
  const own = ${t('(')}value${t(' as { shape?: unknown })')}.shape
  return own === undefined ? ${t('(')}value${t(' as View)')}.length === size : 'shape [' + String(own).replace(/,/g, ', ') + ']' === shape
}
function checkIndices(input${t(': string')}, view${view}, below${t(': number')}, op${t(': string')})${t(': void')} {
  for (let i = 0; i < view.length; i++) {
    if (!(view[i] > -1 && view[i] < below)) {
      throw new FeedError(input + ': ' + view[i] + ' at position ' + i + ' is out of range for ' + op + ': legal are 0 to ' + (below - 1))
    }
  }
}
function checkCount(count${view}, message${t(': string')})${t(': void')} {
  if (count[0] !== 0) throw new FeedError(message + ' (' + count[0] + (count[0] === 1 ? ' case)' : ' cases)'))
}
function noFeeds(entry${t(': string')}, feeds${t(': unknown')})${t(': never')} {
  throw new FeedError(entry + ' takes an object of feeds, got ' + (feeds === null ? 'null' : typeof feeds))
}
function unknownInput(entry${t(': string')}, key${t(': string')}, known${t(': string')})${t(': never')} {
  throw new FeedError(entry + ' has no input "' + key + '"; its inputs are ' + known)
}
function shaped(kind${t(': unknown')}, shape${t(': readonly number[]')})${t(': new (length: number) => View')} {
  const Base = kind${t(' as Float32ArrayConstructor')}
  class Shaped extends Base {}
  Object.defineProperties(Shaped.prototype, { constructor: { value: Base }, shape: { value: shape } })
  return Shaped
}
function copied(view${view}, Shaped${t(': new (length: number) => View')})${t(': View')} {
  const values = new Shaped(view.length)
  values.set(view)
  return values
}`
}
export const FEED_NAMES: readonly string[] = [
  'fillInput',
  'measure',
  'fits',
  'checkIndices',
  'checkCount',
  'noFeeds',
  'unknownInput',
  'shaped',
  'copied',
  'FeedError',
  'View',
]
