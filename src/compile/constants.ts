import type { Buffer, Plan } from '../ir/plan'
import { type Data, viewData } from '../ir/type'
import type { ConstantAttrs } from '../ops/leaf'

/** Writes the constants of a plan to where they lie in a memory. */
export function writeConstants({ buffers }: Plan, memory: ArrayBuffer, addressOf: (buffer: Buffer) => number): void {
  for (const b of buffers) {
    if (b.region !== 'constant') continue
    viewData(b.dtype, memory, addressOf(b), b.size).set((b.of.attrs as ConstantAttrs).value as Data)
  }
}
