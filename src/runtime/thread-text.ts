/** Control words of a pool, at the start of the shared memory. */
export const CONTROL = {
  /** Which part is to be done: a number that grows with each, and the job in the low half. */
  word: 0,
  /** How many parts workers have done since the pool began. */
  done: 1,
  /** Workers asleep until `word` changes. */
  sleeping: 2,
  /** Whether the main thread sleeps until `done` changes. */
  waiting: 3,
  /** Messages sent to the workers, each to all of them. */
  messages: 4,
  /** Modules that every worker has loaded: one counter a worker from here on. */
  loaded: 8,
} as const

/** More threads than this gain nothing. */
export const MOST_THREADS = 64
/** Words of control in all. */
export const CONTROL_WORDS = CONTROL.loaded + MOST_THREADS

/** The job that is none: workers look at their messages. */
export const LEAVE = 0xffff

/**
 * What a worker runs, as text of its own: it must not depend on files or imports, which a bundler would move. Between
 * messages it waits for parts to do, spinning at first, then asleep.
 */
export const WORKER_TEXT = `'use strict'
const isNode = typeof self === 'undefined' || typeof self.postMessage !== 'function'
const port = isNode ? require('node:worker_threads').parentPort : self
const jobs = []
let control, mine, index, spin, memory
let received = 0
let loaded = 0
function receive(message) {
  received++
  if (message.memory) {
    memory = message.memory
    control = new Int32Array(memory.buffer, 0, ${CONTROL_WORDS})
    index = message.index
    spin = message.spin
    mine = 0
  } else if (message.module) {
    const none = () => { throw new Error('functions of the host are not at hand on other threads') }
    const math = Object.fromEntries(message.math.map((name) => [name, none]))
    const { exports } = new WebAssembly.Instance(message.module, { env: { memory, split: none, guard: none, tick: none }, math })
    for (const { job, name, from, to, panel } of message.jobs) jobs[job] = { run: exports[name], from, to, panel }
    Atomics.store(control, ${CONTROL.loaded} + index, ++loaded)
    port.postMessage({ loaded })
  } else {
    for (const job of message.drop) delete jobs[job]
  }
  serve()
}
function serve() {
  let spins = 0
  while (Atomics.load(control, ${CONTROL.messages}) === received) {
    const word = Atomics.load(control, ${CONTROL.word})
    if (word === mine) {
      if (spins++ < spin) continue
      Atomics.add(control, ${CONTROL.sleeping}, 1)
      Atomics.wait(control, ${CONTROL.word}, mine)
      Atomics.sub(control, ${CONTROL.sleeping}, 1)
      spins = 0
      continue
    }
    mine = word
    spins = 0
    const job = word & 0xffff
    if (job === ${LEAVE}) continue
    const { run, from, to, panel } = jobs[job]
    run(from, to, panel)
    Atomics.add(control, ${CONTROL.done}, 1)
    if (Atomics.load(control, ${CONTROL.waiting}) !== 0) Atomics.notify(control, ${CONTROL.done})
  }
}
if (isNode) port.on('message', receive)
else self.onmessage = ({ data }) => receive(data)
`
