import { FormatError, quoted } from '../formats/error'
import { JsonPart } from '../formats/json-part'

/** An object of a JSON file. */
export type Json = Readonly<Record<string, unknown>>

/** A part of what a file holds and where it stands there, for messages. */
export class Part extends JsonPart {
  constructor(
    readonly format: string,
    at: string,
    value: unknown,
  ) {
    super(value, at)
  }

  override fail(wanted: string): never {
    throw new FormatError(this.format, `${this.at} must be ${wanted}, it is ${shown(this.value)}`, this.at)
  }

  json(): Json {
    return this.isObject ? (this.value as Json) : this.fail('an object')
  }

  /** What stands under a key; a part of nothing where the object has no such key. */
  get(key: string): Part {
    const json = this.json()
    return this.child(Object.hasOwn(json, key) ? json[key] : undefined, `${this.at}.${key}`)
  }

  entries(): (readonly [key: string, part: Part])[] {
    return Object.entries(this.json()).map(([key, value]) => [key, this.child(value, `${this.at}.${cut(key)}`)])
  }

  /** A whole number from 0. */
  count(): number {
    return Number.isSafeInteger(this.value) && (this.value as number) >= 0
      ? (this.value as number)
      : this.fail('a whole number from 0')
  }

  number(): number {
    return typeof this.value === 'number' && Number.isFinite(this.value) ? this.value : this.fail('a finite number')
  }

  /** The same under another name, which messages are clearer with. */
  named(at: string): Part {
    return this.child(this.value, at)
  }

  /** Another value at the same place. */
  with(value: unknown): Part {
    return this.child(value, this.at)
  }

  protected override child(value: unknown, at: string): this {
    return new Part(this.format, at, value) as this
  }
}

const cut = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)

export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' && value !== null ? 'an object' : value === undefined ? 'missing' : String(value)
}
