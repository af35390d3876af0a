import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { marks, picked, pickedIn, pickedMarks, point, pointed } from '../state/pointing'
import { edit, fault, text, textAllowed } from '../state/store'
import type { EditorStart, EditorView } from './editor-view'
import { FaultText } from './fault-text'
import { startPlainEditor } from './plain-editor'

/** The text of the model. */
export function ModelPane() {
  const parent = useRef<HTMLDivElement>(null)
  useEffect(() => keepEditor(parent.current!), [])
  return (
    <>
      <p id="model-help" class="unseen">
        The lines of the model. Where the caret is, the nodes of the graph and the kernels of the code that come from
        that line light up. Tab indents; press Escape first to leave with Tab.
      </p>
      {!textAllowed.value && (
        <p class="banner" role="note">
          This page may not run code from text: its content security policy forbids it. Editing is off; the built-in
          models and all that is shown of them work.
        </p>
      )}
      <div class="editor" ref={parent} />
      <FaultText />
    </>
  )
}

/** Puts a text area into the page, and the editor in its place when it has been loaded. */
function keepEditor(parent: HTMLElement): () => void {
  const start = (): EditorStart => ({
    text: text.peek(),
    locked: !textAllowed.peek(),
    onText: edit,
    onPoint: (line) => point(line === undefined ? undefined : { kind: 'line', line }),
    onCaret: (line) => {
      pickedIn.value = 'model'
      picked.value = { kind: 'line', line }
    },
  })
  let isGone = false
  let stop = connect(startPlainEditor(parent, start()))
  const load = async (): Promise<void> => {
    const { startCodeMirror } = await import('./code-mirror')
    if (isGone) return
    const hadFocus = parent.contains(document.activeElement)
    stop()
    stop = connect(startCodeMirror(parent, start()))
    if (hadFocus) parent.querySelector<HTMLElement>('.cm-content')?.focus()
  }
  // After the first paint. Without it the text area stays.
  const frame = requestAnimationFrame(() => setTimeout(() => void load().catch(() => undefined)))
  return () => {
    isGone = true
    cancelAnimationFrame(frame)
    stop()
  }
}

/** Keeps an editor in step with the page until it is stopped. */
function connect(view: EditorView): () => void {
  const effects = [
    effect(() => view.setText(text.value)),
    effect(() => view.setLocked(!textAllowed.value)),
    effect(() => view.setFault(fault.value)),
    effect(() => view.setMarks(pointed.value ? marks.value.lines : NONE, pickedMarks.value.lines)),
    effect(() => {
      const lines = [...pickedMarks.value.lines]
      if (pickedIn.peek() !== 'model' && lines.length > 0) view.reveal(Math.min(...lines))
    }),
  ]
  return () => {
    for (const end of effects) end()
    view.destroy()
  }
}

const NONE: ReadonlySet<number> = new Set()
