import * as loom from 'gradloom'
import { compile, entry, grad, mul, sum, type Tensor, tensor } from 'gradloom'
import { readOnnx } from 'gradloom/onnx'
import { describe, expect, it } from 'vitest'
import {
  float,
  held,
  type MadeNode,
  inputName,
  modelOf,
  outputName,
  tensorOf,
  type Target,
  whole,
  wholes,
} from './made'

// The gradient through a node that was read is that of our own function.

interface Sample extends MadeNode {
  readonly own: (x: Tensor) => Tensor
}
const SHAPE = [2, 3] as const
const VALUES = [0.5, -1.25, 2, 0.75, 3, -0.5]
const x = float(SHAPE, ...VALUES)
const row = (values: readonly number[]): Tensor => loom.constant(values)
const list = (values: readonly number[]): Tensor<[number], 'int32'> =>
  loom.constant(Int32Array.from(values), { shape: [values.length] })

// prettier-ignore
const SAMPLES: readonly Sample[] = [
  { op: 'Div', operands: [float([], 2), x], own: (t) => loom.div(2, t) },
  { op: 'Pow', operands: [x, held(float([], 3))], own: (t) => loom.pow(t, 3) },
  { op: 'Mean', operands: [x, x], own: (t) => t },
  { op: 'Max', operands: [x, float([], 0.6)], own: (t) => loom.maximum(t, 0.6) },
  { op: 'Where', operands: [held(tensorOf('bool', [3], [1, 0, 1])), x, float([], 1)], own: (t) => loom.mul(t, row([1, 0, 1])) },
  { op: 'Clip', opset: 7, attributes: { min: { f: -1 }, max: { f: 2 } }, operands: [x], own: (t) => loom.clip(t, -1, 2) },
  { op: 'Clip', opset: 13, operands: [x, undefined, float([], 2)], own: (t) => loom.minimum(t, 2) },
  { op: 'LeakyRelu', operands: [x], own: (t) => loom.leakyRelu(t, { slope: Math.fround(0.01) }) },
  { op: 'PRelu', operands: [x, float([3], 1, 2, 3)], own: (t) => loom.prelu(t, row([1, 2, 3])) },
  { op: 'HardSigmoid', operands: [x], own: (t) => loom.clip(loom.add(loom.mul(t, 0.2), 0.5), 0, 1) },
  { op: 'Gelu', operands: [x], own: (t) => loom.gelu(t) },
  { op: 'Softmax', opset: 11, attributes: { axis: 0 }, operands: [x], own: (t) => loom.reshape(loom.softmax(loom.reshape(t, [6])), SHAPE) },
  { op: 'LogSoftmax', opset: 13, attributes: { axis: 0 }, operands: [x], own: (t) => loom.logSoftmax(t, { axis: 0 }) },
  { op: 'Erf', operands: [x], own: (t) => loom.erf(t) },
  { op: 'Identity', operands: [x], own: (t) => t },
  { op: 'Cast', attributes: { to: 11 }, operands: [x], own: (t) => loom.cast(t, 'float64') },
  { op: 'Transpose', operands: [x], own: (t) => loom.transpose(t) },
  { op: 'Reshape', operands: [x, wholes(-1)], own: (t) => loom.reshape(t, [6]) },
  { op: 'Expand', operands: [x, wholes(2, 1, 1)], own: (t) => loom.broadcastTo(t, [2, 2, 3]) },
  { op: 'Tile', operands: [x, wholes(1, 2)], own: (t) => loom.tile(t, [1, 2]) },
  { op: 'Trilu', operands: [x], own: (t) => loom.triu(t) },
  { op: 'Concat', attributes: { axis: 1 }, operands: [x, x], own: (t) => loom.concat([t, t], { axis: 1 }) },
  { op: 'Split', attributes: { axis: 1 }, operands: [x, wholes(1, 2)], outputs: 2, own: (t) => loom.slice(t, [null, 0]) },
  { op: 'Slice', operands: [x, wholes(-1), wholes(-4), wholes(1), wholes(-2)], own: (t) => loom.slice(t, [null, { step: -2 }]) },
  { op: 'Pad', attributes: { mode: 'reflect' }, operands: [x, wholes(0, 2, 0, 0)], own: (t) => loom.pad(t, [[0, 0], [2, 0]], { mode: 'reflect' }) },
  { op: 'Pad', attributes: { mode: 'wrap' }, operands: [x, wholes(0, 1, 0, 0)], own: (t) => loom.concat([loom.slice(t, [null, { start: 2 }]), t], { axis: 1 }) },
  { op: 'Gather', attributes: { axis: 1 }, operands: [x, wholes(-1, 0, -1)], own: (t) => loom.gather(t, list([2, 0, 2]), { axis: 1 as never }) },
  { op: 'GatherElements', attributes: { axis: 0 }, operands: [x, held(tensorOf('int32', [1, 2], [1, -2]))], own: (t) => loom.mul(loom.reshape(loom.stack([loom.slice(t, [1, 0]), loom.slice(t, [0, 1])]), [1, 2]), 1) },
  { op: 'GatherND', operands: [x, held(tensorOf('int32', [2, 1], [1, 1]))], own: (t) => loom.gather(t, list([1, 1])) },
  { op: 'ScatterElements', attributes: { axis: 1, reduction: 'add' }, operands: [float([2, 4], 1, 2, 3, 4, 5, 6, 7, 8), held(tensorOf('int32', SHAPE, [0, 0, 1, 3, 3, 3])), x], own: (t) => loom.putAlongAxis(loom.fill([2, 4], 0), loom.constant(Int32Array.of(0, 0, 1, 3, 3, 3), { shape: SHAPE }), t, { axis: 1, reduce: 'add' }) },
  { op: 'ScatterND', attributes: { reduction: 'mul' }, operands: [x, held(tensorOf('int32', [2, 1], [0, 0])), float(SHAPE, 2, 2, 2, 3, 3, 3)], own: (t) => loom.mul(t, loom.constant([[6], [1]])) },
  { op: 'ReduceMean', operands: [x, wholes(0)], own: (t) => loom.mean(t, { axis: 0 }) },
  { op: 'ReduceMax', operands: [x, wholes(1)], own: (t) => loom.max(t, { axis: 1 }) },
  { op: 'ReduceL2', operands: [x], own: (t) => loom.norm(t) },
  { op: 'ReduceLogSumExp', operands: [x], own: (t) => loom.logSumExp(t) },
  { op: 'TopK', operands: [x, wholes(2)], outputs: 2, own: (t) => loom.topK(t, 2).values },
  { op: 'TopK', attributes: { largest: 0 }, operands: [x, wholes(2)], outputs: 2, own: (t) => loom.neg(loom.topK(loom.neg(t), 2).values) },
  { op: 'CumSum', attributes: { reverse: 1 }, operands: [x, whole(1)], own: (t) => loom.cumSum(t, { reverse: true }) },
  { op: 'Compress', attributes: { axis: 1 }, operands: [x, held(tensorOf('bool', [3], [0, 1, 1]))], own: (t) => loom.slice(t, [null, { start: 1 }]) },
  { op: 'Einsum', attributes: { equation: 'ij,kj->ik' }, operands: [x, x], own: (t) => loom.matmul(t, loom.transpose(t)) },
  { op: 'DepthToSpace', attributes: { blocksize: 1 }, operands: [float([1, 2, 3, 1], ...VALUES)], own: (t) => t },
]

