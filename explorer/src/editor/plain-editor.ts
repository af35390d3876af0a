import type { EditorStart, EditorView } from './editor-view'

/** A text area: there from the first moment, and all there is where the editor cannot be loaded. */
export function startPlainEditor(parent: HTMLElement, start: EditorStart): EditorView {
  const area = document.createElement('textarea')
  area.className = 'plain-editor'
  area.value = start.text
  area.spellcheck = false
  area.wrap = 'off'
  area.readOnly = start.locked
  area.setAttribute('aria-label', 'Model')
  area.setAttribute('aria-describedby', 'model-help')
  area.oninput = () => start.onText(area.value)
  const onSelect = (): void => {
    if (document.activeElement === area) start.onCaret(area.value.slice(0, area.selectionStart).split('\n').length)
  }
  document.addEventListener('selectionchange', onSelect)
  parent.append(area)
  return {
    setText: (text) => {
      if (area.value !== text) area.value = text
    },
    setLocked: (locked) => {
      area.readOnly = locked
    },
    setFault: (fault) => area.setAttribute('aria-invalid', String(fault !== undefined)),
    setMarks: () => undefined,
    reveal: (line) => {
      const { lineHeight } = getComputedStyle(area)
      area.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(lineHeight))
    },
    destroy: () => {
      document.removeEventListener('selectionchange', onSelect)
      area.remove()
    },
  }
}
