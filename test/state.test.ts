import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  adam,
  add,
  compile,
  type DType,
  emit,
  entry,
  FeedError,
  glorotUniform,
  GraphError,
  loadState,
  matmul,
  meanSquaredError,
  mul,
  FormatError,
  saveState,
  scope,
  sgd,
  sum,
  tanh,
  tensor,
  update,
  variable,
} from 'gradloom'
import { load, save } from 'gradloom/node'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../src/formats/safetensors'
import { expectFault } from './fault'

const folder = mkdtempSync(join(tmpdir(), 'gradloom-state-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Weights, slots, hyper-parameters, a count and variables of every dtype. */
function model(seed = 0) {
  const W1 = scope('one', () => variable('W', [3, 4], glorotUniform()))
  const W2 = scope('two', () => variable('W', [4, 1], glorotUniform()))
  const counts = variable('counts', [2], [0, 100], { dtype: 'int32' })
  const flags = variable('flags', [2], [0, 1], { dtype: 'bool' })
  const bytes = variable('bytes', [2], [7, 255], { dtype: 'uint8' })
  const exact = variable('exact', [], 0.1, { dtype: 'float64' })
  return compile(
    {
      train: entry({ x: tensor([5, 3]), y: tensor([5, 1]) }, ({ x, y }) => {
        const loss = meanSquaredError(matmul(tanh(matmul(x, W1)), W2), y)
        const counting = [update(counts, add(counts, 1)), update(exact, mul(exact, 1.1))]
        return { outputs: { loss }, updates: [...adam(loss, [W1, W2], { learningRate: 0.05 }), ...counting] }
      }),
      show: entry({}, () => ({ outputs: { W1, W2, counts, flags, bytes, exact } })),
    },
    { seed },
  )
}
type Model = ReturnType<typeof model>
/** A variable that the types do not know by its full name. */
const array = (net: Model, name: string) => net.state.get(name) as Float32Array & { readonly shape: readonly number[] }
const feeds = (i: number) => ({
  x: Float32Array.from({ length: 15 }, (_, k) => Math.sin(i + k)),
  y: Float32Array.from({ length: 5 }, (_, k) => Math.cos(i * k)),
})
const steps = (net: Model, from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => net.train(feeds(from + i)).loss)
const everything = (net: { readonly state: Model['state'] }) =>
  Object.fromEntries(net.state.names.map((name) => [name, net.state.get(name)]))

describe('saving and loading', () => {
  const straight = model()
  const losses = steps(straight, 0, 8)
  const half = model()
  const firstHalf = steps(half, 0, 4)

  test.each(['bytes', 'file'])('training goes on bit for bit from %s', (medium) => {
    // Another seed: whatever is not in the file would show.
    const resumed = model(99)
    if (medium === 'bytes') loadState(resumed, saveState(half))
    else {
      save(half, join(folder, 'half.safetensors'))
      load(resumed, join(folder, 'half.safetensors'))
    }
    expect(everything(resumed)).toEqual(everything(half))
    expect([...firstHalf, ...steps(resumed, 4, 8)]).toEqual(losses)
    expect(everything(resumed)).toEqual(everything(straight))
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
    resumed.state.reset()
    expect(everything(resumed)).toEqual(everything(model()))
  })

  test('hyper-parameters, slots and the count of steps are part of it', () => {
    half.state.set('learningRate', 0.125)
    const bytes = saveState(half)
    half.state.set('learningRate', 0.05)
    const other = model()
    loadState(other, bytes)
    expect(other.state.get('learningRate')).toBe(0.125)
    expect(other.state.get('iterations')).toBe(4)
    expect(other.state.names).toContain('train/adam/one/W/v')
  })

  test('the program behind an entry is meant too, and anything else is refused', () => {
    expect(saveState(half.train)).toEqual(saveState(half))
    expectFault(() => saveState({}), GraphError, 'saveState', 'compile')
    expectFault(() => loadState(emit, new Uint8Array(8)), GraphError, 'loadState')
  })
})

describe('files that do not fit', () => {
  const net = model()
  steps(net, 0, 2)
  const [before, good] = [everything(net), saveState(net)]
  const one = (name: string, shape: readonly number[], dtype: DType = 'float32') =>
    compile(entry({}, () => ({ outputs: { v: variable(name, shape, 0, { dtype }) } })))
  const small = one('v', [2, 3])
  const wrong: readonly [what: string, bytes: Uint8Array, ...parts: string[]][] = [
    ['another name', saveState(one('w', [2, 3])), '"v" float32[2, 3] is missing', '"w" is no variable'],
    ['another shape', saveState(one('v', [3, 2])), 'float32[3, 2] in the file', 'float32[2, 3] in the program'],
    ['another rank', saveState(one('v', [6])), 'float32[6] in the file'],
    ['another dtype', saveState(one('v', [2, 3], 'int32')), 'int32[2, 3] in the file'],
    ['a larger model', good, '"v" float32[2, 3] is missing', '"one/W"', 'more'],
  ]
  test.each(wrong)('%s', (_, bytes, ...parts) => {
    small.state.set('v', [[1, 2, 3], [4, 5, 6]]) // prettier-ignore
    expectFault(() => loadState(small, bytes), FeedError, 'loadState', ...parts, 'Nothing was changed')
    expect([...(small.state.get('v') as Float32Array)]).toEqual([1, 2, 3, 4, 5, 6])
    expect(small({}).v).toHaveLength(6)
  })

  test('cut off anywhere, or with something behind it', () => {
    for (let length = 0; length < good.length; length += 1 + (length >> 3))
      expectFault(() => loadState(net, good.slice(0, length)), FormatError)
    expectFault(() => loadState(net, good.slice(0, -1)), FormatError)
    expectFault(() => loadState(net, new Uint8Array([...good, 0])), FormatError)
    expect(everything(net)).toEqual(before)
    loadState(net, good)
    expect(everything(net)).toEqual(before)
  })

  test('a program with another set of variables takes nothing over', () => {
    expectFault(() => loadState(net, saveState(small)), FeedError, '"one/W" float32[3, 4] is missing', 'more')
    const damaged = good.slice()
    const at = new TextDecoder().decode(good).indexOf('"seed":"0"')
    damaged.set(new TextEncoder().encode('"seed":"x"'), at)
    expectFault(() => loadState(net, damaged), FeedError, 'seed', '"x"')
    // Metadata of others have a format of their own.
    const { tensors } = decodeSafetensors(good)
    const written = (metadata: Readonly<Record<string, string>>): Uint8Array => encodeSafetensors(tensors, metadata)
    for (const seed of ['', ' ', '0x10', '1e3', '1.0', '0.5', 'NaN', '+1', ' 1', '9007199254740992'])
      expectFault(() => loadState(net, written({ seed })), FeedError, 'loadState', `the seed "${seed}"`)
    for (const format of ['gradloom-state-2', 'gradloom-state-'])
      expectFault(() => loadState(net, written({ format })), FeedError, 'loadState', format, 'gradloom-state-1')
    for (const metadata of [{}, { format: 'pt' }, { format: 'gradloom-state-1', seed: '-7' }])
      expect(loadState(net, written(metadata))).toEqual(metadata)
    loadState(net, good)
    expect(everything(net)).toEqual(before)
  })
})

test('a file is replaced whole or not at all', () => {
  const place = join(folder, 'atomic')
  mkdirSync(place)
  const path = join(place, 'net.safetensors')
  const net = model()
  save(net, path)
  const old = readFileSync(path)
  steps(net, 0, 1)
  save(net, path)
  expect(readFileSync(path).equals(old)).toBe(false)
  expect(readFileSync(path)).toEqual(Buffer.from(saveState(net)))
  writeFileSync(path, old)
  expect(() => save(net, join(place, 'no', 'such', 'folder'))).toThrow('ENOENT')
  mkdirSync(join(place, 'taken'))
  expect(() => save(net, join(place, 'taken'))).toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/)
  expect(readFileSync(path).equals(old)).toBe(true)
  expect(readdirSync(place).sort()).toEqual(['net.safetensors', 'taken'])
})

describe('state', () => {
  const net = model(7)

  test('gives copies in their dtype and shape', () => {
    const W = array(net, 'one/W')
    expect([W.constructor, W.shape]).toEqual([Float32Array, [3, 4]])
    W.fill(0)
    expect(array(net, 'one/W').some((v) => v !== 0)).toBe(true)
    expect(net.state.get('counts')).toBeInstanceOf(Int32Array)
    expect([net.state.get('exact'), net.show({}).exact]).toEqual([0.1, 0.1])
    expect([...array(net, 'flags'), ...array(net, 'bytes')]).toEqual([0, 1, 7, 255])
  })

  test('takes values in every form, and refuses what does not fit without a trace', () => {
    net.state.set('flags', [true, false])
    net.state.set('counts', new BigInt64Array([-1n, 5n]))
    net.state.set('two/W', [[1], [2], [3], [4]])
    expect([...array(net, 'flags'), ...net.state.get('counts')]).toEqual([1, 0, -1, 5])
    expect([...net.show({}).W2]).toEqual([1, 2, 3, 4])
    const before = everything(net)
    const wrong: readonly [name: string, value: unknown, ...parts: string[]][] = [
      ['two/W', [[9], [9], [9]], 'float32[4, 1]'],
      ['two/W', [[9], [9], [9], ['9']], 'string at index 3, 0'],
      ['two/W', new Float64Array(4), 'Float64Array'],
      ['two/W', new Float32Array(3), '3 values instead of 4'],
      ['two/W', net.state.get('one/W'), 'shape [3, 4]'],
      ['two/W', 9, 'float32[4, 1]'],
      ['counts', [9, 1.5], 'int32[2]', '1.5'],
      ['counts', [9, NaN], 'NaN'],
      ['counts', new BigInt64Array([9n, 2n ** 40n]), '1099511627776'],
      ['bytes', [9, 256], 'uint8[2]', '256'],
      ['flags', [1, 2], 'bool[2]', '2'],
      ['flags', new Uint8Array([1, 2]), 'bool[2]', '2'],
      ['exact', [1], 'float64[]'],
      ['exact', null, 'float64[]', 'null'],
      ['exact', undefined, 'undefined'],
    ]
    for (const [name, value, ...parts] of wrong)
      expectFault(() => net.state.set(name, value as never), FeedError, `variable "${name}"`, ...parts)
    expect(everything(net)).toEqual(before)
  })

  test('finds variables by any end of their name that is not shared', () => {
    expect(net.state.get('adam/learningRate')).toBe(0.05)
    expect(net.state.get('learningRate')).toBe(net.state.get('train/adam/learningRate'))
    expectFault(() => net.state.get('W'), FeedError, '"W" is ambiguous', '"one/W"', '"two/W"')
    expectFault(() => net.state.get('m'), FeedError, 'ambiguous', '"train/adam/one/W/m"')
    for (const name of ['ate', 'nothing', '', '__proto__', 'constructor'])
      expectFault(() => net.state.get(name), FeedError, `no variable is called "${name}"`, '"one/W"')
    expectFault(() => net.state.set('nothing', 1), FeedError, '"nothing"')
    const stranger = variable('one/W', [3, 4], 0)
    expectFault(() => net.state.get(stranger), FeedError, 'not part of this program')
  })

  test('a learning rate is set without compiling anew', () => {
    const w = variable('w', [2], 1)
    const run = compile(
      entry({}, () => ({ outputs: {}, updates: sgd(sum(w), [w], { learningRate: 0.5 }) })),
      { schedule: 'plain' },
    )
    run({})
    run.state.set('sgd/learningRate', 0.25)
    run({})
    run.state.set(w, [run.state.get(w)[0]!, 8])
    expect([...run.state.get('w')]).toEqual([0.25, 8])
  })

  test('first values depend on the seed and the name, and on nothing else', () => {
    expect(everything(model(7))).toEqual(everything(model(7)))
    expect(model(7).state.get('one/W')).not.toEqual(model(8).state.get('one/W'))
    const net = model(7)
    expect([...array(net, 'one/W').slice(0, 4)]).not.toEqual([...array(net, 'two/W')])
    steps(net, 0, 3)
    net.state.reset()
    expect(everything(net)).toEqual(everything(model(7)))
    net.state.reset(8)
    expect(everything(net)).toEqual(everything(model(8)))
    net.state.reset()
    const before = net.state.get(net.state.names[0]!)
    for (const seed of [0.5, NaN, Infinity, 2 ** 53, -(2 ** 53), '5', '', null, true, 5n, {}]) {
      expectFault(() => net.state.reset(seed as never), GraphError, 'state.reset', 'seed', String(seed))
      expectFault(() => compile(entry({}, () => ({ outputs: {} })), { seed: seed as never }), GraphError, 'compile', 'seed', String(seed)) // prettier-ignore
    }
    expect(net.state.get(net.state.names[0]!)).toEqual(before)
    for (const seed of [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1, undefined]) net.state.reset(seed)
    expect(everything(net)).toEqual(everything(model(7)))
  })
})
