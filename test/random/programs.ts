import { compile, type CompileOptions, entry, type Tensor } from 'gradloom'

export const TARGETS = {
  plain: { target: 'js', schedule: 'plain' },
  fast: { target: 'js' },
  unfused: { target: 'js', fuse: false },
  wasm: { target: 'wasm', threads: 1 },
  'wasm unfused': { target: 'wasm', threads: 1, fuse: false },
} as const satisfies Readonly<Record<string, CompileOptions>>
export type TargetName = keyof typeof TARGETS
export const NAMES = Object.keys(TARGETS) as TargetName[]

type Draws = Readonly<Record<string, Tensor>>

/** A program that draws; each call gives copies of the next step's numbers. */
export function drawing(
  body: () => Draws,
  options: CompileOptions = TARGETS.wasm,
): () => Record<string, ArrayLike<number>> {
  const net = compile(
    entry({}, () => ({ outputs: body() })),
    options,
  )
  return () => {
    const results = net({}) as Record<string, number | (ArrayLike<number> & { slice(): ArrayLike<number> })>
    return Object.fromEntries(Object.entries(results).map(([k, v]) => [k, typeof v === 'number' ? [v] : v.slice()]))
  }
}
