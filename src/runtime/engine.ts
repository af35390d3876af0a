/** The parts of WebAssembly in use: type libraries have them only beside those of a browser. */
export interface WasmEngine {
  readonly Memory: new (pages: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, (...args: number[]) => number>> }
  compile(bytes: Uint8Array): Promise<object>
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

// A function of one f32x4.relaxed_madd.
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfd, 0x85, 2, 0x0b],
)

/** Whether this engine has relaxed SIMD besides. */
export function hasRelaxedSimd(): boolean {
  return wasmEngine()?.validate(RELAXED_PROBE) ?? false
}

let obstacle: string | undefined | null = null

/** Why WebAssembly with vectors of 128 bits does not run here, if it does not. */
export function wasmObstacle(): string | undefined {
  if (obstacle === null) obstacle = findObstacle()
  return obstacle
}

function findObstacle(): string | undefined {
  const engine = wasmEngine()
  if (engine === undefined) return 'this engine has no WebAssembly'
  try {
    // Only compiling tells: a policy forbids what is valid.
    new engine.Module(SIMD_PROBE)
    return undefined
  } catch (error) {
    return /unsafe-eval|content security policy|disallowed/i.test(String(error))
      ? "this page's content security policy forbids WebAssembly (script-src 'wasm-unsafe-eval' would allow it)"
      : 'this engine has no WebAssembly with 128-bit vectors'
  }
}
