import type { Buffer, Item, Plan } from '../../ir/plan'
import { quoted } from '../run-text'

type CheckItem = Extract<Item, { kind: 'check' }>

/** What JavaScript has to do with around a step of WebAssembly. */
export interface Surface {
  /** Those that a step may fail, in the order of their numbers. */
  readonly checks: readonly CheckItem[]
  /** Buffers that are written before a step or read after it, each once. */
  readonly shown: readonly Buffer[]
}

export function surfaceOf({ items, inputs, outputs }: Plan): Surface {
  const checks = items.flatMap((item) => (item.kind === 'check' ? [item] : []))
  return { checks, shown: [...new Set([...inputs.values(), ...outputs.values(), ...checks.map((c) => c.count)])] }
}

/** A function around `step`, which says by its result which check has failed. */
export function checkedStepText(
  name: string,
  step: string,
  checks: readonly CheckItem[],
  nameOf: (b: Buffer) => string,
): string {
  const cases = checks.map(
    (c, i) => `  if (failed === ${i + 1}) checkCount(${nameOf(c.count)}, ${quoted(c.message)})\n`,
  )
  return `function ${name}() {\n  const failed = ${step}()\n${cases.join('')}}`
}
