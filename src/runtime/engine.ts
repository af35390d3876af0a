/** The parts of WebAssembly in use: type libraries have them only beside those of a browser. */
export interface WasmEngine {
  readonly Memory: new (pages: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, (...args: number[]) => number>> }
  validate(bytes: Uint8Array): boolean
}
export interface WasmMemory {
  /** A SharedArrayBuffer where threads share it; nothing here tells the two apart. */
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

export const wasmEngine = (): WasmEngine | undefined =>
  (globalThis as unknown as { readonly WebAssembly?: WasmEngine }).WebAssembly

// A function that returns i32x4.splat(0): it validates where there are vectors.
const SIMD_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x11, 0x0b],
)

let supported: boolean | undefined

/** Whether this engine has WebAssembly with vectors of 128 bits and is allowed to compile it. */
export function supportsWasm(): boolean {
  return (supported ??= compiles(SIMD_PROBE))
}

function compiles(bytes: Uint8Array): boolean {
  const engine = wasmEngine()
  if (engine === undefined) return false
  try {
    // A page may forbid it by its content security policy: asking whether it is valid would not tell.
    new engine.Module(bytes)
    return true
  } catch {
    return false
  }
}
