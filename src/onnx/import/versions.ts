/** The versions of ONNX's own ops that are read. */
export const OPSETS = { from: 7, to: 21 } as const

/**
 * Ops that mean in version 7 what they have meant since an earlier one: those of files that are older. Others had rules of
 * their own for broadcasting, or other attributes. Source: the change log of ONNX's operators.
 */
const SINCE: Readonly<Record<number, string>> = {
  1: 'ArgMax ArgMin Constant Conv ConvTranspose DepthToSpace Flatten Gather GlobalAveragePool GlobalMaxPool Hardmax Identity LRN LogSoftmax MatMul MaxPool Not ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Shape Size Slice Softmax Softplus Softsign SpaceToDepth Squeeze Transpose Unsqueeze', // prettier-ignore
  2: 'GlobalLpPool LpPool Pad Split',
  4: 'Concat',
  5: 'Reshape',
  6: 'Abs Cast Ceil Clip Elu Exp Floor HardSigmoid InstanceNormalization LeakyRelu Log Neg Reciprocal Relu Selu Sigmoid Sqrt Tanh Tile', // prettier-ignore
}
const UNCHANGED = new Map(
  Object.entries(SINCE).flatMap(([version, ops]) => ops.split(' ').map((op) => [op, Number(version)])),
)

/** Whether a rule for version 7 is that of an older version too. */
export const isUnchanged = (op: string, version: number): boolean => version >= (UNCHANGED.get(op) ?? OPSETS.from)
