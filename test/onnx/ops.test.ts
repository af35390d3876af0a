import { compile, entry, GraphError } from 'gradloom'
import { readOnnx, UnsupportedError } from 'gradloom/onnx'
import { describe, expect, it } from 'vitest'
import { ONNX_OPS } from '../../src/onnx/import/ops'
import { check } from '../conformance/check'
import { isInstalled, opsOf, readTest } from '../conformance/suite'
import { CASES, titleOf } from './cases'
import { SUITE } from './covered'
import { DRAWS } from './draws'
import { type MadeNode, modelOf, run, type Target } from './made'
import { SENSELESS, UNSUPPORTED } from './refused'

describe('every op that is read', () => {
  it('has a test of the suite or a model made by hand', () => {
    const tested = new Set([...Object.keys(SUITE), ...CASES.map(({ op }) => op), ...DRAWS.map(({ op }) => op)])
    expect(Object.keys(ONNX_OPS).filter((op) => !tested.has(op))).toEqual([])
    expect([...tested].filter((op) => !Object.hasOwn(ONNX_OPS, op))).toEqual([])
  })

  it.skipIf(!isInstalled())('passes that test', () => {
    const outcomes = Object.entries(SUITE).map(([op, name]) => {
      const test = `test_${name}`
      const { kind, reason } = check(test, 'js')
      return `${op}: ${opsOf(readTest(test)).includes(op) ? kind : 'is not in it'} ${reason}`
    })
    expect(outcomes.filter((line) => !line.endsWith(': passed '))).toEqual([])
  })
})

describe.each<Target>(['js', 'wasm'])('a node, on %s', (target) => {
  it.each(CASES.map((made) => [titleOf(made), made] as const))('%s', (_, made) => {
    const found = run(made, target)
    expect(found.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual(
      made.expected.map(({ dtype, shape }) => ({ dtype, shape })),
    )
    for (const [i, { data }] of made.expected.entries())
      for (const [at, value] of data.entries()) expect(found[i]!.data[at]).toBeCloseTo(value, 5)
  })

  it.each(DRAWS.map((made) => [`${made.op} ${JSON.stringify(made.attributes)}`, made] as const))('%s', (_, made) => {
    const [found] = run(made, target)
    expect({ dtype: found!.dtype, shape: found!.shape }).toEqual({ dtype: made.dtype, shape: made.shape })
    const values = [...found!.data]
    const { length } = values
    const mean = values.reduce((sum, value) => sum + value, 0) / length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length
    // Six deviations of the mean of so many.
    expect(Math.abs(mean - made.mean)).toBeLessThan(6 * Math.sqrt(made.variance / length))
    expect(variance / made.variance).toBeGreaterThan(0.9)
    expect(variance / made.variance).toBeLessThan(1.1)
  })
})

describe('a node that is refused', () => {
  const built = (node: MadeNode): unknown => {
    const model = readOnnx(modelOf(node))
    return compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })))
  }
  const caught = (node: MadeNode): unknown => {
    try {
      return built(node)
    } catch (error) {
      return error
    }
  }

  it.each(UNSUPPORTED)('is not supported: %s', (message, node) => {
    const error = caught(node)
    expect(error).toBeInstanceOf(UnsupportedError)
    expect((error as Error).message).toContain(message)
  })

  it.each(SENSELESS)('makes no sense: %s', (message, node) => {
    const error = caught(node)
    expect(error).toBeInstanceOf(GraphError)
    expect(error).not.toBeInstanceOf(UnsupportedError)
    expect((error as Error).message).toContain(message)
  })
})
