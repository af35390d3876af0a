/** Bytes by which WebAssembly counts memory. */
export const PAGE = 65536

/** Buffers begin at multiples of a cache line. */
const ALIGNMENT = 64
export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
