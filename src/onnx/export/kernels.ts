import type { ValueType } from './value'

const FLOATS = ['float32', 'float64'] as const
const NUMBERS = [...FLOATS, 'int32', 'int64'] as const
const BYTES = [...NUMBERS, 'uint8', 'uint32'] as const
const BITS = ['int32', 'int64', 'uint8', 'uint32'] as const

/**
 * The element types that an op computes in, where they are not all: the fewer of what the op sets allow and what the CPU kernels
 * of onnxruntime 1.30 have. Floats that are in no list have no wider form and are written as they are.
 */
const KERNELS: Readonly<Record<string, readonly ValueType[]>> = {
  Add: BYTES,
  Sub: BYTES,
  Mul: BYTES,
  Div: BYTES,
  Neg: NUMBERS,
  Abs: BYTES,
  Max: BYTES,
  Min: BYTES,
  Mod: BYTES,
  Pow: NUMBERS,
  Relu: [...FLOATS, 'int32'],
  Less: BYTES,
  LessOrEqual: BYTES,
  Equal: [...BYTES, 'bool'],
  Where: [...NUMBERS, 'uint8'],
  BitwiseAnd: BITS,
  BitwiseOr: BITS,
  BitwiseXor: BITS,
  ReduceProd: NUMBERS,
  ReduceMax: [...NUMBERS, 'uint8'],
  ReduceMin: [...NUMBERS, 'uint8'],
  ArgMax: [...NUMBERS, 'uint8'],
  CumSum: NUMBERS,
  TopK: [...NUMBERS, 'uint8'],
  MatMul: NUMBERS,
  Gemm: FLOATS,
  Einsum: NUMBERS,
}

/** What an op computes a type in: the type itself, or a wider one that holds it. */
export function computedIn(op: string, type: ValueType): ValueType {
  // Sums of int32 wrap here, where those of onnxruntime end at the largest number.
  if (op === 'ReduceSum' && type !== 'float32' && type !== 'float64') return 'int64'
  const kernel = KERNELS[op]
  if (!kernel || kernel.includes(type)) return type
  return type === 'bool' || type === 'uint8' ? 'int32' : type
}
