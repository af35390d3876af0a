import {
  add,
  compile,
  type CompileOptions,
  entry,
  mul,
  type State,
  sum,
  tensor,
  type Tensor,
  type Update,
  variable,
  type Variable,
} from 'gradloom'

export interface Numbers {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
export type Float = 'float32' | 'float64'
export type Updates = (loss: Tensor, variables: readonly Variable[]) => readonly Update[]

export const TARGETS = ['js', 'wasm'] as const
export const list = (x: unknown): readonly number[] => (typeof x === 'number' ? [x] : [...(x as Float64Array)])

export interface Trainer {
  /** One step with these gradients. */
  step(gradients: readonly Numbers[]): void
  value(name: string): readonly number[]
  set(name: string, value: number): void
  readonly program: object
  readonly state: State
}

/** Variables under a loss whose gradients are what is fed. */
export function trainer(
  names: readonly string[],
  first: readonly Numbers[],
  updates: Updates,
  dtype: Float = 'float32',
  options: CompileOptions = {},
): Trainer {
  const data = (x: Numbers) => (dtype === 'float32' ? Float32Array.from(x.data) : Float64Array.from(x.data))
  const variables = first.map((v, i): Variable => variable(names[i]!, v.shape, data(v), { dtype }))
  const feeds = Object.fromEntries(first.map(({ shape }, i) => [`g${i}`, tensor(shape, dtype)]))
  const train = entry(feeds, (fed) => {
    const losses = variables.map((v, i) => sum(mul(v, fed[`g${i}`]!)) as Tensor)
    const loss = losses.reduce((a, b) => add(a, b))
    return { outputs: {}, updates: updates(loss, variables) }
  })
  const program = compile({ train }, options)
  return {
    program,
    state: program.state,
    step: (gradients) => {
      const fed = gradients.map((g, i) => [`g${i}`, g.shape.length === 0 ? g.data[0] : data(g)])
      ;(program.train as (feeds: object) => unknown)(Object.fromEntries(fed))
    },
    value: (name) => list(program.state.get(name)),
    set: (name, value) => program.state.set(name, value as never),
  }
}

/** The first number that is further from what is wanted than `absolute + relative · |wanted|`. */
export function fault(
  what: string,
  found: readonly number[],
  wanted: readonly number[],
  relative: number,
  absolute: number,
): string | undefined {
  if (found.length !== wanted.length) return `${what}: ${found.length} numbers, ${wanted.length} are right`
  const i = wanted.findIndex((w, at) => !(Math.abs(found[at]! - w) <= absolute + relative * Math.abs(w)))
  return i < 0 ? undefined : `${what}[${i}] is ${found[i]}, ${wanted[i]} is right`
}

const RENAMED: Readonly<Record<string, string>> = {
  clipnorm: 'clipNorm',
  global_clipnorm: 'globalClipNorm',
  clipvalue: 'clipValue',
}
const camel = (name: string): string => RENAMED[name] ?? name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase())

/** A config of Keras in our names, without some. */
export function camelConfig(config: object, drop: readonly string[]): Record<string, unknown> {
  const kept = Object.entries(config).filter(([name]) => !drop.includes(name))
  return Object.fromEntries(
    kept.map(([name, value]) => {
      const rate = value as { readonly class_name: string; readonly config: object } | null
      return typeof rate === 'object' && rate !== null && 'class_name' in rate
        ? [camel(name), { className: rate.class_name, config: camelConfig(rate.config, ['name']) }]
        : [camel(name), value as unknown]
    }),
  )
}
