import { type FuncBuilder } from '../../src/codegen/wasm/builder'
import { type OpName } from '../../src/codegen/wasm/opcodes'
import { custom, DATA, DOUBLE, RESULT, row, type Value } from './wasm-harness'

// Every instruction of the table in use, with what the wasm specification says it gives.

type Prefix = 'i32' | 'f32' | 'f64' | 'i32x4' | 'f32x4' | 'f64x2'
type Quad = readonly [number, number, number, number]

const vectors = {
  i32x4: (...values: number[]) => Int32Array.from(values),
  f32x4: (...values: number[]) => Float32Array.from(values),
  f64x2: (...values: number[]) => Float64Array.from(values),
}

/** Four uses of a scalar instruction are one of the same instruction on 4 lanes, and two of that on 2 lanes. */
function family(prefixes: readonly Prefix[], args: readonly Quad[], expected: Readonly<Record<string, Quad>>): void {
  for (const prefix of prefixes) {
    for (const [suffix, results] of Object.entries(expected)) {
      const name = `${prefix}.${suffix}`
      const predicate = /^(eq|ne|lt|gt|le|ge)(_|$)/.test(suffix)
      const size = prefix === 'f64x2' ? 2 : prefix.includes('x') ? 4 : 1
      for (let at = 0; at < 4; at += size) {
        const part = (quad: Quad): Value => {
          const lanes = quad.slice(at, at + size)
          if (prefix === 'i32x4' || prefix === 'f32x4' || prefix === 'f64x2') return vectors[prefix](...lanes)
          return Number(lanes[0])
        }
        // A vector comparison sets all bits of a lane, which as i32 lanes is -1, twice for an f64 lane.
        const mask = results.slice(at, at + size).flatMap((truth) => Array.from({ length: 4 / size }, () => -truth))
        row(name as 'i32.add', args.map(part), predicate && size > 1 ? Int32Array.from(mask) : part(results))
      }
    }
  }
}

const MIN = -(2 ** 31)
const FLOATS = ['f32', 'f64', 'f32x4', 'f64x2'] as const

family(FLOATS, [[-1.5, 2.75, -0.5, NaN]], {
  abs: [1.5, 2.75, 0.5, NaN],
  neg: [1.5, -2.75, 0.5, NaN],
  ceil: [-1, 3, -0, NaN],
  floor: [-2, 2, -1, NaN],
  trunc: [-1, 2, -0, NaN],
  nearest: [-2, 3, -0, NaN],
})
family(FLOATS, [[4, 2.25, -0, -1]], { sqrt: [2, 1.5, -0, NaN] })
const pair: Quad[] = [
  [1.5, -2, -0, 1],
  [0.5, 4, 0, NaN],
]
family(FLOATS, pair, {
  add: [2, 2, 0, NaN],
  sub: [1, -6, -0, NaN],
  mul: [0.75, -8, -0, NaN],
  div: [3, -0.5, NaN, NaN],
  min: [0.5, -2, -0, NaN],
  max: [1.5, 4, 0, NaN],
})
// These are b < a ? b : a and a < b ? b : a, so zeros and NaN go another way than in min and max.
family(['f32x4', 'f64x2'], pair, { pmin: [0.5, -2, -0, 1], pmax: [1.5, 4, -0, 1] })
const signs: Quad[] = [
  [1.5, -2, 0, 1],
  [-0.5, 4, -0, 3],
]
family(['f32', 'f64'], signs, { copysign: [-1.5, 2, -0, 1] })
const ordered: Quad[] = [
  [-2, 2, 3, NaN],
  [-1, 2, 1, NaN],
]
family(FLOATS, ordered, { eq: [0, 1, 0, 0], ne: [1, 0, 1, 1], lt: [1, 0, 0, 0] })
family(FLOATS, ordered, { gt: [0, 0, 1, 0], le: [1, 1, 0, 0], ge: [0, 1, 1, 0] })