/** Cotangents that tell elements apart. */
const weighed = (t: Tensor): Tensor => {
  const { length } = new Float32Array(t.shape.reduce((a, b) => a * b, 1))
  const weights = loom.cast(loom.reshape(loom.range(1, length + 1), t.shape), t.dtype)
  return loom.cast(sum(mul(t, weights)), 'float32')
}

describe.each<Target>(['js', 'wasm'])('the gradient of a node, on %s', (target) => {
  it.each(SAMPLES.map((sample) => [`${sample.op} ${JSON.stringify(sample.attributes ?? '')}`, sample] as const))(
    '%s',
    (_, sample) => {
      const model = readOnnx(modelOf(sample))
      const isX = (i: number): boolean => sample.operands?.[i] === x || sample.op === 'DepthToSpace'
      const given = (sample.operands ?? []).flatMap((operand, i) =>
        operand && 'data' in operand ? [[i, operand] as const] : [],
      )
      const shape = given.find(([i]) => isX(i))![1].shape
      const gradients = (build: (t: Tensor) => Tensor): readonly number[] => {
        const run = compile(
          entry({ x: tensor(shape, 'float32') }, ({ x: t }) => ({ outputs: { g: grad(weighed(build(t)), [t])[0] } })),
          { target, threads: 1 },
        )
        const { g } = run({ x: Float32Array.from(VALUES) })
        return [...(g as unknown as Float32Array)]
      }
      const read = gradients((t) => {
        const inputs = given.map(([i, operand]) => {
          const own: Tensor =
            operand.shape.length === 0
              ? loom.constant(operand.data[0]!, { dtype: operand.dtype })
              : loom.constant(operand.data, { shape: operand.shape, dtype: operand.dtype })
          return [inputName(i), isX(i) ? t : own]
        })
        return model.call(Object.fromEntries(inputs) as Record<string, Tensor>)[outputName(0)]!
      })
      const own = gradients(sample.own)
      expect(own.some((value) => value !== 0)).toBe(true)
      expect(read.length).toBe(own.length)
      for (const [i, value] of own.entries()) expect(read[i]).toBeCloseTo(value, 4)
    },
  )
})
