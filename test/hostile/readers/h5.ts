import { readdirSync, readFileSync } from 'node:fs'
import { loadH5 } from 'gradloom/keras'
import { FormatError } from '../../../src/formats/error'
import { GraphError } from '../../../src/ir/errors'
import type { AnyModel } from '../../../src/models/model'
import { DEADLINE, h5Worker } from '../h5-worker'
import { mutatedJson } from '../mutate-json'
import { oneOf } from '../random'
import type { Reader } from '../reader'
import { verifyModel } from './layers-model'

const FOLDER = new URL('../../fixtures/keras/models/', import.meta.url)
const LARGE = ['a_mlp', 'd_functional']
/** Files that Keras wrote. */
export const written = (extension: string): readonly Uint8Array[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(extension) && !LARGE.some((model) => name.startsWith(model)))
    .map((name) => readFileSync(new URL(name, FOLDER)))

const CONFIG = Buffer.from('{"class_name"')

/** The object that a text begins with; no text in it has a brace. */
function objectAt(text: string): string {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') depth++
    else if (text[i] === '}' && --depth === 0) return text.slice(0, i + 1)
  }
  throw new Error('the object has no end')
}

/** The config of a model in a file is changed where it stands: as long as before, or cut. */
function forged(random: () => number): Uint8Array {
  const file = Buffer.from(oneOf(random, written('.h5')))
  const at = file.indexOf(CONFIG)
  const text = objectAt(file.toString('latin1', at))
  const other = Buffer.from(mutatedJson(text, random))
  const changed = Buffer.alloc(text.length, 0x20)
  other.copy(changed)
  changed.copy(file, at)
  return file
}

export const h5: Reader = {
  name: 'h5',
  samples: () => written('.h5'),
  read: async (bytes) => (await loadH5(bytes, { worker: await h5Worker(), deadline: DEADLINE })).model,
  refusals: [FormatError, GraphError],
  verify: (result) => verifyModel(result as AnyModel),
  few: 100,
  forged,
}
