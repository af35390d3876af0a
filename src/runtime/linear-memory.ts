import { RuntimeError } from '../ir/errors'
import { aligned, PAGE } from '../ir/memory'
import { type WasmEngine, wasmEngine, type WasmMemory } from './engine'

/** Where the variables of a program lie. */
export interface ProgramMemory {
  readonly buffer: ArrayBuffer
  /** Where the variables begin. */
  readonly base: number
  /** Calls `rebind` whenever the memory has moved, so that views can be made anew, until what it returns is called. */
  onMove(rebind: (buffer: ArrayBuffer) => void): () => void
}

/** Memory of a fixed size. */
export const fixedMemory = (bytes: number): ProgramMemory => ({
  buffer: new ArrayBuffer(bytes),
  base: 0,
  onMove: () => () => undefined,
})

/** Vectors may read a little beyond both ends of a buffer. */
const SLACK = 64

/**
 * The memory of a program on WebAssembly: state first, then what each specialisation keeps, and one stretch for inputs,
 * results and scratch that all of them share, since only one runs at a time. It grows, and then its views are made anew.
 */
export class LinearMemory implements ProgramMemory {
  readonly memory: WasmMemory
  readonly base = SLACK
  private readonly listeners = new Set<(buffer: ArrayBuffer) => void>()
  private top: number
  private shared = { from: 0, bytes: 0 }

  constructor(stateBytes: number) {
    const { Memory } = wasmEngine() as WasmEngine
    this.top = this.base + aligned(stateBytes)
    this.memory = allocated(this.top, () => new Memory({ initial: Math.ceil((this.top + SLACK) / PAGE) }))
  }

  get buffer(): ArrayBuffer {
    return this.memory.buffer
  }

  /** Whole pages that exist from now on. */
  get pages(): number {
    return this.memory.buffer.byteLength / PAGE
  }

  onMove(rebind: (buffer: ArrayBuffer) => void): () => void {
    this.listeners.add(rebind)
    return () => this.listeners.delete(rebind)
  }

  /** Addresses of memory of one's own, and of the shared stretch with at least the size asked for. */
  reserve(ownBytes: number, sharedBytes: number): { readonly own: number; readonly shared: number } {
    const own = this.top
    this.top += aligned(ownBytes)
    if (sharedBytes > this.shared.bytes) {
      this.shared = { from: this.top, bytes: sharedBytes }
      this.top += aligned(sharedBytes)
    }
    const missing = Math.ceil((this.top + SLACK) / PAGE) - this.pages
    if (missing > 0) {
      allocated(this.top, () => this.memory.grow(missing))
      for (const rebind of this.listeners) rebind(this.buffer)
    }
    return { own, shared: this.shared.from }
  }
}

function allocated<T>(bytes: number, allocate: () => T): T {
  try {
    return allocate()
  } catch (cause) {
    throw new RuntimeError(`compile: the program needs ${bytes} bytes of WebAssembly memory, which are not to be had`, {
      cause,
    })
  }
}
