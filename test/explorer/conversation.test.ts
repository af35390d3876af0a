import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Answer, Question } from '../../explorer/src/protocol'
import { Conversation, type Port } from '../../explorer/src/state/conversation'

/** A worker that answers when the test says so. */
class FakeWorker implements Port {
  readonly asked: Question[] = []
  isEnded = false
  onmessage: Port['onmessage'] = null
  onerror: Port['onerror'] = null
  postMessage(question: Question): void {
    this.asked.push(question)
  }
  terminate(): void {
    this.isEnded = true
  }
  say(answer: Answer): void {
    this.onmessage!({ data: answer } as MessageEvent<Answer>)
  }
  finish(id: number): void {
    this.say({ kind: 'outline', id, entries: [] })
    this.say({ kind: 'done', id, milliseconds: 1, isWhole: true })
  }
}

const question = (id: number, text: string): Question => ({
  id,
  model: { text },
  view: { bindings: {}, schedule: 'plain', target: 'js', fuse: true, off: [] },
  drawing: { stage: 'traced' },
})

const PATIENCE = { running: 100, compiling: 1000, waiting: 20 }

function talk() {
  const workers: FakeWorker[] = []
  const heard: string[] = []
  const conversation = new Conversation(
    () => {
      const worker = new FakeWorker()
      workers.push(worker)
      return worker
    },
    {
      answer: (answer) => heard.push('id' in answer ? `${answer.kind} ${answer.id}` : answer.kind),
      stopped: (why) => heard.push(`stopped ${why}`),
      failed: (message) => heard.push(`failed ${message}`),
    },
    PATIENCE,
  )
  const ready = (): void => workers.at(-1)!.say({ kind: 'ready', textAllowed: true })
  return { conversation, workers, heard, ready }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a conversation with a worker', () => {
  it('asks one question at a time, and of those that wait only the latest', () => {
    const { conversation, workers, heard, ready } = talk()
    ready()
    for (const id of [1, 2, 3]) conversation.ask(question(id, 'a'))
    expect(workers[0]!.asked.map((q) => q.id)).toEqual([1])
    workers[0]!.finish(1)
    expect(workers[0]!.asked.map((q) => q.id)).toEqual([1, 3])
    workers[0]!.finish(3)
    // What belongs to questions that are out of date is not passed on.
    expect(heard).toEqual(['ready', 'outline 3', 'done 3'])
    vi.advanceTimersByTime(10_000)
    expect(workers).toHaveLength(1)
  })

  it('stops a model that does not end, and the next question gets a fresh worker', () => {
    const { conversation, workers, heard, ready } = talk()
    ready()
    conversation.ask(question(1, 'for (;;);'))
    vi.advanceTimersByTime(99)
    expect(workers[0]!.isEnded).toBe(false)
    vi.advanceTimersByTime(1)
    expect(workers[0]!.isEnded).toBe(true)
    expect(heard.at(-1)).toBe('stopped running')
    conversation.ask(question(2, 'b'))
    expect(workers[1]!.asked.map((q) => q.id)).toEqual([2])
  })

  it('gives the compiler longer than the model', () => {
    const { conversation, workers, heard, ready } = talk()
    ready()
    conversation.ask(question(1, 'a'))
    workers[0]!.say({ kind: 'outline', id: 1, entries: [] })
    vi.advanceTimersByTime(999)
    expect(workers[0]!.isEnded).toBe(false)
    vi.advanceTimersByTime(1)
    expect(heard.at(-1)).toBe('stopped compiling')
  })

  it('does not count the time in which the worker loads', () => {
    const { conversation, workers, ready } = talk()
    conversation.ask(question(1, 'a'))
    vi.advanceTimersByTime(5000)
    ready()
    vi.advanceTimersByTime(99)
    expect(workers[0]!.isEnded).toBe(false)
    vi.advanceTimersByTime(1)
    expect(workers[0]!.isEnded).toBe(true)
  })

  it('does not let an old model keep a new one waiting, but lets it finish for another view of itself', () => {
    const { conversation, workers, heard, ready } = talk()
    ready()
    conversation.ask(question(1, 'old'))
    conversation.ask(question(2, 'old'))
    vi.advanceTimersByTime(50)
    expect(workers).toHaveLength(1)
    conversation.ask(question(3, 'new'))
    vi.advanceTimersByTime(1)
    expect(workers[0]!.isEnded).toBe(true)
    expect(workers[1]!.asked.map((q) => q.id)).toEqual([3])
    expect(heard.filter((h) => h.startsWith('stopped'))).toEqual([])
  })

  it('says that a worker could not be loaded', () => {
    const { conversation, workers, heard } = talk()
    conversation.ask(question(1, 'a'))
    workers[0]!.onerror!({ message: 'no such file' } as ErrorEvent)
    expect(heard).toEqual(['failed no such file'])
    conversation.close()
  })
})
