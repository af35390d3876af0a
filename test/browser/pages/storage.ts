// Keeps a model in the browser: the first visit trains and saves it, the second loads it and forgets it.
import { deleteBytes, fromBlob, getBytes, listBytes, putBytes, toBlob } from 'gradloom/formats'
import { layers, loadModel, saveModel, sequential } from 'gradloom/nn'
import { report } from '../visit'

export interface StorageReport {
  readonly names: readonly string[]
  readonly sizes: readonly number[]
  readonly predicted: readonly number[]
  readonly throughBlob: boolean
  readonly left: number
  readonly missing: boolean
}

const x = Float32Array.of(1, 2, 3, 4)
const isFirst = new URLSearchParams(location.search).get('visit') === 'first'
if (isFirst) {
  const net = sequential([layers.dense({ units: 3, inputShape: [2] }), layers.dense({ units: 1 })])
  await putBytes('net', Uint8Array.of(1))
  await putBytes('net', saveModel(net))
  await putBytes('odd/näme', new Uint8Array(7))
}
const bytes = (await getBytes('net'))!
const predicted = await loadModel(bytes).predict([...x].map((_, i) => [i, 1]))
const list = await listBytes()
const gone = isFirst ? [] : [await deleteBytes('net'), await deleteBytes('odd/näme'), await deleteBytes('net')]
report({
  names: list.map(({ name }) => name),
  sizes: list.map(({ size }) => size),
  predicted: [...(predicted as Float32Array)],
  throughBlob: String(await fromBlob(toBlob(bytes))) === String(bytes),
  left: (await listBytes()).length,
  missing: isFirst || (String(gone) === 'true,true,false' && (await getBytes('net')) === undefined),
} satisfies StorageReport)
