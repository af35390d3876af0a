import { GraphError } from '../ir/errors'
import { checkKeys, quoted, requireFunction, requireRecord, valueText } from '../ir/names-of'
import type { AnyLayer, LayerRule } from './layer'
import { isLayer } from './layer-option'
import { type Option, type Options, type Parsed, shown } from './option'
import { layerOptions, type SharedOptions } from './shared-options'

type Check = (where: string, value: unknown) => void
const isFunction: Check = requireFunction
const isText: Check = (where, value) => {
  if (typeof value !== 'string' || value === '')
    throw new GraphError(`${where} must be a string that is not empty, it is ${valueText(value)}`)
}

/** What a rule may say, and must where it is marked; a row that is missing or too many fails to type-check. */
const RULES: { readonly [K in keyof Required<LayerRule>]: { readonly check: Check; readonly isNeeded?: true } } = {
  className: { check: isText, isNeeded: true },
  name: { check: isText, isNeeded: true },
  options: { check: checkTable },
  arity: { check: checkArity },
  check: { check: isFunction },
  call: { check: isFunction, isNeeded: true },
  mask: { check: checkMask },
  parts: { check: isFunction },
  order: { check: isFunction },
  cell: { check: isFunction },
  methods: { check: isFunction },
}

/** The rule of a layer with what is left out. Throws a GraphError for one that no layer can be made by. */
export function checkedRule<T extends Options, M extends object>(rule: LayerRule<T, M>): LayerRule<T, M> {
  checkKeys('defineLayer', rule, Object.keys(RULES), 'key')
  const { className } = rule as { readonly className?: unknown }
  const where = typeof className === 'string' ? `defineLayer of ${quoted(className)}` : 'defineLayer'
  for (const [key, { check, isNeeded }] of Object.entries(RULES)) {
    const value = rule[key as keyof LayerRule]
    if (isNeeded || value !== undefined) check(`${where}: ${key}`, value)
  }
  return (rule.options as T | undefined) ? rule : { ...rule, options: {} as T }
}

/** Every option is a rule: what reads a value, and what writes it into a config. */
function checkTable(where: string, table: unknown): void {
  requireRecord(where, 'options', table)
  for (const [key, option] of Object.entries(table)) {
    if (Object.hasOwn(layerOptions, key))
      throw new GraphError(`${where}: every layer has ${quoted(key)}; another name is needed`)
    const { parse, write } = (option ?? {}) as Partial<Option>
    if (typeof parse === 'function' && typeof write === 'function') continue
    throw new GraphError(
      `${where}: ${quoted(key)} must be a rule of option, such as option.number(1), it is ${shown(option)}`,
    )
  }
}

function checkArity(where: string, arity: unknown): void {
  const { least, most } = (arity ?? {}) as { readonly least?: unknown; readonly most?: unknown }
  if (typeof least === 'number' && typeof most === 'number' && least <= most) return
  throw new GraphError(`${where} must be { least, most }, how many inputs there may be; it is ${shown(arity)}`)
}

function checkMask(where: string, mask: unknown): void {
  if (mask === 'pass' || mask === 'own' || typeof mask === 'function') return
  throw new GraphError(`${where} must be 'pass', 'own' or a function, it is ${shown(mask)}`)
}

/** The layers that a new one is made of. */
export function partsBy<T extends Options>(
  rule: Pick<LayerRule<T>, 'className' | 'parts'>,
  options: Parsed<T>,
  shared: Parsed<SharedOptions>,
): Readonly<Record<string, AnyLayer>> {
  const parts = rule.parts?.(options, shared) ?? {}
  requireRecord(rule.className, 'parts', parts)
  for (const [key, part] of Object.entries(parts)) requireLayer(`${rule.className}: its part ${quoted(key)}`, part)
  return parts
}

/** Throws for what is no layer. */
export function requireLayer(where: string, value: unknown): void {
  if (!isLayer(value)) throw new GraphError(`${where} must be a layer, it is ${valueText(value)}`)
}
