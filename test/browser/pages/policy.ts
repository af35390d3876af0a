// What compiles and trains where a content security policy forbids code from strings, and perhaps WebAssembly.
import { compile, type CompileOptions } from 'gradloom'
import { mlp } from '../../mlp'
import { report } from '../visit'
import { type Trained, trained } from './training'

/** By the options as JSON: what training came to, or the error. */
export type PolicyReport = Readonly<Record<string, Trained | { readonly error: string }>>

const { train, feeds } = mlp('W1')
const results: Record<string, Trained | { readonly error: string }> = {}
const list = JSON.parse(new URLSearchParams(location.search).get('options')!) as CompileOptions[]
for (const options of list) {
  try {
    const net = compile(train, options)
    await net.ready
    results[JSON.stringify(options)] = trained(net, feeds, 50)
    net.dispose()
  } catch (error) {
    results[JSON.stringify(options)] = { error: String(error) }
  }
}
report(results satisfies PolicyReport)
