import { unzipSync } from 'fflate'
import { loadKeras } from 'gradloom/keras'
import { FormatError } from '../../../src/formats/error'
import { GraphError } from '../../../src/ir/errors'
import type { AnyModel } from '../../../src/models/model'
import { DEADLINE, h5Worker } from '../h5-worker'
import { mutated } from '../mutate'
import { mutatedJson } from '../mutate-json'
import { oneOf } from '../random'
import type { Reader } from '../reader'
import { written } from './h5'
import { verifyModel } from './layers-model'
import { zipped } from '../zipped'

/** An archive in order, of which one entry is not. */
function forged(random: () => number): Uint8Array {
  const files = unzipSync(oneOf(random, written('.keras')))
  const name = oneOf(random, ['config.json', 'config.json', 'config.json', 'metadata.json', 'model.weights.h5'])
  if (random() < 0.05) delete files[name]
  else if (name.endsWith('.h5')) files[name] = new Uint8Array(mutated([files[name]!], random))
  else files[name] = Buffer.from(mutatedJson(new TextDecoder().decode(files[name]), random))
  return zipped(files, { level: oneOf(random, [0, 6]) })
}

export const keras: Reader = {
  name: 'keras',
  samples: () => written('.keras'),
  read: async (bytes) => (await loadKeras(bytes, { worker: await h5Worker(), deadline: DEADLINE })).model,
  refusals: [FormatError, GraphError],
  verify: (result) => verifyModel(result as AnyModel),
  few: 150,
  forged,
}
