import { describe, expect, it } from 'vitest'
import { layerKinds } from '../../src/layers/registry'
import { checkRecord, type LayerRecord, layerRecords } from './keras-records'
import { layerOfRecord } from './keras-args'

/** Records that are not compared, each with its reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {}
/** How many are, so that none falls out unseen. */
const COMPARED = 197

const known = (r: LayerRecord): boolean => layerKinds.has(r.layer) && !(r.id in LEFT_OUT)

describe('layers that Keras computed', () => {
  const compared = layerRecords.filter(known)
  it(`are ${COMPARED} of ${layerRecords.length}`, () => {
    expect(compared.length).toBe(COMPARED)
    expect(Object.keys(LEFT_OUT).filter((id) => !layerRecords.some((r) => r.id === id))).toEqual([])
  })
  for (const target of ['js', 'wasm'] as const)
    it.each(compared.map((r) => [r.id, r] as const))(`%s on ${target}`, (_, record) => {
      checkRecord(record, layerOfRecord(record), target)
    })
})
