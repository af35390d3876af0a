import { RuntimeError } from '../ir/errors'
import { PAGE } from '../ir/memory'
import { type WasmEngine, wasmEngine, type WasmMemory } from './engine'
import { type Content, Layout, type Reserved } from './layout'

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

/** A shared memory reserves address space for all it may become: as much as can be had. */
const MAXIMA = [65536, 32768, 16384, 4096]

/**
 * The memory of a program on WebAssembly: state first, then constants, equal ones once for all specialisations, and one
 * stretch for inputs, results and scratch that all of them share, since only one runs at a time. It grows, and then its views
 * are made anew; what specialisations held that are gone serves the next ones.
 */
export class LinearMemory implements ProgramMemory {
  readonly memory: WasmMemory
  /** The most pages it can have, where threads share it. */
  readonly maximum: number | undefined
  private readonly listeners = new Set<(buffer: ArrayBuffer) => void>()
  private readonly layout: Layout

  constructor(stateBytes: number, isShared = false) {
    const { Memory } = wasmEngine() as WasmEngine
    this.layout = new Layout(stateBytes, isShared)
    const initial = this.layout.pages
    const maxima = isShared ? MAXIMA.filter((pages) => pages >= initial) : [undefined]
    const made = maxima.map((maximum) => () => {
      const memory = new Memory({ initial, ...(maximum === undefined ? {} : { maximum, shared: true }) })
      return { memory, maximum }
    })
    const { memory, maximum } = allocated(this.layout.bytes, () => firstOf(made))
    this.memory = memory
    this.maximum = maximum
  }

  get base(): number {
    return this.layout.base
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

  /** Addresses as a layout gives them, of memory that exists from now on. */
  reserve(contents: readonly Content[], sharedBytes: number): Reserved {
    return this.layout.reserve(contents, sharedBytes, () => {
      const missing = this.layout.pages - this.pages
      if (missing <= 0) return
      allocated(this.layout.bytes, () => this.memory.grow(missing))
      for (const rebind of this.listeners) rebind(this.buffer)
    })
  }
}

/** The first that does not throw. */
function firstOf<T>(attempts: readonly (() => T)[]): T {
  let failure: unknown = new RangeError('too large')
  for (const attempt of attempts) {
    try {
      return attempt()
    } catch (error) {
      failure = error
    }
  }
  throw failure
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
