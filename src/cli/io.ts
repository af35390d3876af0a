/** Where text goes: a stream of Node, or what a test puts in its place. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** What a command touches outside itself, besides files. */
export interface Io {
  readonly out: Sink
  readonly err: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  /** Paths on the command line count from here. */
  readonly cwd: string
}
