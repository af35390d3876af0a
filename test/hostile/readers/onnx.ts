import { readFileSync } from 'node:fs'
import { entry, FormatError, GraphError, type Spec } from 'gradloom'
import { readOnnx } from 'gradloom/onnx'
import { traceEntry } from '../../../src/compile/trace-entry'
import { DTYPES, newData, sizeOf, type TensorType } from '../../../src/ir/type'
import { MAX_ELEMENTS } from '../../../src/onnx/import/size'
import { encodeModel } from '../../../src/onnx/proto/files'
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfo } from '../../../src/onnx/proto/messages'
import { tensorProto } from '../../../src/onnx/tensor'
import { elementCode } from '../../../src/onnx/types'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/onnx/${name}.onnx`, import.meta.url)))

const EXTENT = 2
/** Reads a file and builds its graph; nothing is compiled but what shapes hang on. */
function built(bytes: Uint8Array): readonly TensorType[] {
  const model = readOnnx(bytes)
  const specs = Object.values(model.inputs) as readonly Spec[]
  const names = specs.flatMap(({ dims }) => dims.filter((d) => typeof d === 'string'))
  const body = entry(model.inputs, (inputs) => ({ outputs: model.call(inputs) }))
  const bindings = new Map(names.map((name) => [name, EXTENT]))
  return traceEntry('model', body as never, bindings, new Map()).order
}

const value = (name: string, dims: readonly number[], type: 'float' | 'int64' | 'bool' = 'float'): ValueInfo => ({
  name,
  type: { tensorType: { elemType: elementCode(type), shape: { dim: dims.map((d) => ({ dimValue: d })) } } },
})
const int = (name: string, i: number): AttributeProto => ({ name, type: 2, i })
const ints = (name: string, list: readonly number[]): AttributeProto => ({ name, type: 7, ints: list })
const text = (name: string, s: string): AttributeProto => ({ name, type: 3, s: new TextEncoder().encode(s) })
const graph = (name: string, g: GraphProto): AttributeProto => ({ name, type: 5, g })
const node = (opType: string, input: readonly string[], output: string, attribute: readonly AttributeProto[] = []) => ({
  opType,
  input,
  output: [output],
  attribute,
})
const wholes = (name: string, values: readonly number[]): TensorProto => ({
  name,
  dataType: elementCode('int64'),
  dims: [values.length],
  int64Data: values,
})
const floats = (name: string, shape: readonly number[]): TensorProto =>
  tensorProto(name, { dtype: 'float32', shape, data: newData('float32', sizeOf(shape)).fill(0.5) })
const fileOf = (g: GraphProto, version = 17): Uint8Array =>
  encodeModel({ irVersion: 8, opsetImport: [{ version }], graph: g })

/** One turn: v + x, and what is stacked. */
const BODY: GraphProto = {
  input: [value('i', [], 'int64'), value('c', [], 'bool'), value('v', [2, 3])],
  output: [value('c', [], 'bool'), value('w', [2, 3]), value('w', [2, 3])],
  node: [node('Add', ['v', 'x'], 'w')],
}
const looped = (turns: number): GraphProto => ({
  input: [value('x', [2, 3])],
  output: [value('y', [2, 3]), value('all', [turns, 2, 3])],
  initializer: [{ name: 'm', dataType: elementCode('int64'), dims: [], int64Data: [turns] }],
  node: [{ ...node('Loop', ['m', '', 'x'], 'y', [graph('body', BODY)]), output: ['y', 'all'] }],
})

const SMALL: GraphProto = {
  input: [value('x', [2, 3])],
  output: [value('y', [6])],
  initializer: [floats('w', [3, 3]), wholes('shape', [-1]), wholes('axes', [0])],
  node: [
    node('MatMul', ['x', 'w'], 'a'),
    node('Softmax', ['a'], 'b', [int('axis', -1)]),
    node('Reshape', ['b', 'shape'], 'c'),
    node('Unsqueeze', ['c', 'axes'], 'd'),
    node('Flatten', ['d'], 'e'),
    node('Squeeze', ['e', 'axes'], 'y'),
  ],
}
const CHOICE: GraphProto = {
  input: [value('x', [2, 3]), value('b', [], 'bool')],
  output: [value('y', [2, 3])],
  node: [
    node('If', ['b'], 'y', [
      graph('then_branch', { output: [value('p', [2, 3])], node: [node('Relu', ['x'], 'p')] }),
      graph('else_branch', { output: [value('q', [2, 3])], node: [node('Neg', ['x'], 'q')] }),
    ]),
  ],
}

const COUNTS = [-1, 0, 1, 2, 3, 7, 64, 1000, 2 ** 20, 2 ** 26, 2 ** 31 - 1]
const LARGE = [...COUNTS, 2 ** 31, 2 ** 40, 2 ** 53 - 1, 2 ** 60, -(2 ** 31), -(2 ** 60)]
const NAMES = ['x', 'a', 'b', 'y', 'w', 'n', '__proto__', 'constructor', 'toString', '']
type Random = () => number

const some = (random: Random, list: readonly number[], most = 4): number[] =>
  Array.from({ length: below(random, most + 1) }, () => oneOf(random, list))

/** Nodes that make tensors of a size that they are told. */
const SIZED: readonly ((random: Random) => {
  readonly node: readonly NodeProto[]
  readonly made: readonly number[]
})[] = [
  (r) => ({ node: [node('ConstantOfShape', ['n'], 'y')], made: some(r, LARGE) }),
  (r) => ({ node: [node('Expand', ['x', 'n'], 'y')], made: some(r, LARGE) }),
  (r) => ({ node: [node('Tile', ['x', 'n'], 'y')], made: [oneOf(r, LARGE), oneOf(r, LARGE)] }),
  (r) => ({ node: [node('Reshape', ['x', 'n'], 'y')], made: some(r, LARGE) }),
  (r) => ({ node: [node('Pad', ['x', 'n'], 'y')], made: Array.from({ length: 4 }, () => oneOf(r, LARGE)) }),
  (r) => ({ node: [node('ConstantOfShape', ['n'], 'z'), node('Reshape', ['x', 'z'], 'y')], made: some(r, LARGE) }),
  (r) => ({
    node: [node('ConstantOfShape', ['n'], 'z'), node('NonZero', ['z'], 'y')],
    made: some(r, LARGE),
  }),
  (r) => ({ node: [node('Resize', ['x', '', '', 'n'], 'y', [text('mode', oneOf(r, ['nearest', 'linear', 'cubic']))])], made: [oneOf(r, LARGE), oneOf(r, LARGE)] }), // prettier-ignore
  (r) => ({ node: [node('OneHot', ['n', 'n', 'x'], 'y')], made: some(r, LARGE, 1) }),
  (r) => ({ node: [node('Slice', ['x', 'n', 'n'], 'y')], made: some(r, LARGE, 2) }),
  (r) => ({ node: [node('TopK', ['x', 'n'], 'y')], made: some(r, LARGE, 1) }),
  (r) => ({ node: [node('Split', ['x', 'n'], 'y')], made: some(r, LARGE, 3) }),
  (r) => ({ node: [node('Gather', ['x', 'n'], 'y')], made: some(r, LARGE, 3) }),
]
const ranged = (random: Random): GraphProto => {
  const scalar = (name: string): TensorProto => ({ ...wholes(name, [oneOf(random, LARGE)]), dims: [] })
  const nodes = [node('Range', ['from', 'to', 'by'], 'y'), node('EyeLike', ['y'], 'e'), node('Size', ['y'], 's')]
  return { output: [value('y', [1], 'int64')], initializer: ['from', 'to', 'by'].map(scalar), node: nodes }
}

/** Attributes of windows, axes and counts that need not fit. */
function windowed(random: Random): GraphProto {
  const type = oneOf(random, [
    'MaxPool',
    'AveragePool',
    'LpPool',
    'Conv',
    'ConvTranspose',
    'MaxUnpool',
    'LRN',
    'Col2Im',
  ])
  const attribute = ['kernel_shape', 'strides', 'dilations', 'pads', 'output_padding', 'output_shape']
    .filter(() => random() < 0.5)
    .map((name) => ints(name, some(random, LARGE)))
  const more = [
    int('group', oneOf(random, LARGE)),
    int('size', oneOf(random, LARGE)),
    int('ceil_mode', below(random, 3)),
  ]
  const input = type.startsWith('Conv') ? ['x', 'k'] : ['x']
  return {
    input: [value('x', [1, 2, below(random, 4), 5])],
    output: [value('y', [1])],
    initializer: [floats('k', [2, 2, 1, 1])],
    node: [node(type, input, 'y', [...attribute, ...more.filter(() => random() < 0.4)])],
  }
}

/** Edges between names at random: circles, names that nothing gives, names that are given twice. */
function tangled(random: Random): GraphProto {
  const nodes = Array.from(
    { length: below(random, 6) },
    () =>
    node(oneOf(random, ['Add', 'Mul', 'Concat', 'Identity', '__proto__', 'Relu']), [oneOf(random, NAMES), oneOf(random, NAMES)].slice(0, 1 + below(random, 2)), oneOf(random, NAMES), random() < 0.2 ? [int(oneOf(random, ['axis', '__proto__']), oneOf(random, LARGE))] : []), // prettier-ignore
  )
  return {
    input: [value(oneOf(random, NAMES), [2, 3]), ...(random() < 0.5 ? [value(oneOf(random, NAMES), [2, 3])] : [])],
    output: [value(oneOf(random, NAMES), [2, 3])],
    initializer: random() < 0.5 ? [{ ...floats('w', [2, 3]), dims: some(random, LARGE) }, floats('w', [3])] : [floats('w', [2, 3])], // prettier-ignore
    node: nodes,
  }
}

/** Graphs in graphs, each with two choices of the next. */
function nested(depth: number): GraphProto {
  if (depth === 0) return { output: [value('p', [2, 3])], node: [node('Relu', ['x'], 'p')] }
  const inner = nested(depth - 1)
  const branches = [graph('then_branch', inner), graph('else_branch', inner)]
  return { output: [value('p', [2, 3])], node: [node('If', ['b'], 'p', branches)] }
}

/** Loops in loops whose turns must be written out, since their shapes hang on the turn. */
function unrolled(depth: number): GraphProto {
  const inner = depth === 0 ? [node('Slice', ['v', 'zero', 'one'], 'w'), node('Slice', ['w', 'zero', `i${depth}`], 'u')] : [node('Loop', ['m', '', 'v'], 'w', [graph('body', unrolled(depth - 1))])] // prettier-ignore
  return {
    input: [value(`i${depth}`, [], 'int64'), value('c', [], 'bool'), value('v', [2, 3])],
    output: [value('c', [], 'bool'), value('w', [2, 3])],
    node: [node('Unsqueeze', [`i${depth}`, 'zero'], 'place'), node('Slice', ['v', 'zero', 'place'], 'part'), ...inner],
  }
}
const unrolledFile = (depth: number, turns: number): GraphProto => ({
  input: [value('x', [2, 3])],
  output: [value('y', [2, 3])],
  initializer: [
    { name: 'm', dataType: elementCode('int64'), dims: [], int64Data: [turns] },
    wholes('zero', [0]),
    wholes('one', [1]),
  ],
  node: [node('Loop', ['m', '', 'x'], 'y', [graph('body', unrolled(depth))])],
})

const chained = (count: number, type: string): GraphProto => ({
  input: [value('x', [2, 3])],
  output: [value(`t${count - 1}`, [2, 3])],
  node: Array.from({ length: count }, (_, i) => node(type, type === 'Add' ? [`t${i - 1}`, `t${i - 1}`].map((n) => (i === 0 ? 'x' : n)) : [i === 0 ? 'x' : `t${i - 1}`], `t${i}`)), // prettier-ignore
})

function forged(random: Random): Uint8Array {
  const x = value('x', [2, 3])
  switch (below(random, 9)) {
    case 0:
      return fileOf(looped(oneOf(random, LARGE)))
    case 1:
      return fileOf(ranged(random))
    case 2:
      return fileOf(windowed(random))
    case 3:
      return fileOf(tangled(random), oneOf(random, [7, 13, 17, 21, 22, -1]))
    case 4:
      return fileOf({ ...nested(below(random, 9)), input: [x, value('b', [], 'bool')] })
    case 5:
      return fileOf(chained(1 + below(random, 400), oneOf(random, ['Add', 'Relu', 'Identity'])))
    case 6:
      // The first take longest.
      return fileOf(
        random() < 0.1 ? unrolledFile(below(random, 5), oneOf(random, [2, 64])) : looped(oneOf(random, LARGE)),
      )
    default: {
      const { node: nodes, made } = oneOf(random, SIZED)(random)
      return fileOf({ input: [x], output: [value('y', [1])], initializer: [wholes('n', made)], node: nodes })
    }
  }
}

export const onnx: Reader = {
  name: 'onnx',
  samples: () => [
    ...['cnn', 'mlp', 'bilstm', 'gru', 'encoder'].map(fixture),
    fileOf(SMALL),
    fileOf(CHOICE),
    fileOf(looped(5)),
  ],
  read: built,
  refusals: [FormatError, GraphError],
  verify: (result) => {
    for (const { dtype, shape } of result as readonly TensorType[]) {
      if (!DTYPES.includes(dtype)) throw new Error(`the dtype is ${dtype}`)
      if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
        throw new Error(`the shape is ${shape}`)
      if (sizeOf(shape) > MAX_ELEMENTS.tensor) throw new Error(`no memory holds ${shape}`)
    }
  },
  forged,
}
