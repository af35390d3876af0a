import { GraphError } from '../ir/errors'
import { quoted } from '../ir/names-of'
import { shown } from '../layers/option'

/** A part of a config of a model and where it stands in it, for messages. */
export class ConfigPart {
  constructor(
    readonly value: unknown,
    readonly path: string,
  ) {}

  fail(wanted: string): never {
    throw new GraphError(`modelFromConfig: ${this.path} must be ${wanted}, it is ${shown(this.value)}`)
  }

  /** The fields of an object that has no others, as parts; those that may be absent are undefined then. */
  fields<K extends string>(names: readonly K[], optional: readonly K[] = []): Readonly<Record<K, ConfigPart>> {
    const { value, path } = this
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail('an object')
    for (const key of Object.keys(value))
      if (!names.includes(key as K) && !optional.includes(key as K))
        throw new GraphError(
          `modelFromConfig: ${path} has ${quoted(key)}, which is none of ${[...names, ...optional].join(', ')}`,
        )
    const own = value as Readonly<Record<string, unknown>>
    for (const name of names)
      if (!Object.hasOwn(own, name)) throw new GraphError(`modelFromConfig: ${path}.${name} is missing`)
    const part = (name: K): ConfigPart =>
      new ConfigPart(Object.hasOwn(own, name) ? own[name] : undefined, `${path}.${name}`)
    return Object.fromEntries([...names, ...optional].map((name) => [name, part(name)])) as Record<K, ConfigPart>
  }

  get isList(): boolean {
    return Array.isArray(this.value)
  }

  list(): ConfigPart[] {
    if (!Array.isArray(this.value)) this.fail('a list')
    return this.value.map((value: unknown, i) => new ConfigPart(value, `${this.path}[${i}]`))
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a string')
  }

  flag(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('true or false')
  }

  integer(): number {
    return Number.isSafeInteger(this.value) ? (this.value as number) : this.fail('a whole number')
  }

  /** A place in a list of so many. */
  place(count: number): number {
    const at = this.integer()
    return at >= 0 && at < count
      ? at
      : this.fail(count === 0 ? 'absent: there is nothing yet' : `from 0 to ${count - 1}`)
  }

  /** Or nothing. */
  maybe<T>(read: (part: this) => T): T | undefined {
    return this.value === undefined || this.value === null ? undefined : read(this)
  }
}
