import { compile, FormatError, graphFromJson, graphToJson } from 'gradloom'
import { expect, test } from 'vitest'
import { graphJson } from '../hostile/readers/graph-json'
import { randomNumbers } from '../ops/cases'
import { BATCH, PROGRAMS } from './graph-programs'

const textOf = (entries: object): string =>
  JSON.stringify(graphToJson(compile(entries as never), { bindings: { B: BATCH } }))
const MLP = textOf(PROGRAMS.mlp())
const LSTM = textOf(PROGRAMS.lstm())

/** Steps of a path; in a list of nodes the first of an op goes by its name. */
const stepOf = (holder: Record<string, unknown>, key: string): string =>
  Array.isArray(holder) && !/^\d+$/.test(key)
    ? String((holder as { op: string }[]).findIndex(({ op }) => op === key))
    : key
function at(document: unknown, path: string): unknown {
  return path.split('.').reduce((now, key) => {
    const holder = now as Record<string, unknown>
    return holder[stepOf(holder, key)]
  }, document)
}

/** Removes what stands at the path. */
const GONE = Symbol('gone')
/** Repeats what stands at another path. */
const copy = (from: string) => ({ from })

function changed(text: string, path: string, value: unknown): unknown {
  const document = JSON.parse(text) as Record<string, unknown>
  const [, above, key] = /^(?:(.*)\.)?([^.]*)$/.exec(path)!
  const holder = (above === undefined ? document : at(document, above)) as Record<string, unknown>
  const place = stepOf(holder, key!)
  if (value === GONE) delete holder[place]
  else
    holder[place] = typeof value === 'object' && value && 'from' in value ? at(document, value.from as string) : value
  return document
}

