/** What of the WebAssembly binary format the limits need: one exported function over one exported memory. */
export type Code = readonly number[]

const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(Math.floor(value / 128))]

const signed = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(Math.floor(value / 128))]

const counted = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()]
const sized = (bytes: Code): number[] => [...unsigned(bytes.length), ...bytes]
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)]
const access = (opcode: number, offset: number): Code => [...simd(opcode), 4, ...unsigned(offset)]

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number): Code => [0x21, ...unsigned(local)]
export const int = (value: number): Code => [0x41, ...signed(value)]
export const float = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)]
export const ADD: Code = [0x6a]
export const UNEQUAL: Code = [0x47]
export const SPLAT: Code = simd(0x13)
export const FIRST_LANE: Code = [...simd(0x1f), 0]
export const ADD4: Code = simd(0xe4)
export const MUL4: Code = simd(0xe6)
export const load = (offset: number): Code => access(0, offset)
export const store = (offset: number): Code => access(11, offset)
/** The body leaves on the stack whether it goes on. */
export const loop = (...body: readonly Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0d, 0, 0x0b]

const I32 = 0x7f
const F32 = 0x7d
const V128 = 0x7b
const NAME = sized([...new TextEncoder().encode('run')])
const MEMORY = sized([...new TextEncoder().encode('memory')])

/** `run`, from one i32 to an f32. Local 0 is its argument, the next `ints` are i32, after them come `vectors`. */
export function moduleBytes(
  pages: number,
  ints: number,
  vectors: number,
  body: readonly Code[],
): Uint8Array<ArrayBuffer> {
  const section = (id: number, items: readonly Code[]): number[] => [id, ...sized(counted(items))]
  const locals = counted([
    [...unsigned(ints), I32],
    [...unsigned(vectors), V128],
  ])
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 1, I32, 1, F32]]),
    ...section(3, [[0]]),
    ...section(5, [[0, ...unsigned(pages)]]),
    ...section(7, [
      [...NAME, 0, 0],
      [...MEMORY, 2, 0],
    ]),
    ...section(10, [sized([...locals, ...body.flat(), 0x0b])]),
  ])
}
