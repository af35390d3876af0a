/** Bytes of a line of cache. */
export const LINE_BYTES = 64
/** Bytes that stay in the first cache. */
export const FIRST_CACHE = 32_768
