import { compile, entry, FormatError, GraphError, mean, sgd, square, tensor } from 'gradloom'
import { type OnnxOptions, readOnnx, UnsupportedError } from 'gradloom/onnx'
import { describe, expect, it } from 'vitest'
import type { StoredTensor } from '../../src/formats/stored-tensor'
import { encodeModel } from '../../src/onnx/proto/files'
import type { GraphProto, NodeProto, SparseTensorProto, TensorProto, ValueInfo } from '../../src/onnx/proto/messages'
import { denseOf } from '../../src/onnx/sparse'
import { storedOf, tensorProto } from '../../src/onnx/tensor'
import { elementCode, type ElementType } from '../../src/onnx/types'

const value = (name: string, type: ElementType, dims: readonly (number | string | null)[]): ValueInfo => ({
  name,
  type: {
    tensorType: {
      elemType: elementCode(type),
      shape: { dim: dims.map((d) => (typeof d === 'number' ? { dimValue: d } : d === null ? {} : { dimParam: d })) },
    },
  },
})
const floats = (name: string, shape: readonly number[], values: readonly number[]): TensorProto =>
  tensorProto(name, { dtype: 'float32', shape, data: Float32Array.from(values) })
const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  more: NodeProto = {},
): NodeProto => ({
  opType,
  input,
  output,
  ...more,
})
const fileOf = (graph: GraphProto, version = 17): Uint8Array =>
  encodeModel({ irVersion: 8, opsetImport: [{ version }], graph })

/** x [N, 2] * w [2] + b [2], with a rank-0 factor in between. */
const LINE: GraphProto = {
  input: [value('x', 'float', ['N', 2])],
  output: [value('y', 'float', ['N', 2])],
  initializer: [
    floats('w', [2], [1, 2]),
    floats('b', [2], [0.5, -0.5]),
    floats('half', [], [0.5]),
    floats('idle', [3], [1, 2, 3]),
  ],
  node: [node('Mul', ['x', 'w'], ['xw']), node('Mul', ['xw', 'half'], ['h']), node('Add', ['h', 'b'], ['y'])],
}
const read = (graph: GraphProto, options?: OnnxOptions): ReturnType<typeof readOnnx> => readOnnx(fileOf(graph), options)
const built = (graph: GraphProto, options?: OnnxOptions): unknown => {
  const model = read(graph, options)
  return compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })))
}

describe('a model', () => {
  it('is called in an entry, with the dimensions that the file names', () => {
    const model = read(LINE)
    expect(model.inputs.x).toMatchObject({ dims: ['N', 2], dtype: 'float32', elementType: 'float' })
    expect(model.outputs).toEqual(['y'])
    const run = compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })))
    const y = run({ x: [[1, 1], [2, 2], [3, 3]] }).y as Float32Array & { shape: number[] } // prettier-ignore
    expect([...y]).toEqual([1, 0.5, 1.5, 1.5, 2, 2.5])
    expect(y.shape).toEqual([3, 2])
  })

  it('is trained: weights are variables, factors of rank 0 are not, what nothing reads does not exist', () => {
    const model = read(LINE)
    expect(() => model.variables).toThrow('ask afterwards')
    const net = compile({
      train: entry({ x: tensor([4, 2]) }, ({ x }) => {
        const loss = mean(square(model.call({ x }).y!))
        return { outputs: { loss }, updates: sgd(loss, model.trainable, { learningRate: 0.1 }) }
      }),
      predict: entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })),
    })
    expect(model.trainable.map((v) => v.name)).toEqual(['w', 'b'])
    const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    const first = net.train({ x }).loss
    for (let i = 0; i < 50; i++) net.train({ x })
    expect(net.train({ x }).loss).toBeLessThan(first * 0.1)
    // Both entries have the weights that were trained.
    expect(Math.abs((net.predict({ x: [[1, 2]] }).y as Float32Array)[0]!)).toBeLessThan(0.5)
  })

  it.each([
    [false, []],
    [(name: string) => name !== 'w', ['b']],
  ] as const)('trains only what it is told to: %s', (trainable, names) => {
    const model = read(LINE, { trainable })
    compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })))
    expect(model.variables.map((v) => v.name)).toEqual(['w', 'b'])
    expect(model.trainable.map((v) => v.name)).toEqual(names)
  })

  it('takes inputs as constants, which are inputs no longer', () => {
    const graph: GraphProto = {
      input: [value('x', 'float', [2]), value('y', 'float', [2])],
      output: [value('z', 'float', [2])],
      node: [node('Add', ['x', 'y'], ['z'])],
    }
    const model = read(graph, { constants: { y: Float32Array.of(10, 20) } })
    expect(Object.keys(model.inputs)).toEqual(['x'])
    const run = compile(entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) })))
    expect([...(run({ x: [1, 2] }).z as Float32Array)]).toEqual([11, 22])
  })

  it('names dimensions that the file does not', () => {
    const graph = { ...LINE, input: [value('x', 'float', [null, 2])] }
    expect(read(graph).inputs.x!.dims).toEqual(['x_0', 2])
  })
})

