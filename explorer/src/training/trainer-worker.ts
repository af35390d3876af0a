import { confine } from '../worker/confine'
import type { Command, Report } from './protocol'
import { Trainer } from './trainer'

/** The part of a worker's global scope that is used; the DOM's types describe a window. */
interface Scope {
  postMessage(report: Report): void
  addEventListener(type: 'message', listener: (event: MessageEvent<Command>) => void): void
}

const scope = globalThis as unknown as Scope
const say = scope.postMessage.bind(scope)
const trainer = new Trainer(say)
let turn = Promise.resolve()
scope.addEventListener('message', ({ data }) => {
  // Answered at once, whatever is being waited for: only a worker that is stuck does not.
  if (data.kind === 'ping') say({ kind: 'alive' })
  else turn = turn.then(() => trainer.hear(data))
})
confine()
