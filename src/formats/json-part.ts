/** A part of a JSON value that a file or a user gave and where it stands there, for messages. */
export abstract class JsonPart {
  constructor(
    readonly value: unknown,
    readonly at: string,
  ) {}

  /** Throws: the part is not what is wanted. */
  abstract fail(wanted: string): never

  /** Another value, at another place. */
  protected abstract child(value: unknown, at: string): this

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

  list(): this[] {
    if (!Array.isArray(this.value)) this.fail('a list')
    return this.value.map((value: unknown, i) => this.child(value, `${this.at}[${i}]`))
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a string')
  }

  /** Or nothing. */
  maybe<T>(read: (part: this) => T): T | undefined {
    return this.isNothing ? undefined : read(this)
  }
}
