import { GraphError } from './errors'
import { checkKeys, lookUp, sameName } from './names-of'

/** What a part of a layer is made of anew: the name of its class and what that was told, as JSON holds it. */
export interface PartConfig {
  readonly className: string
  readonly config: Readonly<Record<string, unknown>>
}
/** A part is a function; one of the user's own has no config. */
export type Part<F> = F & Partial<PartConfig>
/** How a layer is told of a part. */
export type PartId<F> = string | F | { readonly className: string; readonly config?: object }

/** A function with what it is made of; options that are undefined are those not given. */
export function partFrom<F extends object>(className: string, options: object, run: F): F & PartConfig {
  const config = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return Object.assign(run, { className, config: Object.freeze(config) })
}

/** Parts of one kind, by the names of their classes; each is made from options, whose names it checks. */
export interface PartKind<F> {
  /** What messages call it, such as "initializer". */
  readonly kind: string
  readonly classes: Readonly<Record<string, (options: never) => Part<F>>>
  readonly aliases?: Readonly<Record<string, string>>
  /** Options for which null is a value, by class. */
  readonly nulls?: Readonly<Record<string, readonly string[]>>
}

/** The part that is meant. Throws for a name that is not known, a config of none and an option that it has not. */
export function partOf<F extends object>({ kind, classes, aliases, nulls = {} }: PartKind<F>, id: PartId<F>): Part<F> {
  if (typeof id === 'function') return id
  const { className, config = {} } = requireConfig(kind, typeof id === 'string' ? { className: id } : id)
  const [, kept = []] = Object.entries(nulls).find(([name]) => sameName(name, className)) ?? []
  // JSON has no undefined: what is null there was not given.
  const given = Object.fromEntries(
    Object.entries(config).filter(([key, value]) => value !== null || kept.includes(key)),
  )
  return lookUp(kind, classes, className, aliases)(given as never)
}

/** An object that names a class and may hold options of it. */
export function requireConfig(kind: string, id: unknown): { readonly className: string; readonly config?: object } {
  const { className, config } = (id ?? {}) as Partial<Record<string, unknown>>
  const isConfig = config === undefined || (typeof config === 'object' && config !== null && !Array.isArray(config))
  if (typeof className !== 'string' || !isConfig)
    throw new GraphError(`${kind}: must be a name, a function or { className, config }, it is ${shown(id)}`)
  checkKeys(kind, id as object, ['className', 'config'])
  return { className, ...(config === undefined ? {} : { config }) }
}
const shown = (id: unknown): string => (typeof id === 'object' ? JSON.stringify(id) : String(id)).slice(0, 80)

/** What the part is made of. Throws for a function of the user's own: what it does is in no config. */
export function partConfig(kind: string, { className, config }: Partial<PartConfig>): PartConfig {
  if (className === undefined || config === undefined)
    throw new GraphError(`${kind}: a function of one's own cannot be saved; give one by name, or { className, config }`)
  return { className, config }
}
