import { GraphError } from '../ir/errors'

/** JSON of a value; fields that are undefined are left out. Throws a GraphError that says what JSON cannot hold, and where. */
export function jsonOf(what: string, value: unknown): string {
  checkJson(what, value)
  return JSON.stringify(value)
}

function checkJson(path: string, value: unknown): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (Array.isArray(value)) return value.forEach((element, i) => checkJson(`${path}[${i}]`, element))
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null)) {
    for (const [key, field] of Object.entries(value)) if (field !== undefined) checkJson(`${path}.${key}`, field)
    return
  }
  const kind = typeof value === 'object' ? value.constructor.name : typeof value
  throw new GraphError(`${path} cannot be written: it is ${typeof value === 'number' ? String(value) : `a ${kind}`}`)
}
