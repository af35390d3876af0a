import { JsonPart } from '../formats/json-part'
import { GraphError } from '../ir/errors'
import { quoted } from '../ir/names-of'
import { shown } from '../layers/option'

/** A part of a config of a model and where it stands in it, for messages. */
export class ConfigPart extends JsonPart {
  override fail(wanted: string): never {
    throw new GraphError(`modelFromConfig: ${this.at} must be ${wanted}, it is ${shown(this.value)}`)
  }

  protected override child(value: unknown, at: string): this {
    return new ConfigPart(value, at) as this
  }

  /** The fields of an object that has no others, as parts; those that may be absent are undefined then. */
  fields<K extends string>(names: readonly K[], optional: readonly K[] = []): Readonly<Record<K, ConfigPart>> {
    const { value, at } = this
    if (!this.isObject) this.fail('an object')
    for (const key of Object.keys(value as object))
      if (!names.includes(key as K) && !optional.includes(key as K))
        throw new GraphError(
          `modelFromConfig: ${at} has ${quoted(key)}, which is none of ${[...names, ...optional].join(', ')}`,
        )
    const own = value as Readonly<Record<string, unknown>>
    for (const name of names)
      if (!Object.hasOwn(own, name)) throw new GraphError(`modelFromConfig: ${at}.${name} is missing`)
    const part = (name: K): ConfigPart =>
      new ConfigPart(Object.hasOwn(own, name) ? own[name] : undefined, `${at}.${name}`)
    return Object.fromEntries([...names, ...optional].map((name) => [name, part(name)])) as Record<K, ConfigPart>
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
}
