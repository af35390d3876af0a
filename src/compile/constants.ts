import type { Buffer, Plan } from '../ir/plan'
import { type Data, newData, viewData } from '../ir/type'
import type { ConstantAttrs } from '../ops/leaf'
import type { Content } from '../runtime/layout'

export const constantsOf = ({ buffers }: Plan): Buffer[] => buffers.filter((b) => b.region === 'constant')

/** Writes the values of a buffer of constants to where it lies in a memory. */
export function writeConstant(b: Buffer, memory: ArrayBuffer, address: number): void {
  viewData(b.dtype, memory, address, b.size).set(constantData(b))
}

/** The values of a buffer of constants; a number may have one where it is read by position. */
export function constantData({ dtype, size, of }: Buffer): Data {
  const { value } = of.attrs as ConstantAttrs
  return typeof value === 'number' ? newData(dtype, size).fill(value) : value
}

/** The same as contents of a memory: those of equal bits are equal, whichever tensors they belong to. */
export function contentOf(b: Buffer, memory: () => ArrayBuffer): Content {
  const words = wordsOf(constantData(b))
  return {
    bytes: words.byteLength,
    key: `${words.byteLength} ${hashOf(words)}`,
    liesAt: (address) => {
      const there = wordsOf(viewData(b.dtype, memory(), address, b.size))
      for (let i = 0; i < words.length; i++) if (words[i] !== there[i]) return false
      return true
    },
  }
}

type Words = Int32Array | Uint8Array

/** Bits as whole numbers: a zero is not its negative, and what is not a number equals itself. */
const wordsOf = (data: Data): Words =>
  data instanceof Uint8Array ? data : new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4)

function hashOf(words: Words): number {
  let hash = 0
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x01000193)
    hash ^= hash >>> 15
  }
  return hash
}
