import { describe, expect, it, test } from 'vitest'
import { moduleBuilder } from '../../src/codegen/wasm/assembler'
import type { MemoryOptions, ModuleWriter } from '../../src/codegen/wasm/builder'
import { type OpName, opcodes } from '../../src/codegen/wasm/opcodes'
import { watModule } from '../../src/codegen/wasm/wat'
import { printedBinary } from '../wat'
import { rows } from './wasm-harness'
import './wasm-rows'

const memory: MemoryOptions = { import: ['env', 'memory'], minPages: 1 }

/** Writes the same module both ways, and returns its text once both give the same bytes. */
function textOf(write: (m: ModuleWriter) => void): string {
  const binary = moduleBuilder({ memory })
  const wat = watModule({ memory, nameOf: (b) => b.name })
  for (const writer of [binary, wat.writer]) write(writer)
  const text = wat.text([])
  expect(printedBinary(text), text).toEqual([...binary.bytes()])
  return text
}

describe('the text of every instruction assembles to its bytes', () => {
  it.each(Object.keys(opcodes) as OpName[])('%s', (name) => {
    for (const { emit, type } of rows.get(name)!) {
      textOf((m) => {
        m.func('double', { params: ['i32'], results: ['i32'] })
          .op('local.get', 0)
          .end()
        const f = m.func('test', { results: type ? [type] : [], export: true })
        emit(f)
        f.end()
      })
    }
  })
})

test('constants keep every bit', () => {
  const floats = [
    0,
    -0,
    1e-45,
    1.1754944e-38,
    3.4028234663852886e38,
    0.1,
    1 / 3,
    16777217,
    1e21,
    NaN,
    Infinity,
    -Infinity,
  ]
  const bits = [0x7fc00001, 0x7f800001, -1, -0x7fffffff]
  textOf((m) => {
    const f = m.func('test')
    for (const value of floats) f.op('f32.const', value).op('drop').op('f64.const', value).op('drop')
    for (let i = 0; i < 5000; i++) f.op('f32.const', Math.fround(Math.exp(Math.sin(i) * 80))).op('drop')
    for (const value of [0, -1, 255, 4096, 0x7fffffff, 0xffffffff, -(2 ** 31)])
      f.op('i32.const', value).op('i32.const', value).op('i32.and').op('drop')
    const views = [Int32Array.from(bits), new Float32Array(Int32Array.from(bits).buffer), Float64Array.of(-0, NaN)]
    for (const view of [...views, Uint8Array.from({ length: 16 }, (_, i) => i * 16)])
      f.op('v128.const', view).op('drop')
    f.end()
  })
})

test('what runs between two operands stays between them', () => {
  const text = textOf((m) => {
    const f = m.func('test', { params: ['i32'], paramNames: ['x'], results: ['i32'] })
    const t = f.local('i32')
    f.op('local.get', 0).op('local.get', 0).op('i32.const', 1).op('i32.add').op('local.set', t)
    f.op('local.get', t).op('i32.mul').end()
  })
  expect(text).toContain(
    '(i32.mul (local.get $x) (local.set $tmp (i32.add (local.get $x) (i32.const 1))) (local.get $tmp))',
  )
})

test('blocks, branches and remarks', () => {
  const text = textOf((m) => {
    m.importFunc('math', 'atan2', { params: ['f64', 'f64'], results: ['f64'] })
    const f = m.func('test', { results: ['f64'], doc: ['Two\nlines'] })
    const i = { name: 'i' }
    f.op('loop', undefined, { axis: i, from: 0, to: 3, step: 2 })
    const counter = f.local('i32', i)
    const other = f.local('f64', { name: 'i' })
    f.op('f64.const', 1).op('local.set', other)
    f.note('set\r(;', true)
    f.op('local.get', counter).op('br_if', 0)
    f.note('the end\n)')
    f.op('end')
    f.op('block', 'f64').op('f64.const', 2).op('local.get', counter).op('br_if', 0).op('end')
    f.op('local.get', counter).op('if', 'f64').op('f64.const', 1).op('else').op('f64.const', 2).op('return').op('end')
    f.op('call', 0).end()
  })
  expect(text).toContain(`
  ;; Two lines
  (func $test (result f64)
    (local $i i32) (local $i_2 f64)
    (loop $i ;; i = 0; i < 3; i += 2
      (local.set $i_2 (f64.const 1)) ;; set (;
      (br_if $i (local.get $i))
      ;; the end )
    )
    (call $atan2
      (block (result f64)
        (br_if 0 (f64.const 2) (local.get $i)))
      (if (result f64) (local.get $i)
        (then
          (f64.const 1))
        (else
          (return (f64.const 2))))))
`)
})

test('strings of the module are escaped', () => {
  const text = textOf((m) => void m.func('a"b', { export: 'x"\\\n) ;;é' }).end())
  expect(text).toContain('(func $a_b (export "x\\22\\5c\\0a\\29\\20\\3b\\3b\\c3\\a9"))')
})

test('a function ends with its blocks', () => {
  const { writer, func } = watModule({ memory, nameOf: (b) => b.name })
  const f = writer.func('f')
  f.op('block')
  expect(() => f.end()).toThrow("'f' ends with 1 blocks open")
  expect(() => func('g')).toThrow('no function g')
})
