import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moduleBuilder } from '../../src/codegen/wasm/assembler'
import { type FuncBuilder } from '../../src/codegen/wasm/builder'
import { type OpName, type ValType } from '../../src/codegen/wasm/opcodes'
import { engine } from './wasm-harness'

const MEMORY = { import: ['env', 'memory'], minPages: 1 } as const

/** A function to go wrong in: local 0 is a parameter of type f32, local 1 an i32. */
function broken(results: ValType[] = []): FuncBuilder {
  const f = moduleBuilder({ memory: MEMORY }).func('broken', { params: ['f32'], results })
  f.local('i32')
  return f
}

describe('the stack check', () => {
  it.each<[string, (f: FuncBuilder) => unknown, ValType[]?]>([
    [
      '2 (f32.add): expected f32, found i32; stack [f32 i32]',
      (f) => f.op('local.get', 0).op('local.get', 1).op('f32.add'),
    ],
    ['1 (f32.add): expected f32, found nothing; stack [f32]', (f) => f.op('local.get', 0).op('f32.add')],
    ['0 (drop): expected a value, found nothing; stack []', (f) => f.op('drop')],
    ['1 (local.set): expected i32, found f32', (f) => f.op('local.get', 0).op('local.set', 1)],
    ['2 (drop): expected a value, found nothing; stack []', (f) => f.op('local.get', 0).op('block').op('drop')],
    ['0 (end): expected f32, found nothing', (f) => f.end(), ['f32']],
    ["1 (end): 1 more on the stack than the block's results []", (f) => f.op('local.get', 0).end()],
    ["3 (end): this 'if' needs an 'else'", (f) => f.op('local.get', 1).op('if', 'i32').op('local.get', 1).op('end')],
    ["1 (else): no 'if' to continue", (f) => f.op('block').op('else')],
    ['0 (br): no label 1, there are 1', (f) => f.op('br', 1)],
    ['1 (end): the function has ended', (f) => f.op('end').end()],
    ['0 (local.get): no local 2, there are 2 with the parameters', (f) => f.op('local.get', 2)],
    ['0 (call): no function 1, there are 1', (f) => f.op('call', 1)],
    ['0 (v128.load): alignment 32 is not a power of two up to 16', (f) => f.op('v128.load', { align: 32 })],
    ['0 (f32.load): alignment 8 is not a power of two up to 4', (f) => f.op('f32.load', { align: 8 })],
    ['0 (f64x2.extract_lane): lane 2 is not in 0..1', (f) => f.op('f64x2.extract_lane', 2)],
    ['0 (v128.const): expected 16 bytes, found 8', (f) => f.op('v128.const', Float64Array.of(1))],
  ])("says wasm function 'broken', instruction %s", (message, emit, results) => {
    expect(() => emit(broken(results))).toThrow(`wasm function 'broken', instruction ${message}`)
  })

  it('says what has not been closed, and that there is no memory', () => {
    expect(() => broken().op('block').op('loop').end()).toThrow("wasm function 'broken' ends with 2 blocks open")
    const m = moduleBuilder()
    const f = m.func('open')
    expect(() => m.bytes()).toThrow("wasm function 'open' has not ended")
    expect(() => f.op('i32.load')).toThrow('the module has no memory')
  })

  it('is left to the engine on request', () => {
    const m = moduleBuilder({ validate: false })
    m.func('f').op('f32.add').end()
    expect(engine.validate(m.bytes())).toBe(false)
  })

  it('comes with operand types that the compiler checks', () => {
    const f = broken()
    // @ts-expect-error no index
    expect(() => f.op('local.get')).toThrow()
    // @ts-expect-error no such name
    expect(() => f.op('f32.mod')).toThrow()
    // @ts-expect-error an address is no operand of a constant
    expect(() => f.op('i32.const', { offset: 4 })).toThrow()
    // @ts-expect-error i64 is not a type of the emitter
    f.op('block', 'i64')
    // @ts-expect-error no operand
    f.op('block').op('end', 1)
  })

  it('accepts and refuses what the engine accepts and refuses', () => {
    type Step = readonly [name: OpName, emit: (f: FuncBuilder) => unknown]
    const plain = ['drop', 'select', 'return', 'else', 'end', 'i32.eqz', 'f32.add', 'f32x4.splat', 'f32.store'] as const
    const steps: Step[] = [
      ...plain.map((name): Step => [name, (f) => f.op(name)]),
      ...[0, 1].flatMap((i): Step[] => [
        ['local.get', (f) => f.op('local.get', i)],
        ['local.get', (f) => f.op('local.get', i)],
        ['local.set', (f) => f.op('local.set', i)],
        ['local.tee', (f) => f.op('local.tee', i)],
        ['br', (f) => f.op('br', i)],
        ['br_if', (f) => f.op('br_if', i)],
      ]),
      ...(['block', 'loop', 'if'] as const).flatMap((name): Step[] => [
        [name, (f) => f.op(name)],
        [name, (f) => f.op(name, 'f32')],
      ]),
      ['call', (f) => f.op('call', 0)],
    ]
    /** The steps in a function, whose blocks are then closed in a way that is right whatever is in them. */
    const build = (program: readonly Step[], validate: boolean): Uint8Array => {
      const m = moduleBuilder({ memory: MEMORY, validate })
      m.func('callee', { params: ['i32', 'f32'], results: ['f32'] })
        .op('local.get', 1)
        .end()
      const f = m.func('f', { params: ['f32'] })
      f.local('i32')
      for (const [, emit] of program) emit(f)
      const open: OpName[] = []
      for (const [name] of program) {
        if (name === 'block' || name === 'loop' || name === 'if') open.push(name)
        else if (name === 'else') open.splice(-1, 1, name)
        else if (name === 'end') open.pop()
      }
      for (const name of open.reverse()) (name === 'if' ? f.op('return').op('else') : f).op('return').op('end')
      f.op('return').end()
      return m.bytes()
    }
    const accepts = (program: readonly Step[]): boolean => {
      try {
        return build(program, true).length > 0
      } catch {
        return false
      }
    }
    const counts = { accepted: 0, refused: 0 }
    const property = fc.property(fc.array(fc.constantFrom(...steps), { minLength: 5, maxLength: 60 }), (picks) => {
      let program: readonly Step[] = []
      for (const pick of picks) {
        const longer = [...program, pick]
        const accepted = accepts(longer)
        counts[accepted ? 'accepted' : 'refused']++
        expect(engine.validate(build(longer, false))).toBe(accepted)
        if (accepted) program = longer
      }
    })
    fc.assert(property, { seed: 1, numRuns: 300 })
    expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(1000)
  })
})
