import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, type Text } from '@codemirror/state'
import { drawSelection, EditorView as View, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Fault } from '../protocol'
import type { EditorStart, EditorView } from './editor-view'
import { lineMarks, setLineMarks } from './line-marks'

const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], class: 'tok-keyword' },
  { tag: [tags.string, tags.special(tags.string)], class: 'tok-string' },
  { tag: [tags.number, tags.bool, tags.null], class: 'tok-number' },
  { tag: tags.comment, class: 'tok-comment' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], class: 'tok-call' },
  { tag: [tags.typeName, tags.typeOperator, tags.className], class: 'tok-type' },
])

/** The editor proper, in place of the text area that stood there until it was loaded. */
export function startCodeMirror(parent: HTMLElement, start: EditorStart): EditorView {
  const lock = new Compartment()
  const locked = (is: boolean) => [EditorState.readOnly.of(is), View.editable.of(!is)]
  // The page sets texts too; only what the user types is told.
  let isTold = true
  const lineAt = (view: View, event: MouseEvent): number | undefined => {
    const at = view.posAtCoords({ x: event.clientX, y: event.clientY })
    return at === null ? undefined : view.state.doc.lineAt(at).number
  }
  const view = new View({
    parent,
    state: EditorState.create({
      doc: start.text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of('  '),
        bracketMatching(),
        lintGutter(),
        javascript({ typescript: true }),
        syntaxHighlighting(highlighting),
        lineMarks,
        // Escape leaves the editor for Tab's usual meaning.
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        lock.of(locked(start.locked)),
        View.contentAttributes.of({
          tabindex: '0',
          'aria-label': 'Model',
          'aria-describedby': 'model-help',
          spellcheck: 'false',
        }),
        View.updateListener.of((update) => {
          if (!isTold) return
          if (update.docChanged) start.onText(update.state.doc.toString())
          else if (update.selectionSet) start.onCaret(update.state.doc.lineAt(update.state.selection.main.head).number)
        }),
        View.domEventHandlers({
          // Pointer events, as in the other views: those of the mouse come later, and would undo what is pointed at there.
          pointermove: (event, v) => start.onPoint(lineAt(v, event)),
          pointerleave: () => start.onPoint(undefined),
        }),
      ],
    }),
  })
  return {
    setText: (text) => {
      if (text === view.state.doc.toString()) return
      isTold = false
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
      isTold = true
    },
    setLocked: (is) => view.dispatch({ effects: lock.reconfigure(locked(is)) }),
    setFault: (fault) => view.dispatch(setDiagnostics(view.state, diagnosticsOf(fault, view.state.doc))),
    setMarks: (lines, picked) => view.dispatch({ effects: setLineMarks.of({ lines, picked }) }),
    reveal: (line) => {
      const at = view.state.doc.line(Math.min(line, view.state.doc.lines)).from
      view.dispatch({ effects: View.scrollIntoView(at, { y: 'center' }) })
    },
    destroy: () => view.destroy(),
  }
}

function diagnosticsOf(fault: Fault | undefined, doc: Text): Diagnostic[] {
  if (fault?.line === undefined || fault.line > doc.lines) return []
  const { from, to, text } = doc.line(fault.line)
  return [{ from: from + (text.length - text.trimStart().length), to, severity: 'error', message: fault.message }]
}
