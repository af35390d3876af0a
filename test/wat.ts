import wabt from 'wabt'
import { emitModule } from '../src/codegen/wasm/module'
import { entryInternals } from '../src/compile/internals'
import type { Settings } from '../src/compile/options'
import { wasmKernels } from '../src/compile/wasm-kernels'

const toolkit = await wabt()
const FEATURES = { simd: true, threads: true, bulk_memory: true, sat_float_to_int: true, relaxed_simd: true }

/** What an assembler that is not ours makes of a text, without names. */
export function printedBinary(text: string): number[] {
  const module = toolkit.parseWat('source.wat', text, FEATURES)
  try {
    module.resolveNames()
    const { buffer } = module.toBinary({ canonicalize_lebs: true, write_debug_names: false })
    // Of the engine, since that of the toolkit allows no shared memory.
    if (!WebAssembly.validate(Uint8Array.from(buffer))) throw new Error('the text is no valid module')
    return [...buffer]
  } finally {
    module.destroy()
  }
}

/** The module of an entry on WebAssembly, without names; in another schedule, at the same addresses. */
export function binaryOf(run: object, schedule: Settings['schedule']): number[] {
  const { program, current } = entryInternals('test', run)
  const { compilation, placement } = current!
  const { addressOf, memory } = placement!
  const settings = { ...program.settings, schedule }
  const { bytes } = emitModule({ ...wasmKernels(compilation, settings), ...settings, addressOf, memory })
  return withoutNames(bytes)
}

/** Drops custom sections. */
function withoutNames(bytes: Uint8Array): number[] {
  const kept = [...bytes.subarray(0, 8)]
  for (let at = 8; at < bytes.length;) {
    let size = 0
    let end = at + 1
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[end++]!
      size += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    end += size
    if (bytes[at] !== 0) kept.push(...bytes.subarray(at, end))
    at = end
  }
  return kept
}
