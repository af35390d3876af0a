/** A function of one relaxed multiply-add: it validates only where the engine has relaxed SIMD. */
const RELAXED_MADD = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfd, 0x85, 2, 0x0b],
])

export const hasRelaxedSimd = (): boolean => WebAssembly.validate(RELAXED_MADD)

/** Node 20 wants a flag; engines that have relaxed SIMD without one may no longer know it. */
export const relaxedFlags = (): string[] => (hasRelaxedSimd() ? [] : ['--experimental-wasm-relaxed-simd'])
