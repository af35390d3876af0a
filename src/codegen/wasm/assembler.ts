import type { FuncBuilder, MemoryOptions, ModuleWriter } from './builder'
import { ByteWriter } from './bytes'
import { encode, type Scope, valTypeCode } from './operands'
import { type FuncType, opcodes, type ValType } from './opcodes'
import { StackCheck } from './stack-check'

/** Options of a module. */
export interface ModuleOptions {
  readonly memory?: MemoryOptions
  /** Adds the function names, which engines show in stack traces and profiles. */
  readonly names?: boolean
  /** Checks the operand stack with every instruction, unless false. */
  readonly validate?: boolean
}

/** Writes the module in binary. */
export interface ModuleBuilder extends ModuleWriter {
  /** The module in binary, once every function has ended. */
  bytes(): Uint8Array<ArrayBuffer>
}

function opcode(code: ByteWriter, value: number): void {
  if (value <= 0xff) return code.byte(value)
  code.byte(value >> 12)
  code.unsigned(value & 0xfff)
}

/** What `write` writes, as bytes of their own. */
function bytesOf(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(64)
  write(out)
  return out.view()
}

function types(out: ByteWriter, list: readonly ValType[]): void {
  out.unsigned(list.length)
  for (const type of list) out.byte(valTypeCode[type])
}

/** A section: its number, and items each of which is bytes already. */
function section(out: ByteWriter, id: number, items: readonly Uint8Array[]): void {
  if (items.length === 0) return
  out.byte(id)
  const count = bytesOf((o) => o.unsigned(items.length))
  out.unsigned(items.reduce((sum, item) => sum + item.length, count.length))
  out.raw(count)
  for (const item of items) out.raw(item)
}

/** Locals are declared in groups of one type. They keep their order, so the indices given out stay good. */
function localGroups(out: ByteWriter, locals: readonly ValType[]): void {
  const groups: [count: number, type: ValType][] = []
  for (const type of locals) {
    const last = groups.at(-1)
    if (last?.[1] === type) last[0]++
    else groups.push([1, type])
  }
  out.unsigned(groups.length)
  for (const [count, type] of groups) {
    out.unsigned(count)
    out.byte(valTypeCode[type])
  }
}

/** Starts a module. */
export function moduleBuilder({ memory, names = false, validate = true }: ModuleOptions = {}): ModuleBuilder {
  const typeBytes = new Map<string, { readonly index: number; readonly bytes: Uint8Array }>()
  const funcTypes: FuncType[] = []
  const funcNames: string[] = []
  const typeIndices: Uint8Array[] = []
  const imports: Uint8Array[] = []
  const exports: Uint8Array[] = []
  const bodies: (() => Uint8Array)[] = []

  if (memory) {
    const { minPages, maxPages, shared = false } = memory
    if (shared && maxPages === undefined) throw new Error('a shared memory needs maxPages')
    imports.push(
      bytesOf((out) => {
        memory.import.forEach((name) => out.text(name))
        out.byte(2)
        out.byte((maxPages === undefined ? 0 : 1) | (shared ? 2 : 0))
        out.unsigned(minPages)
        if (maxPages !== undefined) out.unsigned(maxPages)
      }),
    )
  }

  /** Numbers the function, and returns the index of its type in binary. */
  const declare = (name: string, type: FuncType): Uint8Array => {
    const key = `${type.params.join()}:${type.results.join()}`
    const bytes = (out: ByteWriter): void => {
      out.byte(0x60)
      types(out, type.params)
      types(out, type.results)
    }
    const known = typeBytes.get(key) ?? { index: typeBytes.size, bytes: bytesOf(bytes) }
    typeBytes.set(key, known)
    funcTypes.push(type)
    funcNames.push(name)
    return bytesOf((out) => out.unsigned(known.index))
  }

  return {
    importFunc(module, field, type) {
      if (bodies.length > 0) throw new Error(`import ${module}.${field} comes after a function of the module`)
      const index = declare(field, type)
      imports.push(
        bytesOf((out) => {
          out.text(module)
          out.text(field)
          out.byte(0)
          out.raw(index)
        }),
      )
      return funcTypes.length - 1
    },

    func(name, { params = [], results = [], export: exported = false } = {}) {
      const index = funcTypes.length
      typeIndices.push(declare(name, { params, results }))
      if (exported)
        exports.push(
          bytesOf((out) => {
            out.text(exported === true ? name : exported)
            out.byte(0)
            out.unsigned(index)
          }),
        )
      const locals = [...params]
      const scope: Scope = { locals, funcTypes, hasMemory: memory !== undefined }
      const check = validate ? new StackCheck() : undefined
      check?.open('block', results)
      const code = new ByteWriter()
      let count = 0
      let ended = false
      bodies.push(() => {
        if (!ended) throw new Error(`wasm function '${name}' has not ended`)
        const groups = bytesOf((out) => localGroups(out, locals.slice(params.length)))
        return bytesOf((out) => {
          out.unsigned(groups.length + code.length)
          out.raw(groups)
          out.raw(code.view())
        })
      })
      const builder: FuncBuilder = {
        name,
        index,
        local: (type) => locals.push(type) - 1,
        note: () => undefined,
        op(op, ...operands) {
          const stack = check ? `; stack ${check}` : ''
          try {
            const row = opcodes[op]
            opcode(code, row.code)
            const info = encode(row.operand, code, scope, row.limit, operands)
            check?.apply(op, info ?? {})
          } catch (cause) {
            const detail = cause instanceof Error ? cause.message : String(cause)
            throw new Error(`wasm function '${name}', instruction ${count} (${op}): ${detail}${stack}`)
          }
          count++
          return builder
        },
        end() {
          const open = check ? check.frames.length - 1 : 0
          if (open > 0) throw new Error(`wasm function '${name}' ends with ${open} blocks open`)
          builder.op('end')
          ended = true
        },
      }
      return builder
    },

    bytes() {
      const out = new ByteWriter(4096)
      out.raw(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
      section(
        out,
        1,
        [...typeBytes.values()].map((t) => t.bytes),
      )
      section(out, 2, imports)
      section(out, 3, typeIndices)
      section(out, 7, exports)
      section(
        out,
        10,
        bodies.map((body) => body()),
      )
      if (names) {
        const list = bytesOf((o) => {
          o.unsigned(funcNames.length)
          funcNames.forEach((name, i) => {
            o.unsigned(i)
            o.text(name)
          })
        })
        out.byte(0)
        out.sized(
          bytesOf((o) => {
            o.text('name')
            o.byte(1)
            o.sized(list)
          }),
        )
      }
      return out.view().slice()
    },
  }
}
