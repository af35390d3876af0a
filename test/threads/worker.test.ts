import { expect, it } from 'vitest'
import { CONTROL, CONTROL_WORDS, MOST_THREADS, WORKER_TEXT } from '../../src/runtime/thread-text'

/** Runs the text of a worker in this thread; returns what its messages go to, and what it posts. */
function worker() {
  const posted: unknown[] = []
  let receive: (message: object) => void = () => undefined
  const parentPort = {
    on: (_: string, listener: typeof receive) => (receive = listener),
    postMessage: (message: unknown) => posted.push(message),
  }
  const engine = { Instance: class { readonly exports = {} } } // prettier-ignore
  new Function('require', 'self', 'WebAssembly', WORKER_TEXT)(() => ({ parentPort }), undefined, engine)
  return { posted, receive: (message: object) => receive(message) }
}

it.each([0, MOST_THREADS - 2])('worker %i counts what it has loaded in a word of its own', (index) => {
  const memory = { buffer: new SharedArrayBuffer(4 * CONTROL_WORDS) }
  const control = new Int32Array(memory.buffer)
  // More messages than there will be, so that it does not wait for work.
  control[CONTROL.messages] = 99
  const { posted, receive } = worker()
  receive({ memory, index, spin: 0 })
  receive({ module: {}, math: [], jobs: [] })
  expect(posted).toEqual([{ loaded: 1 }])
  const counters = [...control.subarray(CONTROL.loaded)]
  expect(counters).toEqual(counters.map((_, i) => Number(i === index)))
})
