import { EXAMPLES } from '../models/index'
import type { PassName, Stage } from '../protocol'

export const STAGES = ['traced', 'expanded', 'simplified', 'kernels'] as const satisfies readonly Stage[]
export const SCHEDULES = ['plain', 'fast'] as const
export const TARGETS = ['js', 'wasm'] as const
export const TABS = ['formulas', 'kernels', 'memory', 'passes', 'train'] as const
export type Tab = (typeof TABS)[number]

/** The passes that can be switched off, and what they do. */
export const PASS_TEXT: Readonly<Record<PassName, string>> = {
  simplify: 'algebra, common subexpressions, views moved to where they cost nothing',
  save: 'loops keep what their gradient would compute again',
  hoist: 'products that no turn changes are made before the loop',
  sink: 'sums over turns are made after the loop',
  inline: 'pointwise values are computed where they are read',
  epilogue: 'pointwise readers of a sum are part of its loop',
  group: 'kernels that share operands are one loop',
  inPlace: 'updates overwrite the old value',
  reuse: 'buffers whose lives do not overlap share memory',
}
export const PASSES = Object.keys(PASS_TEXT) as readonly PassName[]

/** All that a link says: a model and how it is shown. */
export interface Settings {
  /** The name of a built-in model, or '' for the text. */
  readonly model: string
  readonly text: string
  readonly entry: string
  readonly bindings: Readonly<Record<string, number>>
  readonly stage: Stage
  /** Scopes that are open; as many as stay readable if undefined. */
  readonly open: readonly string[] | undefined
  readonly schedule: (typeof SCHEDULES)[number]
  readonly target: (typeof TARGETS)[number]
  readonly fuse: boolean
  readonly off: readonly PassName[]
  readonly tab: Tab
}

export const DEFAULTS: Settings = {
  model: EXAMPLES[0].name,
  text: EXAMPLES[0].text,
  entry: '',
  bindings: {},
  stage: 'simplified',
  open: undefined,
  schedule: 'plain',
  target: 'js',
  fuse: true,
  off: [],
  tab: 'formulas',
}
