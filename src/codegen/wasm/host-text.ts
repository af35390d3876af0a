import { MEANING, type PointFn } from '../../ir/evaluate'
import type { Fn } from '../../ir/functions'
import { atom } from '../expression'
import { type Dialect, jsDialect } from '../js'
import type { MathFunction } from '../js-math'

/** Functions of the host as they are written into a module that nothing is passed to. */
export interface HostText {
  /** The members of the object that is imported as `math`. */
  readonly members: readonly string[]
  readonly helpers: ReadonlySet<MathFunction>
}

/** What `MEANING` says of the functions that a module imports, as JavaScript: both give the same numbers, bit for bit. */
export function hostText(imports: readonly PointFn[]): HostText {
  const helpers = new Set<MathFunction>()
  const dialect = jsDialect({ approximate: false, types: false, uses: (name) => helpers.add(name) })
  const printers: Partial<Record<Fn, Dialect['fn']['add']>> = dialect.fn
  const members = imports.map((fn) => {
    const print = printers[fn]
    if (!print) throw new Error(`${fn} is no function of the host`)
    const names = MEANING[fn].length === 2 ? ['a', 'b'] : ['a']
    const { text } = print(names.map(atom), 'float64', 'float64')
    const list = names.join(', ')
    // Where the text is a mere call, what is called will do: engines know those of Math by themselves.
    const called = text.endsWith(`(${list})`) ? text.slice(0, -list.length - 2) : ''
    const value = /^[\w.]+$/.test(called) ? called : `(${list}) => ${text}`
    return value === fn ? fn : `${fn}: ${value}`
  })
  return { members, helpers }
}
