import type { Fault } from '../protocol'

/** What an editor has to be told and to tell, whichever it is. */
export interface EditorView {
  readonly setText: (text: string) => void
  readonly setLocked: (locked: boolean) => void
  readonly setFault: (fault: Fault | undefined) => void
  readonly setMarks: (lines: ReadonlySet<number>, picked: ReadonlySet<number>) => void
  /** Brings a line into sight. */
  readonly reveal: (line: number) => void
  readonly destroy: () => void
}

export interface EditorEvents {
  readonly onText: (text: string) => void
  /** The line under the pointer, or none. */
  readonly onPoint: (line: number | undefined) => void
  /** The line of the caret, when the user has moved it. */
  readonly onCaret: (line: number) => void
}

export interface EditorStart extends EditorEvents {
  readonly text: string
  readonly locked: boolean
}
