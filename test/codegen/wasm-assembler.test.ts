import { describe, expect, it } from 'vitest'
import { moduleBuilder } from '../../src/codegen/wasm/assembler'
import { ByteWriter } from '../../src/codegen/wasm/bytes'
import { opcodes } from '../../src/codegen/wasm/opcodes'
import { engine, evaluate, rows } from './wasm-harness'
import './wasm-rows'

const MEMORY = { import: ['env', 'memory'], minPages: 1 } as const

function exportsOf(bytes: Uint8Array, env: object = {}) {
  return new engine.Instance(new engine.Module(bytes), { env }).exports
}

const written = (write: (out: ByteWriter) => void): number[] => {
  const out = new ByteWriter(1)
  write(out)
  return [...out.view()]
}
const unsignedLeb = (value: number): number[] => written((out) => out.unsigned(value))
const signedLeb = (value: number): number[] => written((out) => out.signed(value))

describe('every instruction of the table', () => {
  it.each(Object.keys(opcodes))('%s', (name) => {
    const uses = rows.get(name) ?? []
    expect(uses).not.toHaveLength(0)
    for (const use of uses) {
      const { actual, used } = evaluate(use)
      expect(used).toContain(name)
      expect(actual).toEqual(use.expected)
    }
  })

  it('has no row for an instruction that is not there', () => {
    expect([...rows.keys()].filter((name) => !(name in opcodes))).toEqual([])
  })
})

describe('LEB128', () => {
  it.each([
    [0, [0x00]],
    [63, [0x3f]],
    [64, [0x40]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [624485, [0xe5, 0x8e, 0x26]],
    [2 ** 31 - 1, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('unsigned %d', (value, bytes) => expect(unsignedLeb(value)).toEqual(bytes))

  it.each([
    [0, [0x00]],
    [-1, [0x7f]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [127, [0xff, 0x00]],
    [128, [0x80, 0x01]],
    [-123456, [0xc0, 0xbb, 0x78]],
    [2 ** 31 - 1, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [-(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])('signed %d', (value, bytes) => expect(signedLeb(value)).toEqual(bytes))

  it('refuses what is not a 32-bit integer', () => {
    for (const value of [-1, 0.5, 2 ** 32, NaN]) expect(() => unsignedLeb(value)).toThrow('unsigned 32-bit')
    for (const value of [2 ** 31, 0.5, -(2 ** 31) - 1, NaN]) expect(() => signedLeb(value)).toThrow('signed 32-bit')
  })

  it('carries i32 constants, signed or unsigned, into the engine', () => {
    for (const value of [0, -1, 63, 64, 127, 128, -64, -65, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1]) {
      const m = moduleBuilder()
      m.func('f', { results: ['i32'], export: true })
        .op('i32.const', value)
        .end()
      expect(exportsOf(m.bytes())['f']?.()).toBe(value | 0)
    }
    expect(() =>
      moduleBuilder()
        .func('f')
        .op('i32.const', 2 ** 32),
    ).toThrow('not a signed 32-bit integer')
  })
})

describe('a module', () => {
  it('sums an array in a loop', () => {
    const m = moduleBuilder({ memory: MEMORY })
    const f = m.func('sum', { params: ['i32', 'i32'], results: ['f64'], export: true })
    const sum = f.local('f64')
    f.op('block').op('loop')
    f.op('local.get', 0).op('local.get', 1).op('i32.ge_u').op('br_if', 1)
    f.op('local.get', sum).op('local.get', 0).op('f64.load').op('f64.add').op('local.set', sum)
    f.op('local.get', 0).op('i32.const', 8).op('i32.add').op('local.set', 0)
    f.op('br', 0).op('end').op('end').op('local.get', sum).end()
    const memory = new engine.Memory({ initial: 1 })
    new Float64Array(memory.buffer).set(Array.from({ length: 100 }, (_, i) => i / 4))
    const { sum: run } = exportsOf(m.bytes(), { memory })
    expect(run?.(0, 800)).toBe(4950 / 4)
    expect(run?.(16, 16)).toBe(0)
  })

  it('adds two arrays four lanes at a time', () => {
    const m = moduleBuilder({ memory: MEMORY })
    const f = m.func('add', { params: ['i32', 'i32', 'i32', 'i32'], export: 'addArrays' })
    const at = f.local('i32')
    const x = f.local('v128')
    const address = (base: number) => f.op('local.get', base).op('local.get', at).op('i32.add')
    f.op('loop')
    address(1).op('v128.load', { align: 4 }).op('local.set', x)
    address(0).op('local.get', x)
    address(2).op('v128.load', { align: 4 }).op('f32x4.add').op('v128.store', { align: 4 })
    f.op('local.get', at).op('i32.const', 16).op('i32.add').op('local.tee', at)
    f.op('local.get', 3).op('i32.lt_u').op('br_if', 0).op('end').end()
    const memory = new engine.Memory({ initial: 1 })
    const a = new Float32Array(memory.buffer, 4, 8).map((_, i) => i + 0.5)
    new Float32Array(memory.buffer, 4, 8).set(a)
    new Float32Array(memory.buffer, 100, 8).set(a.map((value) => value * 10))
    exportsOf(m.bytes(), { memory })['addArrays']?.(200, 4, 100, 32)
    expect(new Float32Array(memory.buffer, 200, 8)).toEqual(a.map((value) => value * 11))
  })

  it('imports functions, and a shared memory with its limits', () => {
    const m = moduleBuilder({ memory: { ...MEMORY, maxPages: 300, shared: true } })
    const exp = m.importFunc('env', 'exp', { params: ['f64'], results: ['f64'] })
    const f = m.func('f', { params: ['f64'], results: ['f64'], export: true })
    f.op('i32.const', 0).op('local.get', 0).op('call', exp).op('f64.store').op('local.get', 0).end()
    expect(() => m.importFunc('env', 'late', { params: [], results: [] })).toThrow('env.late comes after a function')
    const memory = new engine.Memory({ initial: 1, maximum: 300, shared: true })
    expect(exportsOf(m.bytes(), { memory, exp: Math.exp })['f']?.(2)).toBe(2)
    expect(new Float64Array(memory.buffer)[0]).toBe(Math.exp(2))
    const unshared = new engine.Memory({ initial: 1, maximum: 300 })
    expect(() => exportsOf(m.bytes(), { memory: unshared, exp: Math.exp })).toThrow(/shared/)
    expect(() => moduleBuilder({ memory: { ...MEMORY, shared: true } })).toThrow('needs maxPages')
  })

  it('writes each type once, locals by runs of a type, and names on request', () => {
    const build = (names: boolean) => {
      const m = moduleBuilder({ names })
      for (const name of ['first', 'größer']) {
        const f = m.func(name, { params: ['f32'] })
        for (const type of ['i32', 'i32', 'v128', 'i32'] as const) f.local(type)
        f.end()
      }
      return m.bytes()
    }
    const body = [9, 3, 2, 0x7f, 1, 0x7b, 1, 0x7f, 0x0b]
    body[0] = body.length - 1
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
    const sections = [...[1, 5, 1, 0x60, 1, 0x7d, 0], ...[3, 3, 2, 0, 0], ...[10, 19, 2, ...body, ...body]]
    expect([...build(false)]).toEqual([...header, ...sections])
    const [custom] = engine.Module.customSections(new engine.Module(build(true)), 'name')
    const names = [0, 5, ...new TextEncoder().encode('first'), 1, 8, ...new TextEncoder().encode('größer')]
    expect([...new Uint8Array(custom ?? new ArrayBuffer())]).toEqual([1, names.length + 1, 2, ...names])
  })
})
