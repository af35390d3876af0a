import { inspect } from 'gradloom/inspect'
import type { Inspection } from 'gradloom/inspect'
import type { Answer, DrawingChoice, Fault, Model, Question, View } from '../protocol'
import { drawingOf } from './drawing/drawing'
import { entriesOf, type Shown } from './entries'
import { allowsText, evaluateExample, evaluateText, syntaxErrorLine } from './evaluate'
import { faultOf } from './fault'

type Say = (answer: Answer) => void

/** A value that is made anew when what it is made from has changed. */
interface Kept<T> {
  readonly key: string
  readonly value: T
}

/** Extents that named dimensions have until the page says others. */
const USUAL = 32

/** What a worker has made and said, for one page. */
export class Answerer {
  private entries: Kept<readonly Shown[] | Fault> | undefined
  private inspection: Kept<Inspection> | undefined
  private drawing = ''

  constructor(private readonly say: Say) {}

  /** Answers in pieces; a piece that the page has had is left out. Never rejects. */
  async answer({ id, model, view, drawing }: Question): Promise<void> {
    const start = performance.now()
    let isWhole = false
    try {
      const entries = await this.entriesFor(id, model)
      if ('message' in entries) this.say({ kind: 'fault', id, fault: entries })
      else {
        this.show(id, entries, view, drawing)
        isWhole = true
      }
    } catch (error) {
      this.say({ kind: 'fault', id, fault: faultOf(error) })
    }
    this.say({ kind: 'done', id, milliseconds: performance.now() - start, isWhole })
  }

  private async entriesFor(id: number, model: Model): Promise<readonly Shown[] | Fault> {
    const key = JSON.stringify(model)
    if (this.entries?.key !== key) {
      const value = await entriesOrFault(model)
      this.entries = { key, value }
      this.inspection = undefined
    }
    const { value } = this.entries
    if (!('message' in value))
      this.say({ kind: 'outline', id, entries: value.map(({ name, dims }) => ({ name, dims })) })
    return value
  }

  private show(id: number, entries: readonly Shown[], view: View, choice: DrawingChoice): void {
    const key = JSON.stringify(view)
    if (this.inspection?.key !== key) {
      const entry = entries.find((e) => e.name === view.entry) ?? entries[0]!
      const inspection = inspected(entry, view)
      this.inspection = { key, value: inspection }
      this.drawing = ''
      this.say({ kind: 'inspection', id, inspection })
    }
    const drawn = JSON.stringify(choice)
    if (this.drawing === drawn) return
    this.say({ kind: 'drawing', id, drawing: drawingOf(this.inspection.value, choice) })
    this.drawing = drawn
  }
}

async function entriesOrFault(model: Model): Promise<readonly Shown[] | Fault> {
  try {
    const entries = entriesOf(await ('example' in model ? evaluateExample(model.example) : evaluateText(model.text)))
    if (entries.length > 0) return entries
    return {
      message:
        'the model compiles no entry: call compile({ name: entry(inputs, body) }), or export a compiled model of layers',
    }
  } catch (error) {
    const fault = faultOf(error)
    const isLost = error instanceof SyntaxError && fault.line === undefined && 'text' in model && allowsText()
    const line = isLost ? await syntaxErrorLine(model.text) : undefined
    return line === undefined ? fault : { ...fault, line }
  }
}

function inspected({ run, dims }: Shown, { bindings, schedule, target, fuse, off }: View): Inspection {
  const options = {
    schedule,
    target,
    ...(fuse ? {} : { fuse }),
    ...(off.length === 0 ? {} : { passes: Object.fromEntries(off.map((pass) => [pass, false])) }),
  }
  const bound = (names: readonly string[], otherwise: Readonly<Record<string, number>> = {}) => ({
    bindings: Object.fromEntries(names.map((d) => [d, bindings[d] ?? otherwise[d] ?? USUAL])),
  })
  if (dims.length > 0) return inspect(run, { ...options, ...bound(dims) })
  // A program of layers says its dimensions only once it has been compiled.
  const first = inspect(run, options)
  const names = Object.keys(first.bindings)
  if (names.every((d) => (bindings[d] ?? first.bindings[d]) === first.bindings[d])) return first
  return inspect(run, { ...options, ...bound(names, first.bindings) })
}
