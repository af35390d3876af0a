import { compile, entry, graphFromJson, graphToJson, type GraphDocument, type State, tensor } from 'gradloom'
import { expect } from 'vitest'
import { build, type Body, type Feeds, type Inputs, type Ran, VARIANTS } from '../ops/cases'

type Way = keyof typeof VARIANTS
const stateOf = ({ net }: Ran): State => (net as { readonly state: State }).state

/** The body of an entry in a text. */
export const bodyOf = (text: string, name = 'main'): Body => graphFromJson(text).entries[name]!.body as never

/** The document of a graph; an input of open size keeps the program from being compiled. */
function documentOf(inputs: Inputs, body: Body): GraphDocument {
  const specs = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, tensor(t.shape, t.dtype)]))
  const net = compile(entry({ ...specs, open: tensor(['N']) }, body), { target: 'js' })
  return graphToJson(net, { bindings: { N: 1 } })
}

/** The document of a graph. What is read back from its text gives the same document. */
export function checkDocument(inputs: Inputs, body: Body): GraphDocument {
  const document = documentOf(inputs, body)
  const text = JSON.stringify(document)
  const again = graphFromJson(text).entries['main']!
  expect(JSON.stringify(documentOf(inputs, again.body as never))).toBe(text)
  return document
}

/** In every way named, what is read back from the text gives the same results and state in two steps, bit for bit. */
export function checkResults(inputs: Inputs, body: Body, feeds: Feeds, ways: readonly Way[]): GraphDocument {
  let document: GraphDocument | undefined
  for (const way of ways) {
    const first = build(inputs, body, VARIANTS[way])
    document ??= graphToJson(first.net)
    const again = build(inputs, bodyOf(JSON.stringify(document)), VARIANTS[way])
    const { names } = stateOf(first)
    expect(stateOf(again).names).toEqual(names)
    // Values are no part of a document.
    for (const name of names) stateOf(again).set(name, stateOf(first).get(name) as never)
    for (const step of [1, 2]) {
      expect(again.run(feeds), `${way}, step ${step}`).toEqual(first.run(feeds))
      for (const name of names) expect(again.state(name), `${way}, ${name}`).toEqual(first.state(name))
    }
  }
  return document!
}
