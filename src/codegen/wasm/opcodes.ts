import type { Buffer } from '../../ir/plan'

/** Value types of the emitted code. No i64: addresses and loop counters of a 32-bit memory fit in i32. */
export type ValType = 'i32' | 'f32' | 'f64' | 'v128'

/** What a function takes from the stack and leaves there. */
export interface FuncType {
  readonly params: readonly ValType[]
  readonly results: readonly ValType[]
}

/** Part of an address that does not move. */
export interface MemArg {
  readonly offset?: number
  readonly align?: number
  /** What it reaches, and how many elements beyond the part that moves; only the text says so. */
  readonly buffer?: Buffer
  readonly element?: number
}

/** Has a name in the text, made unique by identity. */
export interface Named {
  readonly name: string
}

/** What the text says of a loop: the label is named like the axis. */
export interface Turns {
  readonly axis: Named
  readonly from: number | string
  readonly to: number | string
  readonly step: number
}

/** The arguments that each operand kind takes in the source of an emitter. */
export interface Operands {
  none: []
  /** Parameters come first, then declared locals. */
  local: [index: number]
  /** Constant part of an address. `align` is in bytes, as in the text format, and defaults to the access size. */
  memarg: [arg?: MemArg]
  /** A lane of a vector and where it goes. */
  memlane: [arg: MemArg, lane: number]
  /** Signed or unsigned: -2^31 to 2^32-1. Of an address the text says what lies there. */
  i32: [value: number, at?: Buffer]
  f32: [value: number]
  f64: [value: number]
  /** Any 16-byte view, so that `Float32Array.of(1, 2, 3, 4)` is a constant as it stands. */
  v128: [bytes: ArrayBufferView]
  lane: [lane: number]
  /** 16 byte indices in the concatenation of both inputs, each 0 to 31. */
  lanes: [bytes: readonly number[]]
  /** What the block leaves on the stack. It takes nothing; locals carry values in. */
  block: [result?: ValType, turns?: Turns]
  /** How many enclosing blocks to skip; 0 is the innermost. */
  label: [depth: number]
  func: [index: number]
}

/** How the operand of an instruction is written. */
export type OperandKind = keyof Operands

/** `T` is a type the instruction leaves open; it is the same one wherever it occurs in a signature. */
export type StackType = ValType | 'T'

/** One row of the instruction table. */
export interface Instruction<K extends OperandKind = OperandKind> {
  /** One byte, or 0xPP_SSS: a prefix byte and the number after it, which the module has in LEB128. */
  readonly code: number
  readonly operand: K
  /** Access size in bytes (memarg), number of lanes (lane), zero bytes for memory indices (none). */
  readonly limit: number
  /** Popped, the last one first; control instructions and calls add what their operand asks for. */
  readonly params: readonly StackType[]
  readonly results: readonly StackType[]
}

const letters: Readonly<Record<string, StackType>> = { i: 'i32', f: 'f32', d: 'f64', v: 'v128', T: 'T' }
const spell = (word: string) => [...word].flatMap((letter) => letters[letter] ?? [])

/** Signatures are spelled with a letter a value: 'ii', 'i' is [i32 i32] -> [i32]. */
function one<K extends OperandKind>(code: number, from: string, to: string, operand: K, limit = 0): Instruction<K> {
  return { code, operand, limit, params: spell(from), results: spell(to) }
}

type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S
type Run<P extends string, S extends string> = { readonly [N in `${P}.${Exclude<Words<S>, '-'>}`]: Instruction<'none'> }

/** Instructions of one signature with consecutive opcodes, named in that order; - leaves one out. */
function run<P extends string, S extends string>(prefix: P, code: number, from: string, to: string, names: S) {
  const rows = names.split(' ').map((name, i) => [`${prefix}.${name}`, one(code + i, from, to, 'none')])
  return Object.fromEntries(rows.filter(([name]) => name !== `${prefix}.-`)) as Run<P, S>
}

const compare = 'eq ne lt gt le ge'
const compareInt = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'
const floatUnary = 'abs neg ceil floor trunc nearest sqrt'
const floatBinary = 'add sub mul div min max copysign'

