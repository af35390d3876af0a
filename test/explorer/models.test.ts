import { inspect } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { stretchesOf } from '../../explorer/src/code/stretches'
import { tokensOf } from '../../explorer/src/code/tokens'
import { EXAMPLES } from '../../explorer/src/models/index'
import { marksOf } from '../../explorer/src/state/links'
import { STAGES } from '../../explorer/src/state/settings'
import { drawingOf } from '../../explorer/src/worker/drawing/drawing'
import { entriesOf } from '../../explorer/src/worker/entries'
import { evaluateText } from '../../explorer/src/worker/evaluate'

const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  cnn: ['net.train', 'net.predict'],
  layers: ['net.train', 'net.evaluate', 'net.predict'],
  logistic: ['gradients.generated', 'gradients.byHand'],
  attention: ['block.train'],
}

describe.each(EXAMPLES)('the built-in model $name', async ({ name, text }) => {
  const entries = entriesOf(await evaluateText(text))
  const [first] = entries
  const bindings = first!.dims.length > 0 ? { bindings: Object.fromEntries(first!.dims.map((d) => [d, 8])) } : {}
  const inspection = inspect(first!.run, bindings)

  it('has the entries that are meant', () => {
    const expected = ENTRIES[name] ?? ['net.train']
    expect(entries.map((e) => e.name)).toEqual(expect.arrayContaining([...expected]))
    expect(entries[0]!.name).toBe(expected[0])
  })

  it('is cut into the functions of its kernels, and nothing of the code is lost', () => {
    for (const target of ['js', 'wasm'] as const) {
      const shown = inspect(first!.run, { ...bindings, target })
      const stretches = stretchesOf(shown)
      const ids = stretches.flatMap((s) => s.kernels.map((k) => k.id))
      expect(ids.sort((a, b) => a - b)).toEqual(shown.kernels.map((k) => k.id))
      for (const { kernels, text } of stretches) for (const k of kernels) expect(text).toContain(k.name)
      const inked = (t: string): string => t.replace(/\s/g, '')
      expect(inked(stretches.map((s) => s.text).join('\n'))).toBe(inked(shown.code.text))
      for (const { text } of stretches)
        expect(
          tokensOf(text, target)
            .map((t) => t.text)
            .join(''),
        ).toBe(text)
    }
  })

  it.each(STAGES)('is drawn as %s, and all three views lead to each other', (stage) => {
    const drawing = drawingOf(inspection, { stage })
    expect(drawing.nodes.length).toBeGreaterThan(1)
    const keys = drawing.nodes.map((n) => n.key)
    expect(new Set(keys).size).toBe(keys.length)
    const within = drawing.nodes.every(
      (n) => n.x - n.width / 2 >= 0 && n.y - n.height / 2 >= 0 && n.x <= drawing.width && n.y <= drawing.height,
    )
    expect(within).toBe(true)
    for (const kernel of inspection.kernels) {
      const marks = marksOf({ kind: 'kernel', kernel: kernel.id }, inspection, drawing)
      expect([...marks.kernels]).toEqual([kernel.id])
      for (const key of marks.nodes) {
        const back = marksOf({ kind: 'node', key }, inspection, drawing)
        expect(back.kernels, `${kernel.name} and ${key}`).toContain(kernel.id)
      }
      for (const line of marks.lines)
        expect(marksOf({ kind: 'line', line }, inspection, drawing).kernels).toContain(kernel.id)
    }
  })
})
