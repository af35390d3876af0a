import { GraphError } from '../ir/errors'

const PLACE = /\{([^{}:]*)(?::(0?)(\d*)(?:\.(\d+))?([dfeg]?))?\}/g

/**
 * A file name from a pattern: `{epoch}`, `{val_loss:.2f}` or `{epoch:03d}` become values, written as Python's format does it.
 * Throws a GraphError that lists the values where there is none of a name.
 */
export function fileName(owner: string, pattern: string, values: Readonly<Record<string, number>>): string {
  return pattern.replace(PLACE, (_, name: string, zero = '', width = '', precision?: string, kind = '') => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined)
      throw new GraphError(
        `${owner}: there is no value for {${name}} in "${pattern}"; there are ${Object.keys(values).join(', ')}`,
      )
    const text = written(value, precision === undefined ? undefined : Number(precision), kind)
    if (zero === '') return text.padStart(Number(width))
    // The sign counts and stays in front.
    const sign = text.startsWith('-') ? '-' : ''
    return sign + text.slice(sign.length).padStart(Number(width) - sign.length, '0')
  })
}

function written(value: number, precision: number | undefined, kind: string): string {
  if (kind === 'f') return value.toFixed(precision ?? 6)
  // Python's exponents have two digits.
  if (kind === 'e') return value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2')
  if (kind === 'd') return value.toFixed(0)
  return precision === undefined ? String(value) : String(Number(value.toPrecision(precision)))
}
