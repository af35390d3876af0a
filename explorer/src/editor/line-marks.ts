import { type Extension, RangeSet, type Range, StateEffect, StateField, type Text } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'

interface LineMarks {
  readonly lines: ReadonlySet<number>
  readonly picked: ReadonlySet<number>
}

/** Lights up lines. */
export const setLineMarks = StateEffect.define<LineMarks>()

const lit = Decoration.line({ class: 'line-lit' })
const kept = Decoration.line({ class: 'line-picked' })

function decorate({ lines, picked }: LineMarks, doc: Text): DecorationSet {
  const ranges: Range<Decoration>[] = []
  for (const line of [...new Set([...lines, ...picked])].sort((a, b) => a - b)) {
    if (line < 1 || line > doc.lines) continue
    const at = doc.line(line).from
    if (lines.has(line)) ranges.push(lit.range(at))
    if (picked.has(line)) ranges.push(kept.range(at))
  }
  return RangeSet.of(ranges)
}

export const lineMarks: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    const set = transaction.effects.find((effect) => effect.is(setLineMarks))
    return set ? decorate(set.value, transaction.newDoc) : marks.map(transaction.changes)
  },
  provide: (field) => EditorView.decorations.from(field),
})
