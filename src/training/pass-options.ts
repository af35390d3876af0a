import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { type Callback, Callbacks, ALL_HOOKS, ORDERS } from './callback'

type Rule = readonly [fits: (x: unknown) => boolean, text: string]
const COUNT: Rule = [(x) => Number.isSafeInteger(x) && (x as number) >= 1, 'a whole number from 1']
const SWITCH: Rule = [(x) => typeof x === 'boolean', 'true or false']
const isEpochs = (x: unknown): boolean => COUNT[0](x) || (Array.isArray(x) && x.every(COUNT[0]))

/** What options have to be, by their names; the others are looked at where they are used. */
const RULES: Readonly<Record<string, Rule>> = {
  batchSize: COUNT,
  epochs: COUNT,
  steps: COUNT,
  stepsPerEpoch: COUNT,
  validationSteps: COUNT,
  validationBatchSize: COUNT,
  validationFreq: [isEpochs, 'a whole number from 1, or a list of epochs'],
  validationSplit: [(x) => typeof x === 'number' && x >= 0 && x < 1, 'a number from 0 up to 1 (not 1)'],
  verbose: [(x) => x === 0 || x === 1 || x === 2, '0, 1 or 2'],
  shuffle: SWITCH,
  resident: SWITCH,
  callbacks: [Array.isArray, 'a list of callbacks'],
  workerDeadline: [(x) => typeof x === 'number' && x > 0, 'a number of milliseconds above 0'],
  yieldEvery: [(x) => typeof x === 'number' && x >= 0, 'a number of milliseconds'],
}

/** Throws for an option that does not exist, and for one that is not what it has to be. */
export function checkOptions(what: string, options: object, known: readonly string[]): void {
  checkKeys(what, options, known)
  for (const [key, value] of Object.entries(options)) {
    const [fits, text] = RULES[key] ?? [() => true, '']
    if (value !== undefined && !fits(value))
      throw new GraphError(`${what}: ${key} must be ${text}, it is ${shown(value)}`)
  }
}

/** Throws for targets beside a dataset: its elements have them. */
export function checkNoTargets(what: string, [y, options]: readonly unknown[]): void {
  if (options !== undefined || Array.isArray(y) || ArrayBuffer.isView(y))
    throw new GraphError(`${what}: beside a dataset there are options only; its elements are { x, y, sampleWeight }`)
}

/** Callbacks of a call. Throws for what is none, and for hooks that do not exist. */
export function callbacksOf(what: string, list: readonly Callback[]): Callbacks {
  list.forEach((callback: unknown, i) => checkCallback(`${what}: element ${i} of callbacks`, callback))
  return new Callbacks(list)
}

function checkCallback(where: string, callback: unknown): void {
  if (typeof callback !== 'object' || callback === null)
    throw new GraphError(`${where} must be an object with hooks such as onEpochEnd, it is ${shown(callback)}`)
  for (const key in callback)
    if (/^on(_|[A-Z])/.test(key) && !(ALL_HOOKS as readonly string[]).includes(key))
      throw new GraphError(`${where}: there is no hook "${key}"; there are ${ALL_HOOKS.join(', ')}`)
  const given = callback as Readonly<Record<string, unknown>>
  for (const key of CALLED)
    if (given[key] !== undefined && typeof given[key] !== 'function')
      throw new GraphError(`${where}: ${key} must be a function, it is ${shown(given[key])}`)
  if (!(ORDERS as readonly unknown[]).includes(given.order))
    throw new GraphError(`${where}: order must be 'late' or 'last', or absent; it is ${shown(given.order)}`)
}

const CALLED = [...ALL_HOOKS, 'setModel', 'setRun', 'release', 'getState', 'setState'] as const

const shown = (x: unknown): string =>
  typeof x === 'string' ? JSON.stringify(x) : typeof x === 'function' ? 'a function' : ArrayBuffer.isView(x) || Array.isArray(x) ? 'an array' : String(x) // prettier-ignore
