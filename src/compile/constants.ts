import type { Buffer, Plan } from '../ir/plan'
import { type Data, newData, viewData } from '../ir/type'
import type { ConstantAttrs } from '../ops/leaf'

/** Writes the constants of a plan to where they lie in a memory. */
export function writeConstants({ buffers }: Plan, memory: ArrayBuffer, addressOf: (buffer: Buffer) => number): void {
  for (const b of buffers) {
    if (b.region !== 'constant') continue
    viewData(b.dtype, memory, addressOf(b), b.size).set(constantData(b))
  }
}

/** The values of a buffer of constants; a number may have one where it is read by position. */
export function constantData({ dtype, size, of }: Buffer): Data {
  const { value } = of.attrs as ConstantAttrs
  return typeof value === 'number' ? newData(dtype, size).fill(value) : value
}