const compared: Quad[] = [
  [1, -1, 3, 3],
  [2, 1, 3, -3],
]
family(['i32', 'i32x4'], compared, { eq: [0, 0, 1, 0], ne: [1, 1, 0, 1] })
family(['i32', 'i32x4'], compared, { lt_s: [1, 1, 0, 0], lt_u: [1, 0, 0, 1], gt_s: [0, 0, 0, 1], gt_u: [0, 1, 0, 0] })
family(['i32', 'i32x4'], compared, { le_s: [1, 1, 1, 0], le_u: [1, 0, 1, 1], ge_s: [0, 0, 1, 1], ge_u: [0, 1, 1, 0] })
const whole: Quad[] = [
  [7, -7, MIN, 5],
  [2, 2, 1, -1],
]
family(['i32', 'i32x4'], whole, { add: [9, -5, MIN + 1, 4], sub: [5, -9, 2147483647, 6], mul: [14, -14, MIN, -5] })
family(['i32x4'], whole, { min_s: [2, -7, MIN, -1], min_u: [2, 2, 1, 5], max_s: [7, 2, 1, 5], max_u: [7, -7, MIN, -1] })
family(['i32'], whole, {
  div_s: [3, -3, MIN, -5],
  div_u: [3, 2147483644, MIN, 0],
  rem_s: [1, -1, 0, 0],
  rem_u: [1, 1, 0, 5],
  and: [2, 0, 0, 5],
  or: [7, -5, MIN + 1, -1],
  xor: [5, -5, MIN + 1, -6],
  shl: [28, -28, 0, MIN],
  shr_s: [1, -2, -1073741824, 0],
  shr_u: [1, 1073741822, 1073741824, 0],
  rotl: [28, -25, 1, MIN + 2],
  rotr: [-1073741823, 2147483646, 1073741824, 10],
})
family(['i32'], [[0, 1, -1, 8]], { eqz: [1, 0, 0, 0], clz: [32, 31, 0, 28], ctz: [32, 0, 0, 3], popcnt: [0, 1, 32, 1] })
family(['i32x4'], [[7, -7, MIN, 5]], { abs: [7, 7, MIN, 5], neg: [-7, 7, MIN, -5] })

/** [instruction, argument, result] of conversions between scalars. */
const conversions: [OpName, number, number][] = [
  ['i32.trunc_f32_s', -2.75, -2],
  ['i32.trunc_f32_u', 4e9, 4e9 - 2 ** 32],
  ['i32.trunc_f64_s', -2.75, -2],
  ['i32.trunc_f64_u', 4e9, 4e9 - 2 ** 32],
  ['i32.trunc_sat_f32_s', 1e20, 2147483647],
  ['i32.trunc_sat_f32_s', NaN, 0],
  ['i32.trunc_sat_f32_u', -1, 0],
  ['i32.trunc_sat_f32_u', 1e20, -1],
  ['i32.trunc_sat_f64_s', -1e20, MIN],
  ['i32.trunc_sat_f64_u', 1e20, -1],
  ['i32.trunc_sat_f64_u', -1, 0],
  ['f32.convert_i32_s', -3, -3],
  ['f32.convert_i32_u', -1, 2 ** 32],
  ['f32.demote_f64', 0.1, Math.fround(0.1)],
  ['f64.convert_i32_s', -3, -3],
  ['f64.convert_i32_u', -1, 2 ** 32 - 1],
  ['f64.promote_f32', 0.1, Math.fround(0.1)],
  ['i32.reinterpret_f32', -0, MIN],
  ['f32.reinterpret_i32', 0x7f800000, Infinity],
]
for (const [name, from, to] of conversions) row(name as 'i32.add', [from], to)
row('i32.const', [], -123456, -123456)
row('f32.const', [], 0.5, 0.5)
row('f64.const', [], 0.1, 0.1)
row('v128.const', [], Int32Array.of(1, -2, 3, MIN), Int32Array.of(1, -2, 3, MIN))

// -2.5 is c0_04... with the sign and exponent in its high word; DATA + 4 is where that word is.
row('i32.load', [DATA], 0xc0040000 | 0, { offset: 4 })
row('i32.load8_s', [DATA + 7], -64)
row('i32.load8_u', [DATA], 0xc0, { offset: 7, align: 1 })
row('f32.load', [DATA], -2.0625, { offset: 4, align: 2 })
row('f64.load', [DATA - 40], -2.5, { offset: 40 })
row('v128.load', [DATA], Float64Array.of(-2.5, 1e300), { align: 4 })
row('v128.load32_splat', [DATA + 4], Float32Array.of(-2.0625, -2.0625, -2.0625, -2.0625))
row('v128.load64_splat', [DATA], Float64Array.of(1e300, 1e300), { offset: 8 })
row('i32.store', [RESULT, -5], Int32Array.of(-5))
row('i32.store8', [RESULT, 0x1ff], Uint8Array.of(0xff, 0))
row('f32.store', [RESULT - 4, 0.25], Float32Array.of(0.25, 0), { offset: 4 })
row('f64.store', [RESULT, 0.1], Float64Array.of(0.1))
row('v128.store', [0, Int32Array.of(1, 2, 3, 4)], Int32Array.of(1, 2, 3, 4, 0), { offset: RESULT, align: 1 })
row('v128.load32_zero', [DATA], Int32Array.of(0xc0040000 | 0, 0, 0, 0), { offset: 4 })
row('v128.store32_lane', [RESULT, Int32Array.of(1, 2, 3, 4)], Int32Array.of(3, 0), {}, 2)
row('v128.store64_lane', [RESULT - 8, Int32Array.of(1, 2, 3, 4)], Int32Array.of(3, 4, 0), { offset: 8 }, 1)
row('memory.copy', [RESULT, DATA, 8], Float64Array.of(-2.5, 0))
row('memory.fill', [RESULT, 7, 3], Uint8Array.of(7, 7, 7, 0))

