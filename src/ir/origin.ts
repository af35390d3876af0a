import { GraphError } from './errors'
import { requireFunction, valueText } from './names-of'
import { fileName, libraryOf, type Place, placesOf } from './place'
import type { Tensor } from './tensor'

/**
 * Where a tensor comes from: names for people, the user's line, and for gradients the tensor they belong to.
 * Never part of equality: two tensors that compute the same are the same whatever their origins.
 */
export interface Origin {
  /** The path of enclosing `scope` calls, joined by '/'. */
  readonly scope: string
  /** A name the user gave: `named`, an input's key, a variable's name. */
  readonly name?: string
  /** Set on the complete cotangent of `of` with respect to `loss`. */
  readonly gradient?: Gradient
  /** The forward tensor whose gradient rule made this one. */
  readonly rule?: Tensor
  /** A forward tensor that is computed a second time for the gradient. */
  readonly recomputed?: true
  /** The composite that this tensor took the place of, where its formula says more. */
  readonly written?: Tensor
  readonly site?: Site
  /** The function that was called, where it is made of ops of other names. */
  readonly call?: string
  /** The arm of a choice in which it was written, and so is computed only where that arm is taken. */
  readonly arm?: object
}

export interface Gradient {
  readonly of: Tensor
  readonly loss: Tensor
  /** What it is the sum of; none for the loss itself. */
  readonly terms: readonly Term[]
}

/** What arrives at a tensor on one of the paths from the loss. */
export interface Term {
  /** The tensor made of it, whose gradient rule says so, and the gradients of that from which it does: one, of loops several. */
  readonly by: Tensor
  readonly from: readonly Tensor[]
  readonly cotangent: Tensor
}

/** A place in the user's code. The stack is formatted only when somebody asks. */
export interface Site {
  readonly stack: Error
  /** Where it was asked for, if no line of the user's is among the frames that the engine kept. */
  readonly otherwise?: Site
}

interface Context {
  scope: string
  rule: Tensor | undefined
  /** Set while a pass builds on behalf of a tensor: that tensor's line counts, not the pass's. */
  site: Site | undefined
  sites: boolean
  otherwise?: Site
  arm?: object
  call?: string
}
// Ambient like the trace. All but `arm`, which says where a choice computes a tensor, affects names and comments only.
let context: Context = { scope: '', rule: undefined, site: undefined, sites: true }

export function currentOrigin(): Origin {
  const site = siteOfNow()
  const { scope, rule, arm, call } = context
  if (arm || call)
    return {
      scope,
      ...(arm ? { arm } : {}),
      ...(call ? { call } : {}),
      ...(rule ? { rule } : {}),
      ...(site ? { site } : {}),
    }
  if (rule) return site ? { scope, rule, site } : { scope, rule }
  return site ? { scope, site } : { scope }
}

function within<T>(inner: Context, body: () => T): T {
  const outer = context
  context = inner
  try {
    return body()
  } finally {
    context = outer
  }
}

/** Everything built inside belongs to an arm of a choice. */
export const withinArm = <T>(arm: object, body: () => T): T => within({ ...context, arm }, body)

/** Where the code is that is running now, or nothing where lines are not recorded. */
export const siteOfCall = (): Site | undefined => (context.sites ? { stack: new Error() } : undefined)

/** Everything built inside has that line. */
export const atSite = <T>(site: Site | undefined, body: () => T): T =>
  site ? within({ ...context, site }, body) : body()

/** Everything built inside that finds no line of the user's near has that one: graphs that are built long after they were asked for. */
export const askedForAt = <T>(otherwise: Site | undefined, body: () => T): T =>
  otherwise ? within({ ...context, otherwise }, body) : body()

export const currentCall = (): string | undefined => context.call

/** Messages about what is built inside speak of the function that was called; of calls in each other, the first. */
export const calledAs = <T>(name: string, body: () => T): T => within({ ...context, call: context.call ?? name }, body)

/** Gradients and rewritten tensors take the line of what they belong to: only the user's own calls look at the stack. */
function siteOfNow(): Site | undefined {
  const inherited = context.site ?? context.rule?.origin.site
  if (inherited || !context.sites || context.rule) return inherited
  const { otherwise } = context
  return otherwise ? { stack: new Error(), otherwise } : { stack: new Error() }
}

/**
 * Names a region of the model: tensors made inside `body` carry `name/` in front of their names in generated code.
 * Affects names and comments only.
 */
export function scope<T>(name: string, body: () => T): T {
  if (typeof name !== 'string') throw new GraphError(`scope: the name must be a string, it is ${valueText(name)}`)
  requireFunction('scope: the body', body)
  const outer = context.scope
  context.scope = outer === '' ? name : `${outer}/${name}`
  try {
    return body()
  } finally {
    context.scope = outer
  }
}

export const currentScope = (): string => context.scope

/** Everything built inside is built on behalf of a tensor: it takes over its scope, rule and line. */
export function onBehalfOf<T>({ scope: path, rule, site, call }: Origin, body: () => T): T {
  const { sites, otherwise } = context
  const kept = { ...(otherwise ? { otherwise } : {}), ...(call ? { call } : {}) }
  return within({ scope: path, rule, site, sites, ...kept }, body)
}

/** Everything built inside belongs to the gradient rule of `rule`. */
export function withinRule<T>(rule: Tensor | undefined, body: () => T): T {
  const outer = context.rule
  context.rule = rule
  try {
    return body()
  } finally {
    context.rule = outer
  }
}

/**
 * Switches the recording of the user's file and line on or off (on at first). Recording costs about a microsecond
 * for each tensor that is built; messages and comments lose their line without it.
 */
export function recordSites(on: boolean): void {
  context.sites = on
}

// Frames inside the library are skipped.
const isOwn = libraryOf(placesOf(stackOf(new Error()))[0]?.file ?? '')

function stackOf({ stack }: Error): string {
  // Whoever replaced `Error.prepareStackTrace` may have made it anything.
  return typeof stack === 'string' ? stack : ''
}

const places = new WeakMap<Error, Place | false>()

/**
 * The user's line on which something was built: the first frame outside the library, or undefined where lines were not
 * recorded. Stacks are read when somebody asks, and each only once.
 */
export const placeOf = ({ site }: Origin): Place | undefined => site && placeAt(site)

function placeAt({ stack, otherwise }: Site): Place | undefined {
  const known = places.get(stack)
  if (known !== undefined) return known || undefined
  const near = placesOf(stackOf(stack)).find(({ file }) => !isOwn(file))
  const place = near ?? (otherwise && placeAt(otherwise))
  places.set(stack, place ?? false)
  return place
}

/** The same for people, as `file:line`. */
export function siteText(origin: Origin): string | undefined {
  const place = placeOf(origin)
  return place && `${fileName(place.file)}:${place.line}`
}
