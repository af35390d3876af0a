/** JSON that keeps every number: those that JSON has no form for, and -0, are objects with one key. */
const KEY = '$number'

export const writeJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'number' && (!Number.isFinite(v) || Object.is(v, -0))
      ? { [KEY]: Object.is(v, -0) ? '-0' : String(v) }
      : v,
  )

/** Throws a SyntaxError for what is no JSON. */
export const readJson = (text: string): unknown =>
  JSON.parse(text, (_, v: unknown) => {
    if (typeof v !== 'object' || v === null || !Object.hasOwn(v, KEY)) return v
    return Number((v as Record<string, unknown>)[KEY])
  })