const bytes = Uint8Array.from({ length: 16 }, (_, i) => i)
const reversed = [31, 30, 29, 28, 27, 26, 25, 24, 7, 6, 5, 4, 3, 2, 1, 0]
const more = bytes.map((byte) => byte + 16)
row('i8x16.shuffle', [bytes, more], Uint8Array.from(reversed), reversed)
row('i32x4.splat', [-9], Int32Array.of(-9, -9, -9, -9))
row('f32x4.splat', [0.5], Float32Array.of(0.5, 0.5, 0.5, 0.5))
row('f64x2.splat', [0.1], Float64Array.of(0.1, 0.1))
row('i32x4.extract_lane', [Int32Array.of(1, 2, 3, 4)], 4, 3)
row('f32x4.extract_lane', [Float32Array.of(1, 2, 3, 4)], 3, 2)
row('f64x2.extract_lane', [Float64Array.of(1, 2)], 2, 1)
row('i32x4.replace_lane', [Int32Array.of(-1, 2, 3, 4), 1e6], Int32Array.of(1e6, 2, 3, 4), 0)
row('f32x4.replace_lane', [Float32Array.of(1, 2, 3, 4), 9], Float32Array.of(1, 9, 3, 4), 1)
row('f64x2.replace_lane', [Float64Array.of(1, 2), 9], Float64Array.of(1, 9), 1)

const words = Int32Array.of(-1, 300, 40000, -70000)
row('i16x8.narrow_i32x4_s', [words, words], Int16Array.of(-1, 300, 32767, -32768, -1, 300, 32767, -32768))
row('i16x8.narrow_i32x4_u', [words, words], Uint16Array.of(0, 300, 40000, 0, 0, 300, 40000, 0))
const halves = Int16Array.of(-1, 300, 100, -200, 0, 1, 2, 3)
row(
  'i8x16.narrow_i16x8_s',
  [halves, halves],
  Int8Array.of(-1, 127, 100, -128, 0, 1, 2, 3, -1, 127, 100, -128, 0, 1, 2, 3),
)
row('i8x16.narrow_i16x8_u', [halves, halves], Uint8Array.of(0, 255, 100, 0, 0, 1, 2, 3, 0, 255, 100, 0, 0, 1, 2, 3))
row('i16x8.extend_low_i8x16_s', [bytes.map((b) => -b)], Int16Array.of(0, -1, -2, -3, -4, -5, -6, -7))
row('i16x8.extend_low_i8x16_u', [bytes.map((b) => 255 - b)], Int16Array.of(255, 254, 253, 252, 251, 250, 249, 248))
row('i32x4.extend_low_i16x8_s', [halves], Int32Array.of(-1, 300, 100, -200))
row('i32x4.extend_low_i16x8_u', [halves], Int32Array.of(65535, 300, 100, 65336))

const left = Int32Array.of(0b1100, -1, 0, 5)
const right = Int32Array.of(0b1010, 0, -1, 5)
row('v128.not', [left], Int32Array.of(~0b1100, 0, -1, ~5))
row('v128.and', [left, right], Int32Array.of(0b1000, 0, 0, 5))
row('v128.andnot', [left, right], Int32Array.of(0b0100, -1, 0, 0))
row('v128.or', [left, right], Int32Array.of(0b1110, -1, -1, 5))
row('v128.xor', [left, right], Int32Array.of(0b0110, -1, -1, 0))
row('v128.bitselect', [left, right, Int32Array.of(0b0110, -1, 0, 1)], Int32Array.of(0b1100, -1, -1, 5))
row('i32x4.shl', [Int32Array.of(1, -1, MIN, 5), 33], Int32Array.of(2, -2, 0, 10))
row('i32x4.shr_s', [Int32Array.of(1, -1, MIN, 5), 1], Int32Array.of(0, -1, MIN / 2, 2))
row('i32x4.shr_u', [Int32Array.of(1, -1, MIN, 5), 1], Int32Array.of(0, 2147483647, 2 ** 30, 2))
row('v128.any_true', [Int32Array.of(0, 0, 4, 0)], 1)
row('v128.any_true', [Int32Array.of(0, 0, 0, 0)], 0)
row('i64x2.shl', [Int32Array.of(-1, 1, MIN, 5), 1 + 64], Int32Array.of(-2, 3, 0, 11))
row('i64x2.shr_u', [Int32Array.of(1, -1, MIN, 5), 1], Int32Array.of(MIN, 2147483647, MIN + 2 ** 30, 2))
row('f32x4.demote_f64x2_zero', [Float64Array.of(0.1, -2)], Float32Array.of(0.1, -2, 0, 0))
row('f64x2.promote_low_f32x4', [Float32Array.of(0.5, -2, 3, 4)], Float64Array.of(0.5, -2))
row('i32x4.trunc_sat_f32x4_s', [Float32Array.of(-2.75, NaN, 1e20, -1e20)], Int32Array.of(-2, 0, 2147483647, MIN))
row('f32x4.convert_i32x4_s', [Int32Array.of(-1, 2, 3, MIN)], Float32Array.of(-1, 2, 3, MIN))
row('i32x4.trunc_sat_f64x2_s_zero', [Float64Array.of(-2.75, 1e20)], Int32Array.of(-2, 2147483647, 0, 0))
row('f64x2.convert_low_i32x4_s', [Int32Array.of(-1, 2, 3, 4)], Float64Array.of(-1, 2))