/** Every instruction the assembler can emit, by its name in the text format. */
export const opcodes = {
  block: one(0x02, '', '', 'block'),
  loop: one(0x03, '', '', 'block'),
  if: one(0x04, 'i', '', 'block'),
  else: one(0x05, '', '', 'none'),
  end: one(0x0b, '', '', 'none'),
  br: one(0x0c, '', '', 'label'),
  br_if: one(0x0d, 'i', '', 'label'),
  return: one(0x0f, '', '', 'none'),
  call: one(0x10, '', '', 'func'),
  drop: one(0x1a, 'T', '', 'none'),
  select: one(0x1b, 'TTi', 'T', 'none'),
  'local.get': one(0x20, '', 'T', 'local'),
  'local.set': one(0x21, 'T', '', 'local'),
  'local.tee': one(0x22, 'T', 'T', 'local'),
  'i32.load': one(0x28, 'i', 'i', 'memarg', 4),
  'f32.load': one(0x2a, 'i', 'f', 'memarg', 4),
  'f64.load': one(0x2b, 'i', 'd', 'memarg', 8),
  'i32.load8_s': one(0x2c, 'i', 'i', 'memarg', 1),
  'i32.load8_u': one(0x2d, 'i', 'i', 'memarg', 1),
  'i32.store': one(0x36, 'ii', '', 'memarg', 4),
  'f32.store': one(0x38, 'if', '', 'memarg', 4),
  'f64.store': one(0x39, 'id', '', 'memarg', 8),
  'i32.store8': one(0x3a, 'ii', '', 'memarg', 1),
  'memory.copy': one(0xfc_00a, 'iii', '', 'none', 2),
  'memory.fill': one(0xfc_00b, 'iii', '', 'none', 1),
  'i32.const': one(0x41, '', 'i', 'i32'),
  'f32.const': one(0x43, '', 'f', 'f32'),
  'f64.const': one(0x44, '', 'd', 'f64'),
  ...run('i32', 0x45, 'i', 'i', 'eqz'),
  ...run('i32', 0x46, 'ii', 'i', compareInt),
  ...run('f32', 0x5b, 'ff', 'i', compare),
  ...run('f64', 0x61, 'dd', 'i', compare),
  ...run('i32', 0x67, 'i', 'i', 'clz ctz popcnt'),
  ...run('i32', 0x6a, 'ii', 'i', 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr'),
  ...run('f32', 0x8b, 'f', 'f', floatUnary),
  ...run('f32', 0x92, 'ff', 'f', floatBinary),
  ...run('f64', 0x99, 'd', 'd', floatUnary),
  ...run('f64', 0xa0, 'dd', 'd', floatBinary),
  // The plain truncations trap outside the i32 range and on NaN, the saturating ones clamp and give 0.
  ...run('i32', 0xa8, 'f', 'i', 'trunc_f32_s trunc_f32_u'),
  ...run('i32', 0xaa, 'd', 'i', 'trunc_f64_s trunc_f64_u'),
  ...run('i32', 0xfc_000, 'f', 'i', 'trunc_sat_f32_s trunc_sat_f32_u'),
  ...run('i32', 0xfc_002, 'd', 'i', 'trunc_sat_f64_s trunc_sat_f64_u'),
  ...run('f32', 0xb2, 'i', 'f', 'convert_i32_s convert_i32_u'),
  ...run('f32', 0xb6, 'd', 'f', 'demote_f64'),
  ...run('f64', 0xb7, 'i', 'd', 'convert_i32_s convert_i32_u'),
  ...run('f64', 0xbb, 'f', 'd', 'promote_f32'),
  ...run('i32', 0xbc, 'f', 'i', 'reinterpret_f32'),
  ...run('f32', 0xbe, 'i', 'f', 'reinterpret_i32'),
  'v128.load': one(0xfd_000, 'i', 'v', 'memarg', 16),
  'v128.load32_splat': one(0xfd_009, 'i', 'v', 'memarg', 4),
  'v128.load64_splat': one(0xfd_00a, 'i', 'v', 'memarg', 8),
  'v128.store': one(0xfd_00b, 'iv', '', 'memarg', 16),
  'v128.const': one(0xfd_00c, '', 'v', 'v128'),
  'i8x16.shuffle': one(0xfd_00d, 'vv', 'v', 'lanes'),
  'v128.load32_zero': one(0xfd_05c, 'i', 'v', 'memarg', 4),
  'v128.store32_lane': one(0xfd_05a, 'iv', '', 'memlane', 4),
  'v128.store64_lane': one(0xfd_05b, 'iv', '', 'memlane', 8),
  ...run('i32x4', 0xfd_011, 'i', 'v', 'splat'),
  ...run('f32x4', 0xfd_013, 'f', 'v', 'splat'),
  ...run('f64x2', 0xfd_014, 'd', 'v', 'splat'),
  'i32x4.extract_lane': one(0xfd_01b, 'v', 'i', 'lane', 4),
  'i32x4.replace_lane': one(0xfd_01c, 'vi', 'v', 'lane', 4),
  'f32x4.extract_lane': one(0xfd_01f, 'v', 'f', 'lane', 4),
  'f32x4.replace_lane': one(0xfd_020, 'vf', 'v', 'lane', 4),
  'f64x2.extract_lane': one(0xfd_021, 'v', 'd', 'lane', 2),
  'f64x2.replace_lane': one(0xfd_022, 'vd', 'v', 'lane', 2),
  ...run('i32x4', 0xfd_037, 'vv', 'v', compareInt),
  ...run('f32x4', 0xfd_041, 'vv', 'v', compare),
  ...run('f64x2', 0xfd_047, 'vv', 'v', compare),
  ...run('v128', 0xfd_04d, 'v', 'v', 'not'),
  ...run('v128', 0xfd_04e, 'vv', 'v', 'and andnot or xor'),
  ...run('v128', 0xfd_052, 'vvv', 'v', 'bitselect'),
  ...run('v128', 0xfd_053, 'v', 'i', 'any_true'),
  ...run('i8x16', 0xfd_065, 'vv', 'v', 'narrow_i16x8_s narrow_i16x8_u'),
  ...run('i16x8', 0xfd_085, 'vv', 'v', 'narrow_i32x4_s narrow_i32x4_u'),
  ...run('i16x8', 0xfd_087, 'v', 'v', 'extend_low_i8x16_s - extend_low_i8x16_u'),
  ...run('i32x4', 0xfd_0a7, 'v', 'v', 'extend_low_i16x8_s - extend_low_i16x8_u'),
  ...run('i32x4', 0xfd_0a0, 'v', 'v', 'abs neg'),
  ...run('i32x4', 0xfd_0ab, 'vi', 'v', 'shl shr_s shr_u'),
  ...run('i32x4', 0xfd_0ae, 'vv', 'v', 'add - - sub - - - mul min_s min_u max_s max_u'),
  ...run('i64x2', 0xfd_0cb, 'vi', 'v', 'shl - shr_u'),
  ...run('f32x4', 0xfd_067, 'v', 'v', 'ceil floor trunc nearest'),
  ...run('f32x4', 0xfd_0e0, 'v', 'v', 'abs neg - sqrt'),
  ...run('f32x4', 0xfd_0e4, 'vv', 'v', 'add sub mul div min max pmin pmax'),
  ...run('f64x2', 0xfd_074, 'v', 'v', 'ceil floor'),
  ...run('f64x2', 0xfd_07a, 'v', 'v', 'trunc'),
  ...run('f64x2', 0xfd_094, 'v', 'v', 'nearest'),
  ...run('f64x2', 0xfd_0ec, 'v', 'v', 'abs neg - sqrt'),
  ...run('f64x2', 0xfd_0f0, 'vv', 'v', 'add sub mul div min max pmin pmax'),
  ...run('f32x4', 0xfd_05e, 'v', 'v', 'demote_f64x2_zero'),
  ...run('f64x2', 0xfd_05f, 'v', 'v', 'promote_low_f32x4'),
  ...run('i32x4', 0xfd_0f8, 'v', 'v', 'trunc_sat_f32x4_s'),
  ...run('f32x4', 0xfd_0fa, 'v', 'v', 'convert_i32x4_s'),
  ...run('i32x4', 0xfd_0fc, 'v', 'v', 'trunc_sat_f64x2_s_zero'),
  // One rounding or two, whichever the machine is faster at.
  ...run('f32x4', 0xfd_105, 'vvv', 'v', 'relaxed_madd'),
  ...run('f64x2', 0xfd_107, 'vvv', 'v', 'relaxed_madd'),
  ...run('f64x2', 0xfd_0fe, 'v', 'v', 'convert_low_i32x4_s'),
}

/** Name of an instruction in the table. */
export type OpName = keyof typeof opcodes

/** Operand arguments of an instruction. */
export type OperandsOf<N extends OpName> = Operands[(typeof opcodes)[N]['operand']]

/** What the stack check needs of an operand: type of a block or callee, of a local, depth of a label. */
export interface OperandInfo {
  readonly type?: FuncType
  readonly local?: ValType
  readonly depth?: number
}
