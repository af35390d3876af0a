import type { DType } from '../../src/ir/type'

export type Values = readonly number[]

const ANY_FLOAT = [0, -0, Infinity, -Infinity, NaN, 1, -1, 0.1, -7e3]
/** Zeros, infinities, NaN, the ends of the range and what lies between, for each dtype. */
export const SPECIAL: Readonly<Record<DType, Values>> = {
  float32: [...ANY_FLOAT, 2 ** -149, -(2 ** -140), 2 ** -126, 2 ** 127].map(Math.fround),
  float64: [...ANY_FLOAT, 5e-324, -1e-310, 2 ** -1022, Number.MAX_VALUE],
  int32: [0, 1, -1, 2, 2 ** 31 - 1, -(2 ** 31), 12345, -70000],
  uint8: [0, 1, 2, 77, 127, 128, 254, 255],
  bool: [0, 1],
}
