import { compile, entry, GraphError, mul, named, sum, tensor } from 'gradloom'
import { source } from 'gradloom/inspect'
import { readFile } from 'node:fs/promises'
import { check, type Options } from 'prettier'
import { describe, expect, test } from 'vitest'
import { expectFault } from '../fault'
import { elementwise, float64Model, longNames, mlp, namesOfLength, reductions, twoLosses, views } from './models'

const { train, predict } = mlp('sgd')
const headOf = (text: string) => text.split('\n').find((line) => line.startsWith('function '))
/** Locals that only a tiled kernel has: accumulators of a register tile and pointers. */
const TILE = /_\d+_\d+\b|\bacc|\bpointer|\+= 4\b|\w+\[[a-z]\w* \+ \d\]/

describe('source of one tensor', () => {
  test('the gradient of a weight is one short kernel with its formula', () => {
    const text = source(train, { of: 'd_W1' })
    const lines = text.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(25)
    expect(lines[0]).toBe('// d_W1 float32[784, 256] = xᵀ · d_matmul')
    expect(lines[1]).toMatch(/^\/\/ W1 .*= W1 - .*d_W1.*, in place$/)
    expect(text).not.toMatch(TILE)
    expect(text.match(/\bfor \(/g)).toHaveLength(3)
    expect(text.endsWith('}\n')).toBe(true)
  })

  test('adam keeps the gradient on top of what it is folded into', () => {
    const lines = source(mlp('adam').train, { of: 'd_W1' }).split('\n')
    expect(lines.slice(0, 4).map((line) => line.split(' ')[1])).toEqual(['d_W1', 'W1/m', 'W1/v', 'W1'])
  })

  test('tensors that are folded into others are found where they are computed', () => {
    for (const of of ['d_b2', 'd_h', 'd_z', 'h', 'z', 'loss']) {
      const text = source(train, { of })
      expect(text).toMatch(new RegExp(`^// ${of} float32`, 'm'))
      expect(text.match(/^function /gm)).toHaveLength(1)
    }
    expect(headOf(source(train, { of: 'd_b2' }))).toBe('function update_b2(d_z, b2, learningRate) {')
    expect(source(train, { of: 'b2' })).toBe(source(train, { of: 'd_b2' }))
    const fast = source(train, { of: 'd_W1', schedule: 'fast' })
    expect(fast.length).toBeGreaterThan(source(train, { of: 'd_W1' }).length)
  })

  test('as WebAssembly, too, where there is no engine for it', () => {
    const text = source(train, { of: 'd_W1', target: 'wasm' })
    expect(text.split('\n')[0]).toBe(';; d_W1 float32[784, 256] = xᵀ · d_matmul')
    expect(text).toMatch(/^\(func \$update_W1/m)
  })

  test('a name that does not exist brings the list of those that do', () => {
    const wrong = ['d_W3', '', '__proto__', 'constructor']
    for (const of of wrong)
      expectFault(() => source(train, { of }), GraphError, `"${of}" is not a tensor`, '"d_W1"', '"h"', '"loss"')
    expectFault(() => source(train, { of: 'x' }), GraphError, '"x" is not computed', '"d_W1"')
    expectFault(() => source({}), GraphError, 'source', 'net.train')
  })

  test('gradients of two losses carry the name of the loss', () => {
    const run = twoLosses()
    // The second one is written into its reader.
    for (const of of ['d_lossG_W1', 'd_lossD_W1']) expect(source(run, { of })).toContain(`// ${of} float32[3, 2] = `)
    expectFault(() => source(run, { of: 'd_W1' }), GraphError, '"d_lossG_W1"', '"d_lossD_W1"', '"d_V"')
    expect(source(run)).not.toMatch(/\bd_W1\b/)
  })

  test('two names of one tensor both lead to it', () => {
    const run = compile(
      entry({ x: tensor([4]) }, ({ x }) => ({ outputs: { a: sum(mul(x, x)), b: sum(named('s', mul(x, x))) } })),
    )
    expect(source(run, { of: 's' })).toMatch(/^\/\/ s .*= x²\n\/\/ [ab] .*= sum\(s, axis 0\)\n/)
    expect(source(run, { of: 'a' })).toBe(source(run, { of: 's' }))
    expect(source(run, { of: 'a' })).toBe(source(run, { of: 'b' }))
  })
})

test('named dimensions: the binding that is asked for, else of the last call, else any', () => {
  const run = compile(entry({ x: tensor(['B', 3]) }, ({ x }) => ({ outputs: { s: sum(x, { axis: 1 }) } })))
  expect(source(run, { bindings: { B: 7 } })).toContain('i < 7')
  expect(source(run)).toMatch(/i < \d+/)
  run({ x: [[1, 2, 3], [4, 5, 6]] }) // prettier-ignore
  expect(source(run)).toContain('i < 2')
  expect(source(run, { bindings: { B: 7 } })).toContain('i < 7')
  expectFault(() => source(run, { bindings: { C: 7 } }), GraphError, '"B"')
})

test('every kernel is called once by the step, in groups', () => {
  for (const run of [train, predict]) {
    const text = source(run)
    const kernels = [...text.matchAll(/^function (\w+)\(/gm)].map((m) => m[1]).filter((name) => name !== 'step')
    const step = text.slice(text.indexOf('function step()'))
    expect(step.match(/^ {2}\w+\(/gm)?.map((call) => call.trim().slice(0, -1))).toEqual(kernels)
  }
  expect(source(train).match(/^ {2}\/\/ (forward|backward|update)$/gm)).toEqual(['  // forward', '  // backward'])
})

describe('plain source is what prettier would make of it', async () => {
  const config = JSON.parse(await readFile(new URL('../../.prettierrc.json', import.meta.url), 'utf8')) as Options
  const pretty = (text: string) => check(text, { ...config, parser: 'babel' })
  const models = {
    'an mlp with adam': () => mlp('adam').train,
    'an mlp with sgd': () => train,
    prediction: () => predict,
    'a float64 model': float64Model,
    'long names': longNames,
    'a long expression': elementwise,
    reductions,
    views,
    'two losses': twoLosses,
  }
  test.each(Object.entries(models))('%s', async (_, model) => {
    const text = source(model())
    expect(await pretty(text), text).toBe(true)
    expect(() => new Function(text)).not.toThrow()
  })

  test.each([8, 16, 24, 32, 40, 64, 120])('names of %i characters', async (length) => {
    for (const stem of ['attention_', 'encoder/block_1/', 'µ é ']) {
      for (const schedule of ['plain', 'fast'] as const) {
        const text = source(namesOfLength(stem.repeat(12).slice(0, length)), { schedule })
        expect(await pretty(text), text).toBe(true)
        expect(text.split('\n').filter((line) => line.length > 120)).toEqual([])
        expect(() => new Function(text)).not.toThrow()
      }
    }
  })

  test('the check can fail, and long names do break lines', async () => {
    expect(await pretty(source(train).replace('total + b2[j]', '(total + b2[j])'))).toBe(false)
    expect(source(longNames())).toMatch(/\(\n {4}\w+,\n/)
    expect(source(longNames())).toMatch(/^function \w+\(\n {2}\w+,\n/m)
  })
})
