import { compile, entry } from 'gradloom'
import { readOnnx, ValueNeededError } from 'gradloom/onnx'
import { describe, expect, it } from 'vitest'
import { encodeModel } from '../../src/onnx/proto/files'
import type { NodeProto } from '../../src/onnx/proto/messages'
import { tensorProto } from '../../src/onnx/tensor'
import { bool, float, info, int } from './made'

const node = (opType: string, input: readonly string[], output: string): NodeProto => ({
  opType,
  input,
  output: [output],
})

/** s = x, then s += table[i] while i is below the trip count and s below the limit. */
const file = (trips: number | undefined, table: readonly number[]): Uint8Array => {
  const [number, flag] = [float([1]), bool([], 1)]
  const body = {
    name: 'turn',
    node: [
      node('Gather', ['table', 'i'], 'row'),
      node('Add', ['s', 'row'], 'next'),
      node('Less', ['next', 'limit'], 'isBelow'),
      node('Squeeze', ['isBelow'], 'goes'),
    ],
    input: [info('i', int([], 0)), info('before', flag), info('s', number)],
    output: [info('goes', flag), info('next', number)],
  }
  const loop: NodeProto = {
    opType: 'Loop',
    input: [trips === undefined ? '' : 'trips', 'goesFirst', 'x'],
    output: ['y'],
    attribute: [{ name: 'body', type: 5, g: body }],
  }
  return encodeModel({
    irVersion: 10,
    opsetImport: [{ domain: '', version: 21 }],
    graph: {
      name: 'loops',
      node: [loop],
      initializer: [
        tensorProto('table', float([table.length, 1], ...table)),
        ...(trips === undefined ? [] : [tensorProto('trips', int([], trips))]),
      ],
      input: [info('goesFirst', flag), info('x', number), info('limit', number)],
      output: [{ name: 'y' }],
    },
  })
}

describe('a loop that may end early', () => {
  it.each(['js', 'wasm'] as const)('runs no turn behind its end, on %s', (target) => {
    const table = [1, 2, 4, 8]
    for (const trips of [3, 4, 20]) {
      const model = readOnnx(file(trips, table))
      const net = compile(
        entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })),
        { target },
      )
      const run = (goesFirst: boolean, limit: number): number =>
        (net({ goesFirst, x: [0], limit: [limit] })['y'] as Float32Array)[0]!
      expect(run(false, 100)).toBe(0)
      expect(run(true, 0)).toBe(1)
      expect(run(true, 3)).toBe(3)
      expect(run(true, 4)).toBe(7)
      if (trips <= table.length) expect(run(true, 100)).toBe(trips === 3 ? 7 : 15)
      else expect(() => run(true, 100)).toThrow(/out of range/)
    }
  })

  it('without a number of turns must be known to begin', () => {
    const model = readOnnx(file(undefined, [1, 2]))
    expect(() => compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })))).toThrow(ValueNeededError)
  })
})
