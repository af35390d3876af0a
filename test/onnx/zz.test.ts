import { compile } from 'gradloom'
import { it } from 'vitest'
import { mlp } from '../mlp'
import { writeOnnx } from '../../src/onnx'
import { decodeModel } from '../../src/onnx/proto/decode'
import { OrtModel } from './ort'
it('w1', async () => {
  const { train, feeds } = mlp('W1')
  const run = compile(train, { target: 'js' })
  const bytes = writeOnnx(run)
  const m = decodeModel(bytes)
  for (const n of m.graph!.node!) console.log(n.opType, n.input!.join(','), '->', n.output!.join(','), n.docString)
  console.log(m.graph!.input!.map((x) => x.name), m.graph!.output!.map((x) => x.name), m.metadataProps)
  const ort = await OrtModel.load(bytes)
  const r = await ort.run({ x: { dtype: 'float32', shape: [32, 64], data: feeds.x }, y: { dtype: 'float32', shape: [32, 10], data: feeds.y } })
  console.log(r['loss'], run(feeds))
})
