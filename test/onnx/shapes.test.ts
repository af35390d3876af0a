import { compile, entry } from 'gradloom'
import { readOnnx } from 'gradloom/onnx'
import { expect, it } from 'vitest'
import { encodeModel } from '../../src/onnx/proto/files'
import type { NodeProto } from '../../src/onnx/proto/messages'
import { tensorProto } from '../../src/onnx/tensor'
import { int } from './made'

// What exporters make of "reshape(x, [x.shape[0], -1])": shapes that are computed stay known when the graph is built.
const NODES: readonly NodeProto[] = [
  { opType: 'Shape', input: ['x'], output: ['shape'] },
  { opType: 'Gather', input: ['shape', 'zero'], output: ['n'] },
  { opType: 'Unsqueeze', input: ['n', 'axes'], output: ['first'] },
  { opType: 'Size', input: ['x'], output: ['size'] },
  { opType: 'Div', input: ['size', 'n'], output: ['rest'] },
  { opType: 'Unsqueeze', input: ['rest', 'axes'], output: ['second'] },
  { opType: 'Concat', input: ['first', 'second'], output: ['wanted'], attribute: [{ name: 'axis', type: 2, i: 0 }] },
  { opType: 'Reshape', input: ['x', 'wanted'], output: ['y'] },
]

it('shapes that are computed from shapes are known at every size of a named dimension', () => {
  const model = readOnnx(
    encodeModel({
      irVersion: 8,
      opsetImport: [{ version: 17 }],
      graph: {
        node: NODES,
        initializer: [tensorProto('zero', int([], 0), 'int64'), tensorProto('axes', int([1], 0), 'int64')],
        input: [
          {
            name: 'x',
            type: {
              tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'N' }, { dimValue: 2 }, { dimValue: 3 }] } },
            },
          },
        ],
        output: [{ name: 'y' }],
      },
    }),
  )
  const run = compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })))
  for (const n of [1, 3]) {
    const data = Float32Array.from({ length: 6 * n }, (_, i) => i)
    const { y } = run({ x: Object.assign(data.slice(), { shape: [n, 2, 3] }) })
    const found = y as Float32Array & { readonly shape: readonly number[] }
    expect([...found.shape]).toEqual([n, 6])
    expect([...found]).toEqual([...data])
  }
})