describe('what is refused', () => {
  const badNode = (made: NodeProto): GraphProto => ({ ...LINE, node: [made] })
  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    ['an op that there is none of', () => built(badNode(node('Frob', ['x'], ['y']))), UnsupportedError, 'no op "Frob"'],
    ['an op of another domain', () => built(badNode(node('Add', ['x', 'x'], ['y'], { domain: 'com.x' }))), UnsupportedError, '"com.x.Add"'],
    ['an opset of the past', () => readOnnx(fileOf(LINE, 6)), UnsupportedError, 'opset 6; 7 to 21'],
    ['an opset of the future', () => readOnnx(fileOf(LINE, 99)), UnsupportedError, 'opset 99'],
    ['an attribute that nobody knows', () => built(badNode(node('Add', ['x', 'x'], ['y'], { attribute: [{ name: 'axis', i: 1, type: 2 }] }))), UnsupportedError, 'attribute "axis"'],
    ['an input of strings', () => read({ ...LINE, input: [value('x', 'string', [2])] }), UnsupportedError, 'no tensors of string'],
    ['an operand that nothing gives', () => built(badNode(node('Add', ['x', 'ghost'], ['y']))), FormatError, '"ghost", which nothing before it gives'],
    ['a node before its operand: cycles', () => built({ ...LINE, node: [node('Add', ['x', 'b2'], ['a2']), node('Add', ['a2', 'w'], ['b2'])] }), FormatError, '"b2"'],
    ['a name that is given twice', () => built({ ...LINE, node: [node('Add', ['x', 'x'], ['y']), node('Add', ['x', 'w'], ['y'])] }), FormatError, '"y" is given twice'],
    ['an output that nothing gives', () => built({ ...LINE, node: [] }), FormatError, 'nothing gives the output "y"'],
    ['two weights of one name', () => read({ ...LINE, initializer: [floats('w', [1], [1]), floats('w', [1], [2])] }), FormatError, 'stands twice'],
    ['no graph', () => readOnnx(encodeModel({ opsetImport: [{ version: 17 }] })), FormatError, 'no graph'],
    ['operands that do not broadcast', () => built({ ...LINE, initializer: [floats('w', [3], [1, 2, 3]), ...LINE.initializer!.slice(1)] }), GraphError, 'do not broadcast'],
    ['an input as constant that there is none of', () => read(LINE, { constants: { q: 1 } }), GraphError, 'unknown input "q"'],
    ['an input of another shape', () => { const model = read(LINE); return compile(entry({ x: tensor([2, 3]) }, ({ x }) => ({ outputs: model.call({ x }) }))) }, GraphError, 'float32[N, 2]'],
    ['an input that is missing', () => { const model = read(LINE); return compile(entry({}, () => ({ outputs: model.call({}) }))) }, GraphError, 'input "x"'],
  ])('%s', (_, run, type, said) => {
    expect(run).toThrow(type)
    expect(run).toThrow(said)
  }) // prettier-ignore
})

describe('tensors of a file', () => {
  const long = (values: readonly number[]): TensorProto => ({
    name: 't',
    dataType: 7,
    dims: [values.length],
    int64Data: values,
  })

  it.each<[string, StoredTensor, ElementType | undefined]>([
    ['float', { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1.5, NaN) }, undefined],
    ['double', { dtype: 'float64', shape: [1], data: Float64Array.of(Math.PI) }, undefined],
    ['int32', { dtype: 'int32', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }, undefined],
    ['int64', { dtype: 'int32', shape: [3], data: Int32Array.of(-5, 0, 7) }, 'int64'],
    ['uint8', { dtype: 'uint8', shape: [0, 3], data: new Uint8Array() }, undefined],
    ['bool', { dtype: 'bool', shape: [], data: Uint8Array.of(1) }, undefined],
  ])('of %s are read as they were written', (_, tensor, as) => {
    expect(storedOf(tensorProto('t', tensor, as))).toEqual(tensor)
  })

  it('take "to the end" for the largest int32, and refuse what counts and does not fit', () => {
    expect([...storedOf(long([2 ** 63, -(2 ** 63), 3])).data]).toEqual([2 ** 31 - 1, -(2 ** 31), 3])
    expect(() => storedOf(long([2 ** 31]))).toThrow('beyond int32')
  })

  it.each<[string, TensorProto, string]>([
    ['too few values', { dataType: 1, dims: [3], floatData: [1, 2] }, '2 values for 3 elements'],
    ['too few bytes', { dataType: 7, dims: [2], rawData: new Uint8Array(15) }, '15 bytes for 2 elements of int64'],
    ['a negative extent', { dataType: 1, dims: [-1] }, 'impossible shape'],
    ['extents whose product is beyond counting', { dataType: 1, dims: [2 ** 30, 2 ** 30, 0] }, 'impossible shape'],
    ['a rank beyond all use', { dataType: 1, dims: new Array<number>(65).fill(1) }, 'impossible shape'],
    ['data in another file', { dataType: 1, dims: [1], dataLocation: 1, externalData: [{ key: 'location', value: '../x' }] }, 'in another file'],
    ['a bool of 2', { dataType: 9, dims: [1], rawData: Uint8Array.of(2) }, 'neither 0 nor 1'],
    ['a uint8 of 256', { dataType: 2, dims: [1], int32Data: [256] }, 'no uint8'],
  ])('with %s are refused', (_, tensor, said) => {
    expect(() => storedOf({ name: 't', ...tensor })).toThrow(said)
  }) // prettier-ignore
})