const NODE = /^entries\[0\]\.nodes\[\d+\]$/
const BODY = 'entries.0.nodes.scan.attrs.body'
/** What stands at a path instead, where the error says it is, and what it says. */
const WRONG: readonly (readonly [text: string, path: string, value: unknown, at: RegExp, says: RegExp])[] = [
  [MLP, 'format', 'onnx', /^format$/, /gradloom-graph/],
  [MLP, 'version', 2, /^version$/, /one of 1, it is 2/],
  [MLP, 'more', 1, /document/, /unknown key "more"/],
  [MLP, 'entries', GONE, /document/, /no entries/],
  [MLP, 'variables', {}, /^variables$/, /no list/],
  [MLP, 'variables.1', copy('variables.0'), /^variables\[1\]$/, /"W1" is there twice/],
  [MLP, 'variables.0.shape', [2 ** 20, 2 ** 20], /^variables\[0\]$/, /more than 2147483647 elements/],
  [MLP, 'variables.0.initial', { className: 'Nothing', config: {} }, /^variables\[0\]$/, /"Nothing"/],
  [MLP, 'variables.0.initial', { value: null }, /^variables\[0\]$/, /null/],
  [MLP, 'variables.0.role', { kind: 'owner' }, /^variables\[0\]$/, /"owner"/],
  [MLP, 'variables.0.name', '__metadata__', /^variables\[0\]$/, /__metadata__/],
  [MLP, 'entries.1', copy('entries.0'), /^entries\[1\]$/, /"train" is there twice/],
  [MLP, 'entries.0.nodes.5.inputs', [5], NODE, /from 0 to 4/],
  [MLP, 'entries.0.nodes.5.inputs', [-1], NODE, /-1/],
  [MLP, 'entries.0.nodes.relu.op', 'toString', NODE, /no op "toString"/],
  [MLP, 'entries.0.nodes.relu.op', 'customGradient', NODE, /is a function/],
  [MLP, 'entries.0.nodes.relu.inputs', [], NODE, /has 1 inputs, here are 0/],
  [MLP, 'entries.0.nodes.relu.shape', [2 ** 40], NODE, /from 0 to 2147483647/],
  [MLP, 'entries.0.nodes.relu.shape', [5, 9], NODE, /float32\[5, 8\], but float32\[5, 9\] stands there/],
  [MLP, 'entries.0.nodes.relu.dtype', 'float16', NODE, /"float16"/],
  [MLP, 'entries.0.nodes.contract.attrs.out', [0, 9], NODE, /label/],
  [MLP, 'entries.0.nodes.contract.attrs.more', 1, NODE, /unknown key "more"/],
  [MLP, 'entries.0.nodes.dropout.attrs.rate', 'NaN', NODE, /rate must be/],
  [MLP, 'entries.0.nodes.constant.attrs', { value: 0.1, data: '' }, NODE, /a value or data/],
  [MLP, 'entries.0.nodes.constant.attrs', { data: 'AAAA' }, NODE, /no base64 of \d bytes/],
  [MLP, 'entries.0.nodes.variable.attrs.name', 'w', NODE, /no variable "w"/],
  [MLP, 'entries.0.outputs.0.node', 1e9, /^entries\[0\].outputs$/, /1000000000/],
  [MLP, 'entries.0.outputs.1', copy('entries.0.outputs.0'), /^entries\[0\].outputs$/, /"loss" is there twice/],
  [MLP, 'entries.0.updates.0.node', 0, /^entries\[0\].updates$/, /the update of/],
  [LSTM, 'entries.0.nodes.scan.attrs.length', 8, NODE, /slice 0 must be float32\[8, /],
  [LSTM, `${BODY}.next`, [0], /\.body$/, /one value for each carry/],
  [LSTM, `${BODY}.captured`, [], /\.body\.nodes\[\d+\]$/, /./],
  [LSTM, `${BODY}.nodes.0.op`, 'input', /\.body\.nodes\[0\]$/, /input/],
  [LSTM, 'entries.0.nodes.part.attrs.index', 9, NODE, /index must be/],
  [LSTM, 'entries.0.nodes.part.attrs.kind', 'result', NODE, /"result"/],
]

test.each(WRONG)('%#', (text, path, value, place, says) => {
  let found: unknown
  try {
    graphFromJson(changed(text, path, value) as never)
  } catch (error) {
    found = error
  }
  expect(found).toBeInstanceOf(FormatError)
  expect((found as FormatError).at).toMatch(place)
  expect((found as FormatError).message).toMatch(says)
})

test('text that is no JSON, and what is no document', () => {
  for (const wrong of ['', '{', '[]', 'null', '3', '"gradloom-graph"', `${'['.repeat(1e5)}${']'.repeat(1e5)}`])
    expect(() => graphFromJson(wrong)).toThrow(FormatError)
  for (const wrong of [undefined, null, 3, [], () => {}])
    expect(() => graphFromJson(wrong as never)).toThrow(FormatError)
})

test('a key that stands twice hides nothing', () => {
  expect(() => graphFromJson(MLP.replace('"version"', '"version":9,"version"'))).toThrow(
    'the key "version" stands twice',
  )
})

test('keys that reach for a prototype are keys that nobody knows, and leave nothing behind', () => {
  const polluted = MLP.replace('"format"', '"__proto__":{"polluted":1},"format"')
  expect(() => graphFromJson(polluted)).toThrow('the key "__proto__" at character 1 is refused')
  expect(() => graphFromJson(JSON.parse(polluted) as never)).toThrow('unknown key "__proto__"')
  expect('polluted' in {}).toBe(false)
})

test('documents that were forged are refused, or compile within their memory', { timeout: 120_000 }, () => {
  const random = randomNumbers(3)
  let accepted = 0
  for (const bytes of graphJson.samples()) graphJson.verify(graphJson.read(bytes))
  for (let i = 0; i < 2000; i++) {
    const bytes = graphJson.forged!(random)
    let result: unknown
    try {
      result = graphJson.read(bytes)
    } catch (error) {
      if (!graphJson.refusals.some((kind) => error instanceof kind)) throw error
      continue
    }
    accepted++
    graphJson.verify(result)
  }
  expect(accepted).toBeGreaterThan(20)
  expect(accepted).toBeLessThan(1000)
})
