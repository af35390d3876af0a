import { add, mul, sub } from '../../api/math'
import { clip } from '../../api/elementary'
import type { Tensor } from '../../ir/tensor'

export type ValueRange = readonly [low: number, high: number]

/** Values of one range moved and stretched to another. */
export function between(x: Tensor, [low, high]: ValueRange, [newLow, newHigh]: ValueRange): Tensor {
  if (low === newLow && high === newHigh) return x
  const scaled = mul(low === 0 ? x : sub(x, low), (newHigh - newLow) / (high - low))
  return newLow === 0 ? scaled : add(scaled, newLow)
}
export const held = (x: Tensor, [low, high]: ValueRange): Tensor => clip(x, low, high)
export const BYTES: ValueRange = [0, 255]
export const UNIT: ValueRange = [0, 1]
