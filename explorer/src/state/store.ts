import { batch, computed, effect, signal } from '@preact/signals'
import type { Inspection } from 'gradloom/inspect'
import { type Example, exampleOf } from '../models/index'
import type { Answer, Drawing, EntryOutline, Fault, PassName, Question, Stage } from '../protocol'
import { addressOf, settingsOf } from './address'
import { Conversation, PATIENCE, type Port } from './conversation'
import { DEFAULTS, type Settings, type Tab } from './settings'

/** What is shown and how: all that a link keeps. */
export const text = signal(DEFAULTS.text)
/** The name of the built-in model that the text is, or '' once it has been changed. */
export const model = signal(DEFAULTS.model)
export const entry = signal('')
export const bindings = signal<Readonly<Record<string, number>>>({})
export const stage = signal<Stage>(DEFAULTS.stage)
/** Scopes of the graph that are opened up, by their paths; the worker chooses as long as the user has not. */
export const open = signal<readonly string[] | undefined>(undefined)
export const schedule = signal(DEFAULTS.schedule)
export const target = signal(DEFAULTS.target)
export const fuse = signal(true)
export const off = signal<readonly PassName[]>([])
export const tab = signal<Tab>(DEFAULTS.tab)

/** What the worker has said last. A part stays until its successor is there. */
export const entries = signal<readonly EntryOutline[]>([])
export const inspection = signal<Inspection | undefined>(undefined)
export const drawing = signal<Drawing | undefined>(undefined)
export const fault = signal<Fault | undefined>(undefined)
export const isBusy = signal(true)
export const milliseconds = signal<number | undefined>(undefined)
export const textAllowed = signal(true)
/** What the page has to say beside errors of the model. */
export const notice = signal('')

/** Whether what is shown belongs to an earlier state of the model. */
export const isStale = computed(() => fault.value !== undefined && inspection.value !== undefined)

const settings = computed((): Settings => ({
  model: model.value,
  text: text.value,
  entry: entry.value,
  bindings: bindings.value,
  stage: stage.value,
  open: open.value,
  schedule: schedule.value,
  target: target.value,
  fuse: fuse.value,
  off: off.value,
  tab: tab.value,
}))

/** The text that the worker gets: it follows once nothing has been typed for a moment. */
const settled = signal(DEFAULTS.text)
const PAUSE = 200
let typing: ReturnType<typeof setTimeout> | undefined

function take(s: Settings): void {
  clearTimeout(typing)
  batch(() => {
    model.value = s.model
    text.value = s.text
    settled.value = s.text
    entry.value = s.entry
    bindings.value = s.bindings
    stage.value = s.stage
    open.value = s.open
    schedule.value = s.schedule
    target.value = s.target
    fuse.value = s.fuse
    off.value = s.off
    tab.value = s.tab
  })
}

/** Shows a built-in model as it is. */
export const choose = ({ name, text }: Pick<Example, 'name' | 'text'>): void =>
  take({ ...settings.peek(), model: name, text, entry: '', bindings: {}, open: undefined })

/** The text has been changed in the editor. */
export function edit(changed: string): void {
  if (changed === text.peek()) return
  batch(() => {
    text.value = changed
    if (exampleOf(model.peek())?.text !== changed) model.value = ''
  })
  clearTimeout(typing)
  typing = setTimeout(() => (settled.value = changed), PAUSE)
}

/** An address with all of it. */
export const link = async (): Promise<string> =>
  `${location.href.replace(/#.*$/, '')}#${await addressOf(settings.peek())}`

let conversation: Conversation | undefined
let count = 0

const question = computed((): Omit<Question, 'id'> => {
  const example = exampleOf(model.value)
  return {
    model: textAllowed.value || !example ? { text: settled.value } : { example: example.name },
    view: {
      entry: entry.value,
      bindings: bindings.value,
      schedule: schedule.value,
      target: target.value,
      fuse: fuse.value,
      off: off.value,
    },
    drawing: { stage: stage.value, ...(open.value ? { open: open.value } : {}) },
  }
})

function heard(answer: Answer): void {
  batch(() => {
    switch (answer.kind) {
      case 'ready':
        textAllowed.value = answer.textAllowed
        return
      case 'outline':
        entries.value = answer.entries
        return
      case 'inspection':
        inspection.value = answer.inspection
        return
      case 'drawing':
        drawing.value = answer.drawing
        return
      case 'fault':
        fault.value = answer.fault
        return
      case 'done':
        isBusy.value = false
        milliseconds.value = answer.milliseconds
        if (answer.isWhole) fault.value = undefined
    }
  })
}

const seconds = (why: keyof typeof PATIENCE): string => `${PATIENCE[why] / 1000} seconds`
const STOPPED = {
  running: `The model did not end within ${seconds('running')} and was stopped: is there a loop without end? Change it to try again.`,
  compiling: `Compiling took more than ${seconds('compiling')} and was stopped. A smaller batch, or a scan in place of many equal steps, may help.`,
} as const

const end = (message: string): void =>
  batch(() => {
    isBusy.value = false
    fault.value = { message }
  })

/** Reads the address, and from then on keeps address, worker and what is shown in step. */
export async function begin(startWorker: () => Port): Promise<void> {
  conversation = new Conversation(startWorker, {
    answer: heard,
    stopped: (why) => end(STOPPED[why]),
    failed: (message) => end(`The compiler could not be started: ${message}. Reload the page to try again.`),
  })
  await readAddress()
  effect(() => {
    const asked = question.value
    isBusy.value = true
    conversation!.ask({ id: ++count, ...asked })
  })
  let writing: ReturnType<typeof setTimeout> | undefined
  effect(() => {
    const now = settings.value
    clearTimeout(writing)
    writing = setTimeout(() => void write(now), PAUSE)
  })
  addEventListener('hashchange', () => void readAddress())
}

async function write(now: Settings): Promise<void> {
  const hash = await addressOf(now)
  if (settings.peek() === now) history.replaceState(null, '', `#${hash}`)
}

async function readAddress(): Promise<void> {
  const { settings, problem } = await settingsOf(location.hash)
  take(settings)
  notice.value = problem ?? ''
}
