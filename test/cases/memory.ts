/** What is held after everything that can be collected has been: the heap and the array buffers, in bytes. */
export interface Held {
  readonly heap: number
  readonly buffers: number
}
const collect = (globalThis as { gc?: () => void }).gc

/** Needs --expose-gc. */
export async function held(): Promise<Held> {
  if (!collect) throw new Error('start the process with --expose-gc')
  // Finalisers and the freeing of code run between collections.
  for (let i = 0; i < 4; i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers }
}
export const total = ({ heap, buffers }: Held): number => heap + buffers
