import type { Answer, Question } from '../protocol'
import { Answerer } from './answer'
import { confine } from './confine'
import { allowsText } from './evaluate'

/** The part of a worker's global scope that is used; the DOM's types describe a window. */
interface Scope {
  postMessage(answer: Answer): void
  addEventListener(type: 'message', listener: (event: MessageEvent<Question>) => void): void
}

const scope = globalThis as unknown as Scope
const say = scope.postMessage.bind(scope)
const answerer = new Answerer(say)
let turn = Promise.resolve()
scope.addEventListener('message', ({ data }) => {
  turn = turn.then(() => answerer.answer(data))
})
confine()
say({ kind: 'ready', textAllowed: allowsText() })
