import { FormatError, quoted } from '../formats/error'

export type Json = Readonly<Record<string, unknown>>

/** A part of what a file holds and where it stands there, for messages. */
export class Part {
  constructor(
    readonly format: string,
    readonly at: string,
    readonly value: unknown,
  ) {}

  fail(wanted: string): never {
    throw new FormatError(this.format, `${this.at} must be ${wanted}, it is ${shown(this.value)}`, this.at)
  }

  get isList(): boolean {
    return Array.isArray(this.value)
  }

  get isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !this.isList
  }

  /** Whether there is nothing: no such key, or null. */
  get isNothing(): boolean {
    return this.value === undefined || this.value === null
  }

  json(): Json {
    return this.isObject ? (this.value as Json) : this.fail('an object')
  }

  /** What stands under a key; a part of nothing where the object has no such key. */
  get(key: string): Part {
    const json = this.json()
    return this.child(`${this.at}.${key}`, Object.hasOwn(json, key) ? json[key] : undefined)
  }

  entries(): (readonly [key: string, part: Part])[] {
    return Object.entries(this.json()).map(([key, value]) => [key, this.child(`${this.at}.${cut(key)}`, value)])
  }

  list(): Part[] {
    if (!Array.isArray(this.value)) this.fail('a list')
    return this.value.map((value: unknown, i) => this.child(`${this.at}[${i}]`, value))
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a string')
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

  /** Or nothing. */
  maybe<T>(read: (part: this) => T): T | undefined {
    return this.isNothing ? undefined : read(this)
  }

  /** The same under another name, which messages are clearer with. */
  named(at: string): Part {
    return this.child(at, this.value)
  }

  /** Another value at the same place. */
  with(value: unknown): Part {
    return this.child(this.at, value)
  }

  private child(at: string, value: unknown): Part {
    return new Part(this.format, at, value)
  }
}

const cut = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)

export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' && value !== null ? 'an object' : value === undefined ? 'missing' : String(value)
}