// Control flow and locals: whole bodies, as these do nothing on their own.
custom('end', 'i32', 7, (f) => f.op('block', 'i32').op('i32.const', 7).op('end'))
// As a loop, this would come round once more.
custom('block', 'i32', 1, (f) => {
  const x = f.local('i32')
  f.op('block').op('local.get', x).op('i32.const', 1).op('i32.add').op('local.tee', x)
  f.op('i32.const', 1).op('i32.eq').op('br_if', 0).op('i32.const', 10).op('local.set', x).op('end').op('local.get', x)
})
for (const condition of [0, 1]) {
  for (const name of ['if', 'else'] as const) {
    custom(name, 'f32', condition ? 10 : 20, (f) => {
      f.op('i32.const', condition).op('if', 'f32').op('f32.const', 10).op('else').op('f32.const', 20).op('end')
    })
  }
  custom('br_if', 'i32', condition ? 3 : 4, (f) => {
    f.op('block', 'i32').op('i32.const', 3).op('i32.const', condition).op('br_if', 0)
    f.op('drop').op('i32.const', 4).op('end')
  })
  custom('select', 'f64', condition ? 1.5 : 2.5, (f) => {
    f.op('f64.const', 1.5).op('f64.const', 2.5).op('i32.const', condition).op('select')
  })
  custom('select', 'v128', condition ? left : right, (f) => {
    f.op('v128.const', left).op('v128.const', right).op('i32.const', condition).op('select')
  })
}
custom('loop', 'i32', 5, (f) => {
  const i = f.local('i32')
  f.op('loop').op('local.get', i).op('i32.const', 1).op('i32.add').op('local.tee', i)
  f.op('i32.const', 5).op('i32.lt_s').op('br_if', 0).op('end').op('local.get', i)
})
custom('br', 'i32', 1, (f) => {
  f.op('block', 'i32').op('block').op('i32.const', 1).op('br', 1).op('end').op('i32.const', 2).op('end')
})
custom('return', 'i32', 5, (f) => f.op('i32.const', 5).op('return').op('i32.const', 6))
custom('call', 'i32', 42, (f) => f.op('i32.const', 21).op('call', DOUBLE))
for (const [type, value] of [['f64', 4.5] as const, ['v128', right] as const]) {
  const operand = (f: FuncBuilder) => (typeof value === 'number' ? f.op('f64.const', value) : f.op('v128.const', value))
  custom('drop', 'i32', 1, (f) => operand(f.op('i32.const', 1)).op('drop'))
  custom('local.tee', type, value, (f) => {
    const [x, y] = [f.local(type), f.local(type)]
    operand(f).op('local.tee', x).op('local.set', y).op('local.get', x)
  })
  for (const name of ['local.get', 'local.set'] as const) {
    custom(name, type, value, (f) => {
      f.local(type)
      const x = f.local(type)
      operand(f).op('local.set', x).op('local.get', x)
    })
  }
}

// Exact either way: products of small whole numbers.
custom('f32x4.relaxed_madd', 'v128', Float32Array.of(7, -4, 1, 12), (f) => {
  f.op('v128.const', Float32Array.of(2, -3, 0, 4)).op('v128.const', Float32Array.of(3, 2, 5, 2.5))
  f.op('v128.const', Float32Array.of(1, 2, 1, 2)).op('f32x4.relaxed_madd')
})
custom('f64x2.relaxed_madd', 'v128', Float64Array.of(7, -4), (f) => {
  f.op('v128.const', Float64Array.of(2, -3)).op('v128.const', Float64Array.of(3, 2))
  f.op('v128.const', Float64Array.of(1, 2)).op('f64x2.relaxed_madd')
})