describe('sparse tensors', () => {
  const weights = (...list: readonly number[]): TensorProto => ({
    name: 'w',
    dataType: 1,
    dims: [list.length],
    floatData: list,
  })
  const places = (dims: readonly number[], ...list: readonly number[]): TensorProto => ({
    dataType: 7,
    dims,
    int64Data: list,
  })
  const dense: StoredTensor = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 5, 0, 0, 0, 7) }

  it.each<[string, SparseTensorProto]>([
    ['counted through', { dims: [2, 3], values: weights(5, 7), indices: places([2], 1, 5) }],
    ['with an index an axis', { dims: [2, 3], values: weights(5, 7), indices: places([2, 2], 0, 1, 1, 2) }],
  ])('with places %s are weights and constants', (_, sparse) => {
    expect(denseOf(sparse)).toEqual(dense)
    const model = readOnnx(
      encodeModel({
        irVersion: 8,
        opsetImport: [{ version: 17 }],
        graph: {
          node: [
            {
              opType: 'Constant',
              output: ['c'],
              attribute: [{ name: 'sparse_value', type: 11, sparseTensor: sparse }],
            },
            { opType: 'Add', input: ['x', 'w'], output: ['s'] },
            { opType: 'Mul', input: ['s', 'c'], output: ['y'] },
          ],
          sparseInitializer: [sparse],
          input: [value('x', 'float', [2, 3])],
          output: [value('y', 'float', [2, 3])],
        },
      }),
    )
    const run = compile(entry({ x: tensor([2, 3]) }, ({ x }) => ({ outputs: model.call({ x }) })))
    const { y } = run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) }) as unknown as { y: Float32Array }
    expect([...y]).toEqual([0, 35, 0, 0, 0, 91])
    expect(model.variables.map((w) => w.name)).toEqual(['w'])
  })

  it.each<[string, SparseTensorProto, string]>([
    ['no places', { dims: [2], values: weights(5) }, 'lacks its values or their places'],
    ['no values', { dims: [2], indices: places([1], 0) }, 'lacks its values or their places'],
    ['another number of places', { dims: [4], values: weights(5), indices: places([2], 0, 1) }, 'values [1] at places [2]'],
    ['indices of another rank', { dims: [2, 2], values: weights(5), indices: places([1, 3], 0, 0, 1) }, 'values [1] at places [1, 3]'],
    ['a place outside', { dims: [2, 3], values: weights(5), indices: places([1], 6) }, 'a value at 6, outside of it'],
    ['a place before the first', { dims: [2, 3], values: weights(5), indices: places([1], -1) }, 'a value at -1, outside of it'],
    ['an index outside of its axis', { dims: [2, 3], values: weights(5), indices: places([1, 2], 0, 3) }, 'a value at 3, outside of it'],
    ['a place twice', { dims: [4], values: weights(5, 6), indices: places([2], 1, 1) }, 'do not ascend'],
    ['places in disorder', { dims: [4], values: weights(5, 6), indices: places([2], 2, 1) }, 'do not ascend'],
    ['places between elements', { dims: [4], values: weights(5), indices: { dataType: 1, dims: [1], floatData: [1] } }, 'places of float32'],
    ['more elements than there can be', { dims: [2 ** 20, 2 ** 20], values: weights(5), indices: places([1], 0) }, 'impossible shape'],
    ['a negative extent', { dims: [-1], values: weights(), indices: places([0]) }, 'impossible shape'],
  ])('with %s are refused', (_, sparse, said) => {
    expect(() => denseOf(sparse)).toThrow(FormatError)
    expect(() => denseOf(sparse)).toThrow(said)
  }) // prettier-ignore
})
