import { helperText } from '../codegen/js-math'
import type { Placement, ProgramInternals } from '../compile/internals'
import type { Compilation } from '../compile/pipeline'
import { printCompilation } from '../compile/print'
import { printWasm } from '../compile/print-wasm'
import { checkOneOf } from '../ir/names-of'
import type { PlannedKernel } from '../ir/plan'

/** The form of generated code. */
export interface CodeOptions {
  /** `plain` (the default) for people, `fast` as it runs. */
  readonly schedule?: 'plain' | 'fast'
  /** `js` (the default), or `wasm` for WebAssembly text, whichever of them the program runs as. */
  readonly target?: 'js' | 'wasm'
}

/** A stretch of lines, both ends included; they count from 1. */
export type Lines = readonly [first: number, last: number]

/** The code of a compilation, made when it is asked for. */
export interface Code {
  readonly kernels: readonly { readonly planned: PlannedKernel; readonly name: string }[]
  text(): string
  /** The function that runs a kernel, alone. */
  kernel(index: number): string
  /** Where the function of each kernel stands in the text. */
  lines(): readonly Lines[]
}

export interface Inspected {
  readonly compilation: Compilation
  readonly program: ProgramInternals
  readonly placement: Placement | undefined
}

/** `what` is the function that asks, for its message. */
export function codeOf(what: string, { compilation, program, placement }: Inspected, options: CodeOptions): Code {
  const { schedule = 'plain', target = 'js' } = options
  checkOneOf(what, 'schedule', schedule, ['plain', 'fast'])
  checkOneOf(what, 'target', target, ['js', 'wasm'])
  if (target === 'wasm') return printWasm(compilation, schedule, program, placement)
  const { kernels, text } = printCompilation(compilation, schedule)
  const distinct = [...new Set(kernels.map((k) => k.kernel))]
  const textOf = (index: number): string => text.kernels[distinct.indexOf(kernels[index]!.kernel)]!
  const helpers = helperText(text.helpers, { types: false })
  const parts = [helpers, ...text.kernels, text.step].filter((t) => t !== '')
  return {
    kernels: kernels.map(({ planned, kernel }) => ({ planned, name: kernel.name })),
    text: () => `${parts.join('\n\n')}\n`,
    kernel: (index) => `${textOf(index)}\n`,
    lines: () => {
      const found = new Map<string, Lines>()
      let first = 1
      for (const part of parts) {
        const last = first + part.split('\n').length - 1
        found.set(part, [first, last])
        first = last + 2
      }
      return kernels.map((_, index) => found.get(textOf(index))!)
    },
  }
}
